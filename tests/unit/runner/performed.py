"""Runs of classes in this process, as a pod performs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from davit import Job
from davit._report import Report
from davit._runner.endings import Executed
from davit._runner.execute import Uninterrupted
from davit._runner.instance import perform
from davit_contract import Layout, RunRequest


class Interrupted(Uninterrupted):
    """A run that was cancelled."""

    cancelled = True


def run_request(job_class: type[Job], **changes: Any) -> RunRequest:
    """Return a request to run ``job_class``."""
    facts: dict[str, Any] = {
        "subject": "uid-1",
        "namespace": "netops",
        "name": "sync-x7",
        "class_path": job_class.class_path,
        "slug": "netops",
        "layout": Layout.REPOSITORY,
        "commit": "c0ffee",
        "artifact_digest": "",
        "artifact_parts": 0,
        **changes,
    }
    return RunRequest(**facts)


def performed(
    job_class: type[Job],
    report: Report | None = None,
    interrupts: Uninterrupted | None = None,
    **changes: Any,
) -> Executed:
    """Return how a run of ``job_class`` ends."""
    return perform(job_class, run_request(job_class, **changes), report or Report(), interrupts)


def job_that(work: Callable[[Job], Any]) -> type[Job]:
    """Return a job whose ``run()`` is ``work``."""

    class Work(Job):
        def run(self) -> Any:
            return work(self)

    return Work
