"""The command line of ``davit``: its verbs, options and what they may say."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, NoReturn

from davit_contract import Layout

if TYPE_CHECKING:
    from collections.abc import Sequence

LEVELS = ("DEBUG", "INFO", "SUCCESS", "WARNING", "FAILURE", "ERROR", "CRITICAL")
_DESCRIPTION = "Discover, check and run jobs on this machine, as a pod does."
_VERBS = {
    "run": "run one job, and show its log and its result",
    "check": "say what is wrong with the folder's modules",
    "discover": "print what the folder's jobs are, as JSON",
    "cluster": "do all that `kubectl davit` does, where davit-operator is installed",
}


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return what the command line says; ``verb`` is one of run, check and discover.

    Wrong syntax ends the program with the usage and exit code 2.
    """
    top = argparse.ArgumentParser(
        prog="davit",
        usage="davit [--version] VERB ...",
        description=_DESCRIPTION,
        epilog="verbs:\n" + "".join(f"  {verb:<12}{text}\n" for verb, text in _VERBS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="print davit's version")
    top.add_argument("verb", metavar="VERB", choices=list(_VERBS), help="`davit VERB --help`")
    top.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    arguments = sys.argv[1:] if arguments is None else arguments
    if not arguments:
        top.print_help(sys.stderr)
        raise SystemExit(2)
    first = top.parse_args(arguments)
    options = _verb_parser(first.verb).parse_intermixed_args(first.rest)
    options.verb = first.verb
    return options


def _verb_parser(verb: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"davit {verb}", description=f"{_VERBS[verb].capitalize()}.", allow_abbrev=False
    )
    if verb == "run":
        parser.usage = "davit run [options] DIR CLASS_PATH"
        parser.add_argument(
            "places", nargs="*", metavar="DIR CLASS_PATH",
            help="where the jobs are (not needed with --layout App), and which one to run: "
            "netops.jobs.vlans.Sync",
        )  # fmt: skip
        _add_run_options(parser)
    else:
        parser.usage = f"davit {verb} [options] DIR"
        parser.add_argument(
            "places", nargs="*", metavar="DIR",
            help="where the jobs are; not needed with --layout App",
        )  # fmt: skip
    code = parser.add_argument_group("where the code is")
    code.add_argument(
        "--layout", choices=[layout.value for layout in Layout],
        help="default: Repository where jobs stand beside __init__.py, else JobsRoot",
    )  # fmt: skip
    code.add_argument("--slug", help="the repository's module name; default: the folder's name")
    code.add_argument(
        "--module", action="append", default=[], metavar="NAME",
        help="layout App: a module to import, once or more; "
        "default: those that installed packages name as davit.jobs",
    )  # fmt: skip
    return parser


def _add_run_options(parser: argparse.ArgumentParser) -> None:
    inputs = parser.add_argument_group("inputs")
    inputs.add_argument(
        "--input", action="append", default=[], metavar="NAME=VALUE",
        help="one input as text; several times for a variable of many values",
    )  # fmt: skip
    inputs.add_argument(
        "--file", action="append", default=[], metavar="NAME=PATH", help="a file for a FileVar"
    )
    inputs.add_argument(
        "--data", default="{}", metavar="JSON", help="inputs as one JSON object, or as @PATH of one"
    )
    how = parser.add_argument_group("how it runs")
    how.add_argument("--user", metavar="NAME", help="who asks for the run; default: you")
    how.add_argument(
        "--log-level", default="DEBUG", type=str.upper, choices=LEVELS, metavar="LEVEL",
        help="least level to show: " + ", ".join(LEVELS).lower(),
    )  # fmt: skip
    for option, what in (("--soft-time-limit", "raises in run()"), ("--time-limit", "kills")):
        how.add_argument(
            option, type=_seconds, metavar="SECONDS",
            help=f"the limit that {what}; 0 for none; default: what the class's Meta says",
        )  # fmt: skip
    how.add_argument("--profile", action="store_true", help="measure run(); makes a .pstats file")
    how.add_argument(
        "--output", metavar="DIR", help="where the job's files go; default: a new temporary folder"
    )


class _Version(argparse.Action):
    """Prints the version; looking for it takes longer than all the rest."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version  # noqa: PLC0415 (see above)

        print(f"davit {version('davit')}")  # noqa: T201 (a command)
        parser.exit()


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < float("inf"):
        message = f"must be seconds, 0 or more, not {text!r}"
        raise argparse.ArgumentTypeError(message)
    return seconds
