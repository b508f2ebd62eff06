"""The table of odd cases in Nautobot's life cycle, each performed as a pod performs it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.runner.performed import Interrupted, performed
from tests.unit.runner.traced import BEGUN, Calls, fails, job_class, raises

from davit import Job, SoftTimeLimitExceeded
from davit._compat.celery_exceptions import Ignore, Reject, Retry
from davit.exceptions import JobCancelled
from davit_contract import OutcomeReason

OF_VALUE_ERROR = "with einfo of ValueError"
# Situation: bodies, calls after before_start() and run(), or all; reason, type of the error.
CASES: dict[str, tuple[dict[str, Any], list[str], str, str | None]] = {
    "run returns": (
        {"run": lambda *_: 42},
        [*BEGUN, "on_success 42", "after_return SUCCESS 42 without einfo"],
        "Succeeded", None,
    ),
    "run fails the job": (
        {"run": fails("f", 7)},
        [*BEGUN, "on_failure 7 without einfo", "after_return FAILURE 7 without einfo"],
        "JobFailed", "",
    ),
    "run raises": (
        {"run": raises("r")},
        [*BEGUN, f"on_failure r {OF_VALUE_ERROR}", f"after_return FAILURE r {OF_VALUE_ERROR}"],
        "JobFailed", "ValueError",
    ),
    "before_start raises": (
        {"before_start": raises("b")},
        [
            "before_start", f"on_failure b {OF_VALUE_ERROR}",
            f"after_return FAILURE b {OF_VALUE_ERROR}",
        ],
        "JobFailed", "ValueError",
    ),
    "before_start fails the job": (
        {"before_start": fails("f", "kept")},
        [
            "before_start", "on_failure kept without einfo",
            "after_return FAILURE kept without einfo",
        ],
        "JobFailed", "",
    ),
    "on_success raises": (
        {"on_success": raises("s")},
        [
            *BEGUN, "on_success None", f"on_failure s {OF_VALUE_ERROR}",
            f"after_return FAILURE s {OF_VALUE_ERROR}",
        ],
        "JobFailed", "ValueError",
    ),
    "after_return raises on success": (
        {"after_return": raises("a", once=True)},
        [
            *BEGUN, "on_success None", "after_return SUCCESS None without einfo",
            f"on_failure a {OF_VALUE_ERROR}", f"after_return FAILURE a {OF_VALUE_ERROR}",
        ],
        "JobFailed", "ValueError",
    ),
    "on_failure raises once after a clean fail": (
        {"run": fails("f"), "on_failure": raises("o", once=True)},
        [
            *BEGUN, "on_failure None without einfo", f"on_failure o {OF_VALUE_ERROR}",
            f"after_return FAILURE o {OF_VALUE_ERROR}",
        ],
        "JobFailed", "ValueError",
    ),
    "on_failure raises twice after a clean fail": (
        {"run": fails("f"), "on_failure": raises("o")},
        [*BEGUN, "on_failure None without einfo", f"on_failure o {OF_VALUE_ERROR}"],
        "JobFailed", "ValueError",
    ),
    "on_failure raises after an exception": (
        {"run": raises("r"), "on_failure": raises(KeyError("o"))},
        [*BEGUN, f"on_failure r {OF_VALUE_ERROR}"],
        "JobFailed", "KeyError",
    ),
    "on_success fails the job, too late": (
        {"on_success": fails("f")},
        [*BEGUN, "on_success None", "after_return SUCCESS None without einfo"],
        "Succeeded", None,
    ),
    "run raises Celery's Ignore": (
        {"run": raises(Ignore())}, BEGUN, "JobFailed", "Ignore",
    ),
    "run raises Celery's Reject": (
        {"run": raises(Reject("no"))}, BEGUN, "JobFailed", "Reject",
    ),
    "run raises Celery's Retry": (
        {"run": raises(Retry("again"))},
        [
            *BEGUN, "on_failure again with einfo of Retry",
            "after_return FAILURE again with einfo of Retry",
        ],
        "JobFailed", "Retry",
    ),
    "the soft limit ends run": (
        {"run": raises(SoftTimeLimitExceeded("late"))},
        [
            *BEGUN, "on_failure late with einfo of SoftTimeLimitExceeded",
            "after_return FAILURE late with einfo of SoftTimeLimitExceeded",
        ],
        "SoftTimeLimitExceeded", "SoftTimeLimitExceeded",
    ),
    "the run is cancelled": (
        {"run": raises(JobCancelled("stop"))},
        [
            *BEGUN, "on_failure stop with einfo of JobCancelled",
            "after_return FAILURE stop with einfo of JobCancelled",
        ],
        "Cancelled", "JobCancelled",
    ),
    "run ends the process": (
        {"run": raises(SystemExit(3))}, BEGUN, "JobFailed", "SystemExit",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("bodies", "calls", "reason", "error"), CASES.values(), ids=CASES)
def test_handlers_are_called_in_nautobots_order(
    bodies: dict[str, Any], calls: Calls, reason: str, error: str | None
) -> None:
    seen: Calls = []
    ended = performed(job_class(seen, **bodies))
    assert seen == calls
    assert ended.reason == reason
    assert (ended.error.type if ended.error else None) == error


AGAIN = ["on_retry r with einfo of ValueError", "after_return RETRY r with einfo of ValueError"]


@pytest.mark.parametrize(
    ("bodies", "calls"),
    [
        ({"run": raises("r")}, [*BEGUN, *AGAIN]),
        ({"before_start": raises("r")}, ["before_start", *AGAIN]),
        (
            {"run": raises("r"), "on_retry": raises("o")},
            [*BEGUN, "on_retry r with einfo of ValueError"],
        ),
        (
            {"run": fails("f")},
            [*BEGUN, "on_failure None without einfo", "after_return FAILURE None without einfo"],
        ),
        (
            {"run": raises(JobCancelled())},
            [
                *BEGUN,
                "on_failure  with einfo of JobCancelled",
                "after_return FAILURE  with einfo of JobCancelled",
            ],
        ),
        ({"run": raises(Ignore())}, BEGUN),
    ],
    ids=[
        "run raises",
        "before_start raises",
        "on_retry raises, too",
        "run fails the job",
        "the run is cancelled",
        "Ignore",
    ],
)
def test_on_retry_is_called_in_the_place_of_on_failure(
    bodies: dict[str, Any], calls: Calls
) -> None:
    seen: Calls = []
    ended = performed(job_class(seen, **bodies), retries_left=1)
    assert seen == calls
    assert ended.reason is not OutcomeReason.SUCCEEDED


def test_a_cancelled_job_is_not_told_of_a_retry_whatever_it_raises() -> None:
    seen: Calls = []
    performed(job_class(seen, run=raises("r")), interrupts=Interrupted(), retries_left=1)
    assert [call.split()[0] for call in seen] == [
        "before_start", "run", "on_failure", "after_return",
    ]  # fmt: skip


def test_the_attempts_before_this_one_are_counted() -> None:
    class Count(Job):
        def run(self) -> int:
            return self.request.retries

    assert performed(Count, attempt=3).result == "2"
