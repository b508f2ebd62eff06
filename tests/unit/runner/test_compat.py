"""Nautobot's and Celery's spellings, where neither is installed and where one is."""

from __future__ import annotations

import importlib
import pickle
import sys
from typing import Any

import pytest

import davit
import davit.testing
from davit import exceptions
from davit._compat.names import ABSENT, MODULES
from davit.exceptions import RegistrationError

# Reference: the public surface of nautobot.apps.jobs.
PUBLIC = [
    "BaseJob",
    "BooleanVar",
    "ChoiceVar",
    "DatabaseFileField",
    "DryRunVar",
    "FileVar",
    "GitRepositoryDryRun",
    "GitRepositorySync",
    "IPAddressVar",
    "IPAddressWithMaskVar",
    "IPNetworkVar",
    "IntegerVar",
    "JSONVar",
    "Job",
    "JobButtonReceiver",
    "JobHookReceiver",
    "MultiChoiceVar",
    "MultiObjectVar",
    "NautobotKombuJSONEncoder",
    "ObjectVar",
    "RunJobTaskFailed",
    "ScriptVariable",
    "StringVar",
    "TextVar",
    "enqueue_job_hooks",
    "get_celery_queues",
    "get_job",
    "get_jobs",
    "is_job",
    "is_variable",
    "register_jobs",
]


def imported(module: str, name: str) -> Any:
    space: dict[str, Any] = {}
    exec(f"from {module} import {name}", space)  # noqa: S102 (the statement is what is tested)
    return space[name]


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_there_or_says_why_not(name: str) -> None:
    if f"nautobot.apps.jobs.{name}" in ABSENT:
        with pytest.raises(ImportError, match=f"^nautobot.apps.jobs.{name} .*Remove the import"):
            imported("nautobot.apps.jobs", name)
    else:
        assert imported("nautobot.apps.jobs", name) is not None


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in MODULES.items() for name in names]
)
def test_every_name_is_where_it_is_said_to_be(module: str, name: str) -> None:
    assert imported(module, name) is getattr(importlib.import_module(module), name)


@pytest.mark.parametrize(
    ("module", "name", "own"),
    [
        ("nautobot.apps.jobs", "Job", davit.Job),
        ("nautobot.extras.jobs", "StringVar", davit.StringVar),
        ("nautobot.extras.jobs", "get_task_logger", davit.get_task_logger),
        ("nautobot.core.celery", "register_jobs", davit.register_jobs),
        ("nautobot.apps.exceptions", "AbortTransaction", davit.AbortTransaction),
        ("nautobot.apps.testing", "run_job_for_testing", davit.testing.run_job_for_testing),
        ("celery.exceptions", "SoftTimeLimitExceeded", davit.SoftTimeLimitExceeded),
        ("celery.utils.log", "get_task_logger", davit.get_task_logger),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_other_spelling_gives_the_same_object(module: str, name: str, own: object) -> None:
    assert imported(module, name) is own


def test_a_module_gives_its_names_to_a_star() -> None:
    space: dict[str, Any] = {}
    exec("from nautobot.apps.jobs import *", space)  # noqa: S102 (as above)
    assert space["Job"] is davit.Job
    assert not {"DatabaseFileField", "MODULES"} & set(space)
    assert "StringVar" in dir(importlib.import_module("nautobot.apps.jobs"))


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "from nautobot.dcim.models import Device",
            "nautobot.dcim is not there: nautobot is not installed, and davit stands in for "
            "Nautobot's job API alone. Install nautobot in the runner image, or remove the import.",
        ),
        ("import nautobot.dcim", "nautobot.dcim is not there"),
        ("from nautobot.extras.models import Device", "nautobot.extras.models.Device is not there"),
        (
            "from celery import shared_task",
            "celery.shared_task is not there: celery is not installed, and davit stands in for "
            "Celery's exceptions and task loggers alone. Install celery in the runner image",
        ),
    ],
    ids=["a model", "a module", "a name of our module", "Celery's decorator"],
)
def test_what_davit_has_not_is_refused_in_a_sentence(statement: str, words: str) -> None:
    with pytest.raises(ModuleNotFoundError) as refused:
        exec(statement)  # noqa: S102 (as above)
    assert str(refused.value).startswith(words)


def test_asking_a_module_for_an_attribute_is_no_import() -> None:
    module = importlib.import_module("nautobot.extras.models")
    assert getattr(module, "Device", None) is None
    # Pickle asks every module for functions that do not say where they are from.
    assert pickle.loads(pickle.dumps(sys.getrecursionlimit)) is sys.getrecursionlimit  # noqa: S301


def test_the_record_of_a_job_is_no_base_of_jobs() -> None:
    record = imported("nautobot.extras.models", "Job")
    with pytest.raises(RegistrationError) as refused:
        type("Sync", (record,), {"__module__": "hello"})
    assert str(refused.value) == (
        "hello.Sync inherits from nautobot.extras.models.Job, the record of a job in Nautobot's "
        "database. Inherit from nautobot.apps.jobs.Job or davit.Job."
    )


def test_an_app_describes_itself_as_the_documents_show() -> None:
    config = imported("nautobot.apps.apps", "NautobotAppConfig")
    assert config is imported("nautobot.apps", "NautobotAppConfig")

    class MyAppConfig(config):  # type: ignore[misc, valid-type]
        name = "my_app"
        jobs = "my_app.jobs"
        default_settings = {"a": 1}  # noqa: RUF012 (as Apps write it)

    MyAppConfig().ready()
    assert (MyAppConfig.jobs, config.jobs) == ("my_app.jobs", "jobs.jobs")


def test_choices_have_nautobots_values() -> None:
    states = imported("nautobot.extras.choices", "JobResultStatusChoices")
    levels = imported("nautobot.extras.choices", "LogLevelChoices")
    actions = imported("nautobot.extras.choices", "ObjectChangeActionChoices")
    assert (states.STATUS_SUCCESS, states.STATUS_FAILURE) == ("SUCCESS", "FAILURE")
    assert states.values() == [
        "FAILURE", "PENDING", "RECEIVED", "RETRY", "REVOKED", "STARTED", "SUCCESS",
    ]  # fmt: skip
    order = ["SUCCESS", "FAILURE", "IGNORED", "REVOKED", "STARTED", "PENDING"]
    assert sorted(order, key=states.precedence) == order
    assert levels.as_dict()["failure"] == "Failure"
    assert [value for value, _ in actions] == ["create", "update", "delete"]


def test_there_are_no_hooks_to_enqueue_and_no_queues() -> None:
    with pytest.raises(NotImplementedError, match="Create a JobRun of the JobHookReceiver"):
        imported("nautobot.apps.jobs", "enqueue_job_hooks")(object())
    assert imported("nautobot.extras.jobs", "get_celery_queues")() == {}


def test_nautobots_encoder_writes_what_jobs_may_return() -> None:
    encoder = imported("nautobot.apps.jobs", "NautobotKombuJSONEncoder")
    assert encoder().encode([{1}, ValueError("v")]) == '[[1], "ValueError: v"]'


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda kind: kind("again", exc=ValueError("v")), "again"),
        (lambda kind: kind(exc=ValueError("v")), "v"),
        (lambda kind: kind(), "Retry"),
    ],
    ids=["with a message", "with an exception", "with nothing"],
)
def test_celerys_retry_says_what_it_was_given(make: Any, text: str) -> None:
    assert str(make(imported("celery.exceptions", "Retry"))) == text


def test_without_celery_the_soft_limit_raises_davits_exception() -> None:
    assert type(exceptions.soft_time_limit_exceeded()) is davit.SoftTimeLimitExceeded
