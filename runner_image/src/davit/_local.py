"""The pod's supervisor and child on this machine, over a folder instead of an artifact."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from davit._runner.budget import discovery_budget, run_budget
from davit._runner.clock import utc_now
from davit._runner.load import CodeRoot
from davit._runner.pod import discovery_task, run_task
from davit._runner.records import RecordWriter
from davit._runner.supervise import CancelSwitch, Supervisor
from davit_contract import Layout, LogRecord, PartRecord, PartType, RunRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from davit._runner.budget import Budget
    from davit._runner.fork import Task
    from davit._runner.records import Record
    from davit_contract import Outcome

DISCOVERY_SECONDS = 60


class BadUsage(ValueError):  # noqa: N818 (names the situation)
    """What the user typed cannot be done; the text says why."""


class Finished(NamedTuple):
    """What a supervision on this machine brought."""

    outcome: Outcome
    documents: dict[PartType, list[Any]]


def code_root(folder: str, layout: str | None, slug: str | None) -> CodeRoot:
    """Return the code in ``folder``.

    Without a layout: Repository where jobs stand beside ``__init__.py``, else JobsRoot. Without a
    slug: the folder's name, as the operator makes one of a repository's.

    Raises:
        BadUsage: no such folder, or the slug is no identifier.
    """
    path = Path(folder).resolve()
    if not path.is_dir():
        raise BadUsage(f"{folder} is no folder.")
    if slug is None:
        slug = path.name.replace("-", "_")
        slug = f"a{slug}" if slug[:1].isdigit() else slug
    if not slug.isidentifier():
        raise BadUsage(f'The slug "{slug}" is no Python identifier. Give another with --slug.')
    found = Layout(layout) if layout else _layout_of(path)
    return CodeRoot(path=str(path), layout=found, slug=slug)


def _layout_of(path: Path) -> Layout:
    jobs = (path / "jobs.py", path / "jobs" / "__init__.py")
    if (path / "__init__.py").is_file() and any(file.is_file() for file in jobs):
        return Layout.REPOSITORY
    return Layout.JOBS_ROOT


def run_here(
    root: CodeRoot, class_path: str, inputs: dict[str, Any], show: Callable[[LogRecord], None]
) -> Finished:
    """Run a job below ``root``; ``show`` receives each log record when it is made."""
    request = RunRequest(
        subject="local",
        namespace="",
        name="local",
        class_path=class_path,
        slug=root.slug,
        layout=root.layout,
        commit="",
        artifact_digest="",
        artifact_parts=0,
        inputs=inputs,
        requested_by="local",
        soft_time_limit_seconds=0,
        time_limit_seconds=0,
    )
    return _supervised(run_task(request, root), run_budget(), show)


def discover_here(root: CodeRoot, show: Callable[[LogRecord], None]) -> Finished:
    """Describe the jobs below ``root``."""
    return _supervised(discovery_task("local", root, DISCOVERY_SECONDS), discovery_budget(), show)


def _supervised(task: Task, budget: Budget, show: Callable[[LogRecord], None]) -> Finished:
    texts: dict[PartType, list[str]] = {kind: [] for kind in PartType}

    def take(record: Record, _: bytes) -> None:
        if isinstance(record, LogRecord):
            show(record)
        elif isinstance(record, PartRecord):
            if record.part == 1:
                texts[record.type].append("")
            texts[record.type][-1] += record.data

    _forget_the_working_folder()
    outcome = Supervisor(task, RecordWriter(take, budget, utc_now), CancelSwitch()).supervise()
    return Finished(outcome, {kind: [json.loads(text) for text in texts[kind]] for kind in texts})


def _forget_the_working_folder() -> None:
    """Take the working folder off the import path, where ``python -m davit`` put it.

    In a pod it is not there, and first in the path its files would stand in for Python's own.
    """
    if not sys.flags.safe_path and sys.path and Path(sys.path[0]).resolve() == Path.cwd():
        del sys.path[0]
