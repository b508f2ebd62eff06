"""The table of odd cases in Nautobot's life cycle, each through davit.testing."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest

from davit import IntegerVar, Job, RunJobTaskFailed, StringVar
from davit.testing import JobResult, run_job_for_testing

Calls = list[str]


def job_class(calls: Calls, **bodies: Any) -> type[Job]:
    """Return a class that notes its calls; ``bodies`` run inside the methods of their names."""

    def call(self: Job, method: str, *arguments: Any) -> Any:
        calls.append(" ".join([method, *(str(argument) for argument in arguments)]))
        body = bodies.get(method)
        return body(self, len(calls)) if body else None

    class Traced(Job):
        def before_start(self, *_: Any) -> Any:
            return call(self, "before_start")

        def run(self, **_: Any) -> Any:
            return call(self, "run")

        def on_success(self, retval: Any, *_: Any) -> None:
            call(self, "on_success", retval)

        def on_failure(self, exc: Any, *rest: Any) -> None:
            call(self, "on_failure", exc, "with" if rest[-1] else "without", "einfo")

        def after_return(self, status: str, retval: Any, *_: Any) -> None:
            call(self, "after_return", status, retval)

    return Traced


def fails(text: str, value: Any = None) -> Any:
    def body(job: Job, _: int) -> Any:
        job.fail(text)
        return value

    return body


def raises(text: str, *, once: bool = False) -> Any:
    seen: list[int] = []

    def body(_: Job, number: int) -> None:
        if not (once and seen):
            seen.append(number)
            raise ValueError(text)

    return body


def raised(text: str) -> dict[str, str]:
    return {"exc_type": "ValueError", "exc_message": text}


@pytest.mark.parametrize(
    ("bodies", "calls", "result"),
    [
        (
            {"run": lambda *_: 42},
            ["before_start", "run", "on_success 42", "after_return SUCCESS 42"],
            42,
        ),
        (
            {"run": fails("f", 7)},
            ["before_start", "run", "on_failure 7 without einfo", "after_return FAILURE 7"],
            7,
        ),
        (
            {"run": raises("r")},
            ["before_start", "run", "on_failure r with einfo", "after_return FAILURE r"],
            raised("r"),
        ),
        (
            {"before_start": raises("b")},
            ["before_start", "on_failure b with einfo", "after_return FAILURE b"],
            raised("b"),
        ),
        (
            {"before_start": fails("f", "kept")},
            ["before_start", "on_failure kept without einfo", "after_return FAILURE kept"],
            "kept",
        ),
        (
            {"on_success": raises("s")},
            [
                "before_start", "run", "on_success None",
                "on_failure s with einfo", "after_return FAILURE s",
            ],
            raised("s"),
        ),
        (
            {"after_return": raises("a", once=True)},
            [
                "before_start", "run", "on_success None", "after_return SUCCESS None",
                "on_failure a with einfo", "after_return FAILURE a",
            ],
            raised("a"),
        ),
        (
            {"run": fails("f"), "on_failure": raises("o", once=True)},
            [
                "before_start", "run", "on_failure None without einfo",
                "on_failure o with einfo", "after_return FAILURE o",
            ],
            raised("o"),
        ),
        (
            {"run": fails("f"), "on_failure": raises("o")},
            ["before_start", "run", "on_failure None without einfo", "on_failure o with einfo"],
            raised("o"),
        ),
        (
            {"run": raises("r"), "on_failure": raises("o")},
            ["before_start", "run", "on_failure r with einfo"],
            raised("o"),
        ),
    ],
    ids=[
        "run returns", "run fails the job", "run raises", "before_start raises",
        "before_start fails the job", "on_success raises", "after_return raises once",
        "on_failure raises once after a clean fail", "on_failure raises after a clean fail",
        "on_failure raises after an exception",
    ],
)  # fmt: skip
def test_handlers_are_called_in_nautobots_order(
    bodies: dict[str, Any], calls: Calls, result: Any
) -> None:
    seen: Calls = []
    ended = run_job_for_testing(job_class(seen, **bodies))
    assert seen == calls
    assert ended.result == result
    assert ended.status == ("SUCCESS" if "SUCCESS" in calls[-1] else "FAILURE")


def lines(ended: JobResult) -> list[tuple[str, str, str]]:
    return [(entry.level, entry.grouping, entry.message) for entry in ended.logs]


def test_a_job_knows_its_run_its_user_and_its_values() -> None:
    class Greet(Job):
        who = StringVar(default="world")
        count = IntegerVar(required=False)

        def before_start(self, task_id: str, args: Any, kwargs: Any) -> None:
            self.logger.info("%s %s %s", task_id == self.request.id, args, kwargs)

        def run(self, *, who: str, count: int | None) -> list[Any]:
            self.logger.success("Hello, %s!", who)
            same = self.request.id == self.job_result.id != ""
            return [who, count, self.user.username, same]

    ended = run_job_for_testing(Greet, username="ada", job_kwargs={"count": "3"})
    assert ended.result == ["world", 3, "ada", True]
    assert lines(ended) == [
        ("info", "initialization", "Running job"),
        ("info", "before_start", "True () {'who': 'world', 'count': 3}"),
        ("success", "run", "Hello, world!"),
        ("success", "post_run", "Job completed"),
    ]
    assert (ended.info_log_count, ended.success_log_count, ended.error_log_count) == (2, 2, 0)


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
    ended = run_job_for_testing(job_class([], run=lambda *_: value))
    assert ended.result == [
        [1], "ValueError: v", "2026-11-22", "00000000-0000-0000-0000-000000000007",
    ]  # fmt: skip
