"""The command line: verbs, options, and what they may say."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING

from davit_kubectl.seam import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FORMATS = ("json", "yaml", "wide")
VERBS = {
    "run": "run a job, and follow it",
    "logs": "print a run's log, live while it runs",
    "list": "list definitions, runs or repositories",
    "describe": "show what there is to know of one object",
    "cancel": "end runs",
    "enable": "let definitions be run",
    "disable": "let definitions be run no more",
    "files": "list the files that a run made, or fetch one",
    "result": "print what a run returned, as JSON",
}
_DESCRIPTION = "Run davit's jobs, follow their logs, fetch what they made."
EXIT_CODES = """\
exit codes:
  0    done; with --wait or --follow: the run succeeded
  1    it could not be done; the run failed
  2    what was typed cannot be done; the run was rejected, or its inputs do not fit
  3    the run was cancelled
  130  Ctrl-C; the run goes on
"""
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


def parsed(arguments: Sequence[str] | None, program: str) -> argparse.Namespace:
    """Return what the command line says; ``verb`` is one of VERBS.

    Wrong syntax ends the program with the usage and exit code 2.
    """
    top = argparse.ArgumentParser(
        prog=program,
        usage=f"{program} VERB ...",
        description=_DESCRIPTION,
        epilog=_verbs_text() + "\n" + EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_cluster_options(top)
    top.add_argument("verb", metavar="VERB", choices=list(VERBS), help=f"`{program} VERB --help`")
    top.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    arguments = sys.argv[1:] if arguments is None else arguments
    if not arguments:
        top.print_help(sys.stderr)
        raise SystemExit(2)
    first = top.parse_args(arguments)
    given = {name: value for name, value in vars(first).items() if name != "rest"}
    parser = verb_parser(first.verb, program)
    return parser.parse_intermixed_args(first.rest, argparse.Namespace(**given))


def _verbs_text() -> str:
    return "verbs:\n" + "".join(f"  {verb:<12}{text}\n" for verb, text in VERBS.items())


def add_cluster_options(parser: argparse.ArgumentParser) -> None:
    """Add what says which cluster and namespace are meant, as kubectl has it."""
    cluster = parser.add_argument_group("which cluster")
    cluster.add_argument("-n", "--namespace", help="default: the context's")
    cluster.add_argument("--context", help="of the kubeconfig; default: the current one")
    cluster.add_argument("--kubeconfig", metavar="PATH", help="default: KUBECONFIG, ~/.kube/config")
    cluster.add_argument("--as", dest="user", metavar="USER", help="act as another user")
    cluster.add_argument(
        "--as-group", dest="groups", metavar="GROUP", action="append", default=[],
        help="and as a member of a group; several times for several",
    )  # fmt: skip


def verb_parser(verb: str, program: str) -> argparse.ArgumentParser:
    """Return the parser of one verb's arguments."""
    parser = argparse.ArgumentParser(
        prog=f"{program} {verb}", description=f"{VERBS[verb].capitalize()}.", allow_abbrev=False
    )
    _ADDERS[verb](parser)
    add_cluster_options(parser)
    return parser


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXIT_CODES
    parser.add_argument("name", metavar="DEFINITION", help="the JobDefinition to run")
    inputs = parser.add_argument_group("inputs")
    inputs.add_argument(
        "-i", "--input", dest="inputs", action="append", default=[], metavar="NAME=VALUE",
        help="one input, read as its variable's type says; a variable of many values takes commas, "
        "or the option several times",
    )  # fmt: skip
    inputs.add_argument(
        "--input-from", dest="inputs_from", action="append", default=[],
        metavar="NAME=secret/OBJECT/KEY",
        help="take an input from a key of a Secret, or of a ConfigMap (NAME=configmap/OBJECT/KEY); "
        "the only way for sensitive variables and for files",
    )  # fmt: skip
    inputs.add_argument(
        "--data", default="", metavar="JSON", help="inputs as one JSON object, or as @PATH of one"
    )
    inputs.add_argument(
        "--ask", action="store_true", help="ask for every input that is not given, on a terminal"
    )
    how = parser.add_argument_group("how it runs")
    how.add_argument("--name", dest="run_name", metavar="RUN", help="default: a new one")
    how.add_argument("--wait", action="store_true", help="wait for the end; exit as the run did")
    how.add_argument(
        "-f", "--follow", action="store_true", help="print the log meanwhile; exit as the run did"
    )
    _add_output(parser, ("json", "yaml", "name"))


def _add_logs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="RUN", help="the JobRun")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until the run ends")
    parser.add_argument(
        "--level", default="debug", type=str.lower, choices=LEVELS, metavar="LEVEL",
        help="least level to show: " + ", ".join(LEVELS),
    )  # fmt: skip
    parser.add_argument("--grouping", default="", metavar="GROUPING", help="show this one only")
    parser.add_argument(
        "--since", type=duration, metavar="DURATION", help="nothing older, such as 90s, 5m or 1h30m"
    )
    parser.add_argument(
        "--tail", type=_count, metavar="N", help="of what there is already, the last N records"
    )
    _add_output(parser, ("json",), "json: the records as they are, one a line")


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "kind", nargs="?", default="definitions", metavar="KIND",
        help="definitions (default), runs or repositories",
    )  # fmt: skip
    parser.add_argument(
        "-A", "--all-namespaces", action="store_true", help="of all namespaces, not of one"
    )
    parser.add_argument("-l", "--selector", default="", metavar="LABELS", help="such as team=net")
    parser.add_argument("--definition", default="", metavar="NAME", help="runs of this one only")
    parser.add_argument("--phase", default="", metavar="PHASE", help="runs in this phase only")
    parser.add_argument(
        "--hidden", action="store_true", help="also definitions that are marked as hidden"
    )
    _add_output(parser, (*FORMATS, "name"))


def _add_describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "name", metavar="NAME", help="of a run, definition or repository; or KIND/NAME"
    )
    _add_output(parser, ("json", "yaml"))


def _add_names(kind: str) -> Callable[[argparse.ArgumentParser], None]:
    def add(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("names", nargs="+", metavar=kind, help="one or more")

    return add


def _add_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="RUN", help="the JobRun")
    parser.add_argument("file", nargs="?", metavar="NAME", help="the file to fetch")
    parser.add_argument(
        "--number", type=_count, metavar="N", help="which one, where several share a name"
    )
    parser.add_argument(
        "-o", "--output", metavar="FORMAT|PATH",
        help="of the list: json, yaml or wide. Of a file: where it goes, - for standard output; "
        "default: its name, in this folder",
    )  # fmt: skip


def _add_result(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="RUN", help="the JobRun")
    _add_output(parser, ("json", "yaml"))


def _add_output(
    parser: argparse.ArgumentParser, formats: Sequence[str], text: str = "how it is printed"
) -> None:
    shown = "|".join(formats)
    parser.add_argument(
        "-o", "--output", choices=formats, metavar="FORMAT", help=f"{text}: {shown}"
    )


def duration(text: str) -> int:
    """Return the seconds of ``1h30m``, ``90s`` or ``2d``."""
    found = _DURATION.fullmatch(text)
    if not found or not text:
        message = f"must be a duration such as 90s, 5m or 1h30m, not {text!r}"
        raise argparse.ArgumentTypeError(message)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _count(text: str) -> int:
    if not text.isdecimal():
        message = f"must be a number, 0 or more, not {text!r}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


_ADDERS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "run": _add_run,
    "logs": _add_logs,
    "list": _add_list,
    "describe": _add_describe,
    "cancel": _add_names("RUN"),
    "enable": _add_names("DEFINITION"),
    "disable": _add_names("DEFINITION"),
    "files": _add_files,
    "result": _add_result,
}
