"""What surrounds ``run()``: the constructor, and what is logged of beginning, failure and end."""

from __future__ import annotations

from typing import Any

from davit import IntegerVar, Job, StringVar
from davit.testing import JobResult, run_job_for_testing


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
