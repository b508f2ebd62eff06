"""The command ``davit``: discover, check and run jobs on this machine, as a pod does."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from davit._command.arguments import parsed
from davit._command.cluster import CLUSTER, on_cluster
from davit._command.folder import BadUsage, code_root, installed_root
from davit._command.given import given_inputs
from davit._command.kept import write_files
from davit._command.local import Limits, discover_here, run_here
from davit._command.streams import complain, forget_output, prepare_streams, say, screen_on
from davit._command.summary import result_text, summary
from davit._command.terminal import OutputLost, progress_text, shown
from davit_contract import Layout, OutcomeReason, PartType, RunRequest

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from davit._command.local import Finished
    from davit._command.terminal import Screen
    from davit._runner.root import CodeRoot
    from davit_contract import ErrorInfo

OK, FAILED, BAD_USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 0 success, 1 the job (or a module) failed, 2 bad usage or input.

    A run that was cancelled by Ctrl-C, SIGTERM, or because nobody reads its output any more, has
    failed.
    """
    prepare_streams()
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == [CLUSTER]:
        return on_cluster(arguments[1:])
    options = parsed(arguments)
    try:
        return _VERBS[options.verb](options)
    except BadUsage as error:
        complain(f"davit: {error}")
        return BAD_USAGE
    except OutputLost as error:
        forget_output()
        if not isinstance(error.cause, BrokenPipeError):
            complain(f"davit: {error}")
        return FAILED


def _folder_root(options: argparse.Namespace) -> CodeRoot:
    if len(options.places) > 1:
        raise BadUsage(f'davit {options.verb} takes one DIR, got also "{options.places[1]}".')
    return _root(options, options.places[0] if options.places else "")


def _root(options: argparse.Namespace, folder: str, class_path: str = "") -> CodeRoot:
    if options.layout == Layout.APP:
        return installed_root(folder, options.module, class_path)
    if options.module:
        raise BadUsage("--module is for installed packages only. Add --layout App.")
    return code_root(folder, options.layout, options.slug)


def _discover(options: argparse.Namespace) -> int:
    finished = discover_here(_folder_root(options), screen_on(sys.stderr))
    if finished.outcome.reason == OutcomeReason.CANCELLED:
        return _cancelled()
    document = {
        "jobs": finished.documents[PartType.DESCRIPTION],
        "problems": finished.documents[PartType.PROBLEM],
    }
    say(json.dumps(document, indent=2, ensure_ascii=False))
    return _verdict(finished)


def _check(options: argparse.Namespace) -> int:
    finished = discover_here(_folder_root(options), screen_on(sys.stderr))
    if finished.outcome.reason == OutcomeReason.CANCELLED:
        return _cancelled()
    problems = finished.documents[PartType.PROBLEM]
    jobs = finished.documents[PartType.DESCRIPTION]
    for problem in problems:
        place = f"{problem['path']}:{problem['line']}" if problem["line"] else problem["path"]
        say(shown(f"{place}: {problem['message']}"))
    for job in jobs:
        for note in job["notes"]:
            say(shown(f"{job['source_path']}:{job['source_line']}: note: {note}"))
    if not problems and finished.outcome.error is None:
        say(f"No problems. Jobs: {len(jobs)}.")
    return FAILED if problems else _verdict(finished)


def _cancelled() -> int:
    complain("davit: Cancelled before every module was looked at.")
    return FAILED


def _run(options: argparse.Namespace) -> int:
    root, class_path = _code_and_class(options)
    request, inputs = _request(options, root, class_path), given_inputs(options)
    output = _output_folder(options.output)
    screen = screen_on(sys.stdout)
    limits = Limits(options.soft_time_limit, options.time_limit)
    finished = run_here(request, root, inputs, limits, screen)
    if finished.lost is not None:
        raise finished.lost
    screen.end_progress()
    if _is_bad_input(finished):
        complain(f"davit: {_bad_input_text(finished.outcome.error, class_path)}")
        return BAD_USAGE
    return _told(finished, screen, output)


def _code_and_class(options: argparse.Namespace) -> tuple[CodeRoot, str]:
    *folders, class_path = options.places or [""]
    missing = not class_path or (not folders and options.layout != Layout.APP)
    if missing or len(folders) > 1:
        raise BadUsage(
            "davit run takes DIR and CLASS_PATH, as in `davit run my-jobs hello_world.HelloWorld`. "
            "`davit discover DIR` lists the class paths of a folder."
        )
    return _root(options, folders[0] if folders else "", class_path), class_path


def _request(options: argparse.Namespace, root: CodeRoot, class_path: str) -> RunRequest:
    return RunRequest(
        subject="local",
        namespace="",
        name="local",
        class_path=class_path,
        slug=root.slug,
        layout=root.layout,
        commit="",
        artifact_digest="",
        artifact_parts=0,
        requested_by=options.user or _login_name(),
        log_level=options.log_level,
        profile=options.profile,
    )


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user need not have a name.
        return "local"


def _output_folder(text: str | None) -> Path | None:
    """Return the folder for the job's files, made before the job runs, not after it ran in vain."""
    if text is None:
        return None
    try:
        folder = Path(text).absolute()
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise BadUsage(
            f"--output {text} cannot be made a folder: {cause}. Give one that you may write to."
        ) from None
    return folder


def _is_bad_input(finished: Finished) -> bool:
    outcome, error = finished.outcome, finished.outcome.error
    is_missing = error is not None and error.type == "JobNotFound"
    return outcome.reason == OutcomeReason.INVALID_INPUTS or (
        outcome.reason == OutcomeReason.IMPORT_FAILED and is_missing
    )


def _bad_input_text(error: ErrorInfo | None, class_path: str) -> str:
    if error is None or error.type == "JobNotFound":
        return shown(error.message) if error else ""
    lines = "".join(f"\n  {line}" for line in shown(error.message).splitlines())
    return (
        f"The inputs do not fit {class_path}. "
        f"Give them with --input NAME=VALUE, --file NAME=PATH or --data JSON.{lines}"
    )


def _told(finished: Finished, screen: Screen, output: Path | None) -> int:
    """Show how the run ended, and return the exit code."""
    if finished.progress is not None:
        say(progress_text(finished.progress.done, finished.progress.total))
    code = _verdict(finished)
    for result in finished.documents[PartType.RESULT]:
        if result is not None:
            say(f"Result: {shown(result_text(result))}")
    try:
        for file in write_files(finished.documents[PartType.FILE], output):
            say(shown(f"File: {file.path} ({file.size_bytes:,} bytes)"))
    except OSError as error:
        complain(f"davit: The job's files cannot be written: {error}.")
        code = FAILED
    say(screen.painted(summary(finished.outcome), "1;32" if code == OK else "1;31"))
    return code


def _verdict(finished: Finished) -> int:
    """Return the exit code, having told what went wrong."""
    outcome, error = finished.outcome, finished.outcome.error
    if outcome.reason == OutcomeReason.SUCCEEDED or error is None:
        return OK
    if error.traceback:
        complain(shown(error.traceback.rstrip()))
    if not error.traceback or outcome.reason == OutcomeReason.IMPORT_FAILED:
        complain(f"davit: {shown(error.message)}")
    return FAILED


_VERBS = {"run": _run, "check": _check, "discover": _discover}

if __name__ == "__main__":
    sys.exit(main())
