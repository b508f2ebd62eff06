"""What a job reads about its run: self.request, self.user, self.job_result, self.job_model."""

from __future__ import annotations

import datetime
import os
from typing import Any, ClassVar

import pytest
from tests.unit.runner.performed import performed

from davit import Job, StringVar
from davit._identity import JobResult, User
from davit.testing import JobLogEntry, capture, run_job_for_testing


class Ask(Job):
    """Evaluates what it is asked, with itself as ``self``."""

    class Meta:
        name = "Ask around"
        soft_time_limit = 7
        has_sensitive_variables = False

    answers: ClassVar[list[Any]] = []
    question = StringVar()

    def run(self, *, question: str) -> None:
        self.answers.append(eval(question))  # noqa: S307 (the table below says what)


REQUEST: dict[str, Any] = {
    "self.request.id": "uid-1",
    "self.request.retries": 1,
    "self.request.root_id": "uid-1",
    "self.request.task": f"{__name__}.Ask",
    "self.request.delivery_info": {},
    "self.request.args": (),
    "self.request.kwargs": {"question": "self.request.kwargs"},
    "self.request.timelimit": (60, 30),
    "self.request.hostname": os.uname().nodename,
    "self.request.is_eager or self.request.called_directly": False,
    "self.request.parent_id": None,
    "self.user.username": "ada@example.com",
    "str(self.user)": "ada@example.com",
    "self.user.id": "ada@example.com",
    "self.user.email": "ada@example.com",
    "self.user.get_username() == self.user.get_full_name()": True,
    "self.user.is_authenticated": True,
    "self.user.is_anonymous": False,
    "self.user.is_superuser": False,
    "self.user.has_perm('extras.run_job')": False,
    "self.user.has_perms(['extras.run_job'])": False,
    "self.user == self.job_result.user": True,
    "self.job_result.id": "uid-1",
    "self.job_result.name": "Ask around",
    "self.job_result.task_name": f"{__name__}.Ask",
    "self.job_result.status": "STARTED",
    "self.job_result.date_done": None,
    "self.job_result.date_created == self.job_result.date_started": True,
    "self.job_result.worker": os.uname().nodename,
    "self.job_result.task_args": [],
    "self.job_result.task_kwargs": {"question": "self.job_result.task_kwargs"},
    "self.job_result.files": [],
    "self.job_result.job_model is self.job_model": True,
    "str(self.job_model)": "Ask around",
    "self.job_model.name": "Ask around",
    "self.job_model.definition": "netops.ask",
    "self.job_model.class_path": f"{__name__}.Ask",
    "self.job_model.grouping": __name__,
    "self.job_model.module_name": __name__,
    "self.job_model.job_class_name": "Ask",
    "self.job_model.job_class is type(self)": True,
    "self.job_model.enabled and self.job_model.installed": True,
    "self.job_model.soft_time_limit": 7,
    "self.job_model.has_sensitive_variables": False,
    "hasattr(self.job_model, 'tags')": False,
    "self.celery_kwargs": {
        "nautobot_job_profile": False, "soft_time_limit": 30, "time_limit": 60,
    },
    "self.celery_kwargs == self.job_result.celery_kwargs": True,
}  # fmt: skip


@pytest.mark.parametrize("question", REQUEST)
def test_a_job_knows_its_run_and_who_asked_for_it(question: str) -> None:
    Ask.answers.clear()
    ended = performed(
        Ask,
        inputs={"question": question},
        definition="netops.ask",
        attempt=2,
        requested_by="ada@example.com",
        soft_time_limit_seconds=30,
        time_limit_seconds=60,
    )
    assert Ask.answers == [REQUEST[question]], ended.error


def test_a_job_that_nobody_asked_for_has_a_user_without_a_name() -> None:
    assert (User().username, str(User()), User().is_authenticated) == ("", "", False)
    assert User().is_anonymous
    assert User("ada").email == ""
    assert len({User("ada"), User("ada"), User("eve")}) == 2


def test_a_job_with_sensitive_variables_keeps_its_inputs_out_of_the_record() -> None:
    class Secret(Job):
        who = StringVar()

        def run(self, *, who: str) -> Any:
            return [self.job_result.task_kwargs, self.request.kwargs, who]

    ended = run_job_for_testing(Secret, who="Ada")
    assert ended.result == [{}, {"who": "Ada"}, "Ada"]


def test_the_run_begins_now_in_utc() -> None:
    before = datetime.datetime.now(datetime.UTC)
    result = JobResult("uid-1")
    assert before <= result.date_started <= datetime.datetime.now(datetime.UTC)
    assert str(result) == f" created at {result.date_created} (STARTED)"


def test_a_job_made_by_hand_can_be_called_without_a_run() -> None:
    class Add(Job):
        def run(self, *, a: int, b: int) -> int:
            self.progress(1, 2)
            self.create_file("sum.txt", str(a + b))
            return a + b

    job = Add()
    with capture(__name__) as logs:
        assert job(a=1, b=2) == 3
    assert [file.name for file in job.job_result.files] == ["sum.txt"]
    assert (job.request.id, job.user.username, str(job.job_model)) == ("", "", "Add")
    assert [entry.message for entry in logs] == ["Created file [sum.txt] (1 bytes)"]


def logged(**options: Any) -> list[JobLogEntry]:
    class Say(Job):
        def run(self) -> None:
            self.job_result.log("50% done", **options)

    return [entry for entry in run_job_for_testing(Say).logs if entry.message == "50% done"]


def test_the_record_logs_in_nautobots_words() -> None:
    (plain,) = logged()
    (full,) = logged(obj="r1", level_choice="failure", grouping="checks")
    assert (plain.level, plain.grouping, plain.object) == ("info", "main", "")
    assert (full.level, full.grouping, full.object) == ("failure", "checks", "r1")


def test_the_record_refuses_a_level_that_is_none() -> None:
    with pytest.raises(ValueError, match="Unknown logging level: loud"):
        JobResult("uid-1").log("x", level_choice="loud")
