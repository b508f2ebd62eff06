"""What becomes of a line that a job logs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from davit import Job, SoftTimeLimitExceeded, get_task_logger
from davit._compat.choices import LogLevelChoices
from davit._logs import LEVELS, JobLogger, message_text, text_of
from davit.testing import JobLogEntry, capture, run_job_for_testing


class Mute:
    """An object that cannot be turned into text."""

    def __str__(self) -> str:
        raise RuntimeError("no")

    __repr__ = __str__


def logged(work: Callable[[JobLogger], Any]) -> list[JobLogEntry]:
    """Return what ``run()`` logs when it is ``work``."""

    class Say(Job):
        def run(self) -> None:
            work(self.logger)

    ended = run_job_for_testing(Say)
    assert ended.status == "SUCCESS", ended.traceback
    return ended.logs[1:-1]


def one(work: Callable[[JobLogger], Any]) -> JobLogEntry:
    (entry,) = logged(work)
    return entry


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_has_its_method_and_its_name(level: str) -> None:
    entry = one(lambda logger: getattr(logger, level)("a %s", "b"))
    assert (entry.level, entry.message) == (level, "a b")


def test_the_levels_are_nautobots() -> None:
    assert LEVELS == {
        "debug": 10, "info": 20, "success": 25, "warning": 30, "failure": 35, "error": 40,
        "critical": 50,
    }  # fmt: skip
    assert list(LEVELS) == LogLevelChoices.values()
    assert [logging.getLevelName(number) for number in (25, 35)] == ["SUCCESS", "FAILURE"]


@pytest.mark.parametrize(
    ("number", "level"),
    [(11, "debug"), (15, "debug"), (24, "info"), (29, "success"), (32, "warning"),
     (38, "failure"), (49, "error"), (90, "critical")],
)  # fmt: skip
def test_other_levels_count_as_the_next_lower_one(number: int, level: str) -> None:
    assert one(lambda logger: logger.log(number, "x")).level == level


def helper(logger: JobLogger) -> None:
    logger.info("x")


@pytest.mark.parametrize(
    ("work", "grouping"),
    [
        (helper, "helper"),
        (lambda logger: logger.success("x"), "<lambda>"),
        (lambda logger: logger.info("x", extra={"grouping": "checks"}), "checks"),
        (lambda logger: logger.info("x", extra={"grouping": "g" * 150}), "g" * 100),
        (lambda logger: logger.info("x", extra={"grouping": 5}), "5"),
        (
            lambda logger: logger.info("x", extra={"grouping": Mute()}),
            "<its __str__ raised RuntimeError>",
        ),
    ],
    ids=["a function", "success()", "a given one", "a long one", "a number", "a mute object"],
)
def test_the_grouping_is_given_or_the_calling_function(
    work: Callable[[JobLogger], Any], grouping: str
) -> None:
    assert one(work).grouping == grouping


def test_what_no_function_logged_is_in_main() -> None:
    record = logging.makeLogRecord({"msg": "x", "levelno": 20, "funcName": "<module>"})
    with capture() as logs:
        logging.getLogger("davit.tests").handle(record)
    assert logs[0].grouping == "main"


@pytest.mark.parametrize(
    ("thing", "text"),
    [
        ("r1", "r1"),
        (5, "5"),
        (None, ""),
        ("o" * 250, "o" * 200),
        (Mute(), "<its __str__ raised RuntimeError>"),
    ],
    ids=["text", "a number", "none", "a long one", "a mute object"],
)
def test_the_object_is_told_as_text(thing: object, text: str) -> None:
    assert one(lambda logger: logger.info("x", extra={"object": thing})).object == text


def test_skip_db_logging_keeps_a_line_out_of_the_log() -> None:
    assert logged(lambda logger: logger.info("x", extra={"skip_db_logging": True})) == []


@pytest.mark.parametrize(
    ("message", "arguments", "text"),
    [
        ("%d%%", (5,), "5%"),
        ("%(a)s", ({"a": 5},), "5"),
        (
            "%d devices", ("ten",),
            "%d devices [not formatted, job.py:7: TypeError: %d format: a real number is required, "
            "not str]",
        ),
        ("%s is down", (Mute(),), "%s is down [not formatted, job.py:7: RuntimeError: no]"),
        (
            Mute(), (),
            "<its __str__ raised RuntimeError> [not formatted, job.py:7: RuntimeError: no]",
        ),
    ],
    ids=["a number", "a name", "a wrong type", "a mute argument", "a mute message"],
)  # fmt: skip
def test_a_line_that_cannot_be_formatted_is_not_lost(
    message: object, arguments: tuple[object, ...], text: str
) -> None:
    # Not logged: the test runner's own handler would raise.
    record = logging.LogRecord("jobs", 20, "/code/job.py", 7, message, arguments, None)
    assert text_of(record) == text
    assert message_text(message, arguments) == text.partition(" [not formatted")[0]


@pytest.mark.parametrize("where", ["message", "argument", "object", "grouping"])
def test_the_soft_limit_is_not_swallowed_by_a_log_line(where: str) -> None:
    class Late:
        def __str__(self) -> str:
            raise SoftTimeLimitExceeded("late")

    class Say(Job):
        def run(self) -> None:
            if where in ("object", "grouping"):
                self.logger.info("x", extra={where: Late()})
            elif where == "argument":
                self.logger.info("%s", Late())
            else:
                self.logger.info(Late())

    ended = run_job_for_testing(Say)
    assert ended.result == {"exc_type": "SoftTimeLimitExceeded", "exc_message": "late"}


def test_a_traceback_is_part_of_the_message() -> None:
    def work(logger: JobLogger) -> None:
        try:
            _ = 1 / 0
        except ZeroDivisionError:
            logger.exception("It broke")

    entry = one(work)
    assert entry.level == "error"
    assert entry.message.startswith("It broke\nTraceback (most recent call last):")
    assert entry.message.endswith("ZeroDivisionError: division by zero")


def test_a_logger_made_by_the_standard_library_first_gets_the_levels_too() -> None:
    plain = logging.getLogger("davit.tests.made.first")
    logger = get_task_logger("davit.tests.made.first")
    assert logger is plain
    with capture() as logs:
        logger.success("not %s", "lost")
        logger.failure("nor %s", "this")
    assert [(entry.level, entry.message) for entry in logs] == [
        ("success", "not lost"), ("failure", "nor this"),
    ]  # fmt: skip


def test_a_level_of_its_own_silences_a_logger() -> None:
    logger = get_task_logger("davit.tests.quiet")
    logger.setLevel(logging.ERROR)
    with capture() as logs:
        logger.success("x")
        logger.failure("x")
        logger.error("x")
    assert [entry.level for entry in logs] == ["error"]
