"""The table of odd cases in Nautobot's life cycle, each performed as a pod performs it."""

from __future__ import annotations

import datetime
import json
import uuid
from typing import Any, ClassVar

import pytest
from tests.unit.runner.performed import Interrupted, performed

from davit import IntegerVar, Job, RunJobTaskFailed, SoftTimeLimitExceeded, StringVar
from davit._compat.celery_exceptions import Ignore, Reject, Retry
from davit.exceptions import JobCancelled
from davit.testing import JobResult, run_job_for_testing
from davit_contract import OutcomeReason

Calls = list[str]


class Traced(Job):
    """Notes its calls; handlers must get the run's id, no arguments, and the inputs by name."""

    calls: ClassVar[Calls]
    # What runs inside the methods of these names.
    bodies: ClassVar[dict[str, Any]]

    who = StringVar(default="Ada")

    def before_start(self, *arguments: Any) -> Any:
        self.check(*arguments)
        return self.call("before_start")

    def run(self, *, who: str) -> Any:
        return self.call("run", who)

    def on_success(self, retval: Any, *arguments: Any) -> None:
        self.check(*arguments)
        self.call("on_success", retval)

    def on_failure(self, exc: Any, *arguments: Any) -> None:
        self.call("on_failure", exc, self.check(*arguments))

    def on_retry(self, exc: Any, *arguments: Any) -> None:
        self.call("on_retry", exc, self.check(*arguments))

    def after_return(self, status: str, retval: Any, *arguments: Any) -> None:
        self.call("after_return", status, retval, self.check(*arguments))

    def check(self, task_id: str, args: Any, kwargs: Any, einfo: Any = None) -> str:
        assert (task_id, args, kwargs) == (self.request.id, (), {"who": "Ada"})
        return "without einfo" if einfo is None else f"with einfo of {einfo.type.__name__}"

    def call(self, method: str, *arguments: Any) -> Any:
        self.calls.append(" ".join([method, *(str(argument) for argument in arguments)]))
        body = self.bodies.get(method)
        return body(self, len(self.calls)) if body else None


def job_class(calls: Calls, **bodies: Any) -> type[Traced]:
    return type("Noted", (Traced,), {"calls": calls, "bodies": bodies})


def fails(text: str, value: Any = None) -> Any:
    def body(job: Job, _: int) -> Any:
        job.fail(text)
        return value

    return body


def raises(error: str | BaseException, *, once: bool = False) -> Any:
    seen: list[int] = []
    raised = ValueError(error) if isinstance(error, str) else error

    def body(_: Job, number: int) -> None:
        if not (once and seen):
            seen.append(number)
            raise raised

    return body


OF_VALUE_ERROR = "with einfo of ValueError"
BEGUN = ["before_start", "run Ada"]
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


@pytest.mark.parametrize(
    ("bodies", "result"),
    [
        ({"run": lambda *_: {"a": [1]}}, {"a": [1]}),
        ({"run": fails("f", 7)}, 7),
        ({"before_start": fails("f", "kept")}, "kept"),
        ({"run": raises("r")}, {"exc_type": "ValueError", "exc_message": "r"}),
        ({"on_success": raises("s")}, {"exc_type": "ValueError", "exc_message": "s"}),
        ({"after_return": raises("a")}, {"exc_type": "ValueError", "exc_message": "a"}),
        (
            {"run": raises("r"), "on_failure": raises(KeyError("o"))},
            {"exc_type": "KeyError", "exc_message": "'o'"},
        ),
    ],
    ids=[
        "run returns",
        "run fails the job",
        "before_start fails the job",
        "run raises",
        "on_success raises",
        "after_return raises",
        "on_failure raises",
    ],
)
def test_the_stored_result_is_nautobots(bodies: dict[str, Any], result: Any) -> None:
    ended = run_job_for_testing(job_class([], **bodies))
    assert ended.result == result


def test_only_what_raised_leaves_a_traceback() -> None:
    assert run_job_for_testing(job_class([], run=fails("f"))).traceback == ""
    raised = run_job_for_testing(job_class([], run=raises("r")))
    assert raised.traceback.endswith("ValueError: r\n")
    assert "davit/_" not in raised.traceback


def test_an_exception_in_the_constructor_ends_the_run_without_handlers() -> None:
    class Broken(Job):
        def __init__(self) -> None:
            raise ValueError("c")

        def on_failure(self, *_: Any) -> None:
            raise AssertionError("called")

    ended = run_job_for_testing(Broken)
    assert ended.result == {"exc_type": "ValueError", "exc_message": "c"}


def test_a_constructor_that_forgets_its_parents_still_gets_a_run() -> None:
    class Forgetful(Job):
        def __init__(self) -> None:
            self.answer = 42

        def run(self) -> list[Any]:
            self.logger.success("here")
            return [self.answer, self.user.username, self.create_file("a", "b").size]

    ended = run_job_for_testing(Forgetful)
    assert ended.result == [42, "test-user", 1]


def lines(ended: JobResult) -> list[tuple[str, str, str]]:
    return [(entry.level, entry.grouping, entry.message) for entry in ended.logs]


def test_a_job_logs_its_beginning_and_its_success() -> None:
    class Greet(Job):
        who = StringVar(default="world")
        count = IntegerVar(required=False)

        def run(self, *, who: str, count: int | None) -> list[Any]:
            self.logger.success("Hello, %s!", who)
            return [who, count]

    ended = run_job_for_testing(Greet, job_kwargs={"count": "3"})
    assert ended.result == ["world", 3]
    assert lines(ended) == [
        ("info", "initialization", "Running job"),
        ("success", "run", "Hello, world!"),
        ("success", "post_run", "Job completed"),
    ]
    assert (ended.info_log_count, ended.success_log_count, ended.error_log_count) == (1, 2, 0)


def test_fail_logs_under_its_callers_name_and_run_goes_on() -> None:
    class Check(Job):
        def run(self) -> str:
            self.look()
            return "went on"

        def look(self) -> None:
            self.fail("Only %d of %d", 1, 2)

    ended = run_job_for_testing(Check)
    assert ("failure", "look", "Only 1 of 2") in lines(ended)
    assert (ended.status, ended.result, ended.error_log_count) == ("FAILURE", "went on", 1)


def test_the_last_message_of_fail_is_the_runs_error() -> None:
    class Check(Job):
        def run(self) -> None:
            self.fail("%s is down", "r1")
            self.fail("%(name)s is down", {"name": "r2"})

    ended = performed(Check)
    assert ended.error is not None
    assert ended.error.message == "r2 is down"


def test_a_job_without_run_fails_with_nautobots_sentence() -> None:
    class Empty(Job):
        pass

    ended = run_job_for_testing(Empty)
    assert ended.result["exc_message"] == "Jobs must define the run method."


def test_a_failed_task_leaves_its_message_and_the_authors_traceback() -> None:
    class Sync(Job):
        def run(self) -> None:
            raise RunJobTaskFailed("no device")

    ended = run_job_for_testing(Sync)
    assert ended.result == {"exc_type": "RunJobTaskFailed", "exc_message": "no device"}
    assert "in run" in ended.traceback.splitlines()[1]


def test_inputs_are_refused_before_anything_runs() -> None:
    seen: Calls = []
    ended = run_job_for_testing(job_class(seen), colour="red")
    assert (seen, ended.status, ended.result["exc_type"]) == ([], "FAILURE", "InvalidInputs")


@pytest.mark.parametrize(
    ("value", "words"),
    [(object(), "object is not JSON serializable"), (float("nan"), "not JSON compliant")],
    ids=["an object", "NaN"],
)
def test_a_result_without_json_form_fails_the_job(value: object, words: str) -> None:
    seen: Calls = []
    ended = run_job_for_testing(job_class(seen, run=lambda *_: value))
    assert words in ended.result["exc_message"]
    assert seen[2].startswith("on_failure")


def test_nautobots_result_forms_are_known() -> None:
    value = [{1}, ValueError("v"), datetime.date(2026, 11, 22), uuid.UUID(int=7)]
    ended = performed(job_class([], run=lambda *_: value))
    assert json.loads(ended.result or "") == [
        [1], "ValueError: v", "2026-11-22", "00000000-0000-0000-0000-000000000007",
    ]  # fmt: skip
