"""The command ``davit``: discover, check and run jobs on this machine, as a pod does."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from davit._local import BadUsage, Finished, code_root, discover_here, run_here
from davit_contract import Layout, LogRecord, OutcomeReason, PartType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from davit._runner.load import CodeRoot

OK, FAILED, BAD_USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 0 success, 1 the job (or a module) failed, 2 bad usage or input."""
    options = _parser().parse_args(arguments)
    try:
        root = code_root(options.folder, options.layout, options.slug)
        return int(options.command(root, options))
    except BadUsage as error:
        _complain(f"davit: {error}")
        return BAD_USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="davit", description="Discover, check and run jobs on this machine, as a pod does."
    )
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    discover = verbs.add_parser("discover", help="print what the folder's jobs are, as JSON")
    discover.set_defaults(command=_discover)
    check = verbs.add_parser("check", help="print what is wrong with the folder's modules")
    check.set_defaults(command=_check)
    run = verbs.add_parser("run", help="run one job")
    run.set_defaults(command=_run)
    for verb in (discover, check, run):
        verb.add_argument("folder", metavar="DIR", help="where the jobs are")
    run.add_argument("class_path", metavar="CLASS_PATH", help="for example netops.jobs.vlans.Sync")
    run.add_argument("--data", metavar="JSON", default="{}", help="inputs as one JSON object")
    run.add_argument(
        "--input", metavar="NAME=VALUE", action="append", default=[], help="one input, as text"
    )
    for verb in (discover, check, run):
        verb.add_argument("--layout", choices=[Layout.REPOSITORY, Layout.JOBS_ROOT])
        verb.add_argument("--slug", help="the module namespace of layout Repository")
    return parser


def _discover(root: CodeRoot, _: argparse.Namespace) -> int:
    finished = discover_here(root, _show_on_stderr)
    document = {
        "jobs": finished.documents[PartType.DESCRIPTION],
        "problems": finished.documents[PartType.PROBLEM],
    }
    _say(json.dumps(document, indent=2, ensure_ascii=False))
    return _verdict(finished)


def _check(root: CodeRoot, _: argparse.Namespace) -> int:
    finished = discover_here(root, _show_on_stderr)
    problems = finished.documents[PartType.PROBLEM]
    for problem in problems:
        _say(f"{problem['path']}:{problem['line']}: {problem['message']}")
    if not problems and finished.outcome.error is None:
        _say(f"No problems. Jobs: {len(finished.documents[PartType.DESCRIPTION])}.")
    return FAILED if problems else _verdict(finished)


def _run(root: CodeRoot, options: argparse.Namespace) -> int:
    finished = run_here(root, options.class_path, _inputs(options), _show)
    for result in finished.documents[PartType.RESULT]:
        _say(f"Result: {json.dumps(result, ensure_ascii=False)}")
    _say(finished.outcome.reason)
    return _verdict(finished)


def _inputs(options: argparse.Namespace) -> dict[str, Any]:
    try:
        data = json.loads(options.data)
    except ValueError as error:
        raise BadUsage(f"--data is not valid JSON: {error}") from error
    if not isinstance(data, dict):
        raise BadUsage('--data must be a JSON object, for example {"who": "Ada"}.')
    for text in options.input:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise BadUsage(f'--input must look like NAME=VALUE, got "{text}".')
        data[name] = value
    return data


def _verdict(finished: Finished) -> int:
    """Return the exit code, having told what went wrong."""
    outcome = finished.outcome
    if outcome.reason == OutcomeReason.SUCCEEDED or outcome.error is None:
        return OK
    _complain(outcome.error.traceback.rstrip() or outcome.error.message)
    if outcome.error.traceback and outcome.reason == OutcomeReason.IMPORT_FAILED:
        _complain(outcome.error.message)
    is_bad_input = (
        outcome.reason == OutcomeReason.INVALID_INPUTS or outcome.error.type == "JobNotFound"
    )
    return BAD_USAGE if is_bad_input else FAILED


def _show(record: LogRecord) -> None:
    _say(_text(record))


def _show_on_stderr(record: LogRecord) -> None:
    _complain(_text(record))


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 (a command)


def _complain(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201 (a command)


def _text(record: LogRecord) -> str:
    """Return ``HH:MM:SS LEVEL grouping: message``, in UTC as everything that davit prints."""
    head = f"{record.time[11:19]} {record.level.upper()} {record.grouping}: "
    about = f" [{record.object}]" if record.object else ""
    return f"{head}{record.message}{about}"


if __name__ == "__main__":
    sys.exit(main())
