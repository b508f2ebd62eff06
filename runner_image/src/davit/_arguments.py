"""The command line of ``davit``: its verbs, options and what they may say."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from davit._folder import BadUsage
from davit._given import GivenInputs
from davit_contract import Layout

if TYPE_CHECKING:
    from collections.abc import Sequence

LEVELS = ("DEBUG", "INFO", "SUCCESS", "WARNING", "FAILURE", "ERROR", "CRITICAL")
_DESCRIPTION = "Discover, check and run jobs on this machine, as a pod does."
_VERBS = {
    "run": "run one job, and show its log and its result",
    "check": "say what is wrong with the folder's modules",
    "discover": "print what the folder's jobs are, as JSON",
}
_DATA_EXAMPLE = """--data '{"who": "Ada"}'"""


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


def given_inputs(options: argparse.Namespace) -> GivenInputs:
    """Return the inputs of ``davit run``.

    Raises:
        BadUsage: one is not written as it must be, is given twice, or names no file.
    """
    data = _data(options.data)
    texts: dict[str, list[str]] = {}
    for text in options.input:
        name, value = _pair("--input", "NAME=VALUE", text)
        texts.setdefault(name, []).append(value)
    files: dict[str, str] = {}
    for text in options.file:
        name, path = _pair("--file", "NAME=PATH", text)
        if name in files:
            raise BadUsage(f'--file gives "{name}" twice. Give each variable one file.')
        files[name] = _readable(name, path)
    given = {"--data": data, "--input": texts, "--file": files}
    for name in {**data, **texts, **files}:
        options_of_it = [option for option, names in given.items() if name in names]
        if len(options_of_it) > 1:
            both = " and ".join(options_of_it)
            raise BadUsage(f'Both {both} give "{name}". Give each variable once.')
    return GivenInputs(data=data, texts=texts, files=files)


def _pair(option: str, form: str, text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise BadUsage(f'{option} must look like {form}, got "{text}".')
    return name, value


def _data(text: str) -> dict[str, Any]:
    if text.startswith("@"):
        text = _content(text[1:])
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        cause = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise BadUsage(
            f"--data is not valid JSON: {cause}. Write it as in {_DATA_EXAMPLE}."
        ) from error
    if not isinstance(data, dict):
        raise BadUsage(
            f"--data must be a JSON object, not {_KINDS[type(data)]}. "
            f"Write it as in {_DATA_EXAMPLE}."
        )
    return data


_KINDS = {
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "a boolean",
    type(None): "null",
}


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _content(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise BadUsage(f'--data names the file "{path}", which cannot be read: {cause}.') from error


def _readable(name: str, path: str) -> str:
    """Return the absolute path: the job may change its working folder."""
    try:
        with Path(path).open("rb"):
            return str(Path(path).absolute())
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise BadUsage(
            f'--file gives "{name}" the file "{path}", which cannot be read: {cause}.'
        ) from error
