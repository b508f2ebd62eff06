"""davit.testing itself: what an author's tests stand on."""

from __future__ import annotations

import logging
import sys
import types
from typing import Any

import pytest

from davit import ChoiceVar, Job, StringVar, register_jobs
from davit.exceptions import JobCancelled, JobNotFound
from davit.testing import (
    JobResult,
    capture,
    create_job_result_and_run_job,
    get_job_class_and_model,
    run_job_for_testing,
)


class Greet(Job):
    class Meta:
        name = "Greet somebody"

    who = StringVar(default="world")

    def run(self, *, who: str) -> str:
        return f"{who} by {self.user.username}"


register_jobs(Greet)


@pytest.mark.parametrize(
    "job", [Greet, Greet(), get_job_class_and_model(__name__, "Greet").job_model],
    ids=["a class", "an instance", "a record"],
)  # fmt: skip
def test_a_job_is_given_as_class_instance_or_record(job: Any) -> None:
    ended = run_job_for_testing(job, username="eve", who="Ada")
    assert (ended.status, ended.result) == ("SUCCESS", "Ada by eve")
    assert (ended.name, ended.task_name) == ("Greet somebody", f"{__name__}.Greet")


def test_inputs_whose_names_clash_with_arguments_go_into_job_kwargs() -> None:
    class Sign(Job):
        username = StringVar()
        profile = StringVar()

        def run(self, *, username: str, profile: str) -> list[str]:
            return [username, profile, self.user.username]

    ended = run_job_for_testing(Sign, job_kwargs={"username": "a", "profile": "b"})
    assert ended.result == ["a", "b", "test-user"]


def test_nautobots_helpers_find_a_class_by_module_and_name() -> None:
    found = get_job_class_and_model(__name__, "Greet", "local")
    assert found.job_class is Greet
    assert (found.job_model.name, found.job_model.enabled) == ("Greet somebody", True)
    ended = create_job_result_and_run_job(__name__, "Greet", who="Ada", username="eve")
    assert ended.result == "Ada by eve"


def test_a_module_is_imported_for_its_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "empty_jobs", types.ModuleType("empty_jobs"))
    with pytest.raises(JobNotFound, match="empty_jobs registers no job class Sync"):
        get_job_class_and_model("empty_jobs", "Sync")


def test_levels_are_counted_as_nautobot_counts_them() -> None:
    class Say(Job):
        def run(self) -> None:
            for level in ("debug", "info", "warning", "failure", "error", "critical"):
                getattr(self.logger, level)("x")

    ended = run_job_for_testing(Say)
    counts = (
        ended.debug_log_count, ended.info_log_count, ended.success_log_count,
        ended.warning_log_count, ended.error_log_count,
    )  # fmt: skip
    assert counts == (1, 2, 1, 1, 3)


def test_libraries_are_heard_from_info_on_and_levels_are_put_back() -> None:
    library = logging.getLogger("davit_tests_library")

    class Say(Job):
        def run(self) -> None:
            library.debug("quiet")
            library.info("loud")

    before = logging.getLogger().level, logging.getLogger(__name__.partition(".")[0]).level
    ended = run_job_for_testing(Say)
    assert [entry.message for entry in ended.logs] == ["Running job", "loud", "Job completed"]
    assert before == (
        logging.getLogger().level,
        logging.getLogger(__name__.partition(".")[0]).level,
    )


def test_secrets_are_redacted_wherever_a_test_looks() -> None:
    class Login(Job):
        pin = StringVar(sensitive=True)

        def run(self, *, pin: str) -> list[str]:
            cut = {"grouping": "g" * 96 + pin, "object": "o" * 196 + pin}
            self.logger.info("with %s", pin, extra=cut)
            self.create_file(f"{pin}.txt", pin)
            if pin.endswith("raises"):
                raise ValueError(pin)
            return [pin, "token=abc"]

    good = run_job_for_testing(Login, pin="hunter2")
    bad = run_job_for_testing(Login, pin="hunter2-raises")
    assert good.result == ["(redacted)", "token=(redacted)"]
    assert bad.result == {"exc_type": "ValueError", "exc_message": "(redacted)"}
    entry = good.logs[1]
    assert entry.message == "with (redacted)"
    assert (entry.grouping, entry.object) == ("g" * 96 + "(red", "o" * 196 + "(red")
    assert [(file.name, file.content) for file in good.files] == [("(redacted).txt", b"(redacted)")]
    assert "hunter2" not in bad.traceback


def test_a_refused_secret_is_not_quoted() -> None:
    class Login(Job):
        pin = ChoiceVar(choices=[("1234", "one")], sensitive=True)

    ended = run_job_for_testing(Login, pin="hunter2")
    assert ended.result["exc_type"] == "InvalidInputs"
    assert "Select a valid choice. (redacted) is not one" in ended.result["exc_message"]


def test_captured_lines_come_as_they_are_logged() -> None:
    with capture("davit_tests_shared") as logs:
        logging.getLogger("davit_tests_shared.part").debug("one")
        assert [str(entry) for entry in logs] == ["one"]
    logging.getLogger("davit_tests_shared").error("too late")
    assert len(logs) == 1


def test_captured_lines_begin_at_the_level_that_is_asked_for() -> None:
    with capture("davit_tests_shared", level="WARNING") as logs:
        logging.getLogger("davit_tests_shared").info("x")
    assert logs == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, pytest.fail.Exception], ids=str)
def test_what_stops_the_tests_stops_the_job(error: Any) -> None:
    class Stop(Job):
        def run(self) -> None:
            raise error("now")

    with pytest.raises(error):
        run_job_for_testing(Stop)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (JobCancelled("stop"), "stop"),
        (SystemExit(3), "The job ended its process (SystemExit: 3)."),
    ],
    ids=["a cancellation", "the end of the process"],
)
def test_what_ends_a_run_ends_no_test(error: BaseException, message: str) -> None:
    class Stop(Job):
        def run(self) -> None:
            raise error

    ended: JobResult = run_job_for_testing(Stop)
    assert ended.status == "FAILURE"
    assert ended.result["exc_message"].startswith(message)
    assert ended.result["exc_type"] == type(error).__name__
