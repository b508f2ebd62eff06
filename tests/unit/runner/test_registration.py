from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import davit._job
from davit import (
    BaseJob,
    IntegerVar,
    Job,
    JobButtonReceiver,
    JobHookReceiver,
    ScriptVariable,
    StringVar,
    get_job,
    get_jobs,
    is_job,
    is_variable,
    register_jobs,
)
from davit._meta import Facts
from davit._names import RESERVED_NAMES
from davit._registry import kind_of
from davit.exceptions import RegistrationError


def test_a_registered_class_is_found_by_its_path_and_the_first_one_wins() -> None:
    class Sync(Job):
        pass

    first, path = Sync, f"{__name__}.Sync"
    register_jobs(Sync)

    class Sync(Job):  # type: ignore[no-redef]
        pass

    register_jobs(Sync)
    assert get_job(path) is first
    assert get_job(path, reload=True) is first
    assert get_jobs(reload=True)[path] is first
    assert get_job("no.such.Job") is None


def test_several_classes_are_registered_at_once_of_every_kind() -> None:
    class Plain(BaseJob):
        pass

    class Hook(JobHookReceiver):
        pass

    class Button(JobButtonReceiver):
        pass

    register_jobs(Plain, Hook, Button)
    kinds = {
        name: kind_of(get_jobs()[f"{__name__}.{name}"]) for name in ("Plain", "Hook", "Button")
    }
    assert kinds == {"Plain": "Job", "Hook": "JobHookReceiver", "Button": "JobButtonReceiver"}


class Both(JobHookReceiver, JobButtonReceiver):  # type: ignore[misc]
    pass


class Plain:
    pass


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Plain(), "takes classes, got <.*Plain object"),
        (Job(), "takes classes, got <.*Job object.*Write the class, not an instance"),
        ("Sync", "takes classes, got 'Sync'"),
        (int, "builtins.int is no job class: it inherits from builtins.object. Inherit from davit"),
        (Plain, "Plain is no job class: it inherits from builtins.object"),
        (StringVar, "StringVar is no job class: it inherits from davit._variables"),
        (BaseJob, "davit._job.BaseJob is the base of jobs and no job. Register the classes that"),
        (Job, "davit._job.Job is the base of jobs and no job"),
        (JobHookReceiver, "JobHookReceiver is the base of jobs and no job"),
        (JobButtonReceiver, "JobButtonReceiver is the base of jobs and no job"),
        (Both, "Both is both a JobHookReceiver and a JobButtonReceiver.* Make two classes of it"),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", "instance"),
)
def test_what_is_no_job_class_is_refused(wrong: Any, words: str) -> None:
    with pytest.raises(RegistrationError, match=words):
        register_jobs(wrong)


def line_of(text: str) -> int:
    return Path(__file__).read_text().splitlines().index(text) + 1


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        (Plain, "class Plain:"),
        (Both, "class Both(JobHookReceiver, JobButtonReceiver):  # type: ignore[misc]"),
    ],
    ids=["no job class", "both receivers"],
)
def test_a_refused_class_is_named_with_its_file_and_line(wrong: Any, line: str) -> None:
    with pytest.raises(RegistrationError) as refused:
        register_jobs(wrong)
    assert (refused.value.path, refused.value.line) == (__file__, line_of(line))


HIDDEN = "        hidden = StringVar()  # type: ignore[assignment]"


def test_a_variable_named_as_jobs_own_is_refused_with_its_line() -> None:
    class Base(Job):
        hidden = StringVar()  # type: ignore[assignment]

    class Clash(Base):
        fine = StringVar()

    with pytest.raises(RegistrationError, match='variable "hidden"') as refused:
        register_jobs(Clash)
    assert (refused.value.path, refused.value.line) == (__file__, line_of(HIDDEN))
    assert f"{__file__}:{line_of(HIDDEN)}" in str(refused.value)


@pytest.mark.parametrize("name", sorted(RESERVED_NAMES))
def test_no_variable_may_have_a_reserved_name(name: str) -> None:
    clash = type("Clash", (Job,), {name: StringVar()})
    with pytest.raises(RegistrationError, match=f'variable "{name}"'):
        register_jobs(clash)


def test_a_plain_attribute_named_as_jobs_own_is_accepted() -> None:
    class Described(Job):
        description = "plain"

    register_jobs(Described)
    assert Described.description == "plain"


@pytest.mark.parametrize("base", [BaseJob, Facts], ids=lambda base: base.__name__)
def test_every_attribute_of_job_is_reserved(base: type) -> None:
    own = {name for name in vars(base) if not name.startswith("__")}
    assert own <= RESERVED_NAMES


def test_what_a_run_sets_on_the_job_is_reserved() -> None:
    assert set(vars(Job())) <= RESERVED_NAMES


@pytest.mark.parametrize(
    ("thing", "expected"),
    [
        (Both, True),
        (type("Own", (Job,), {}), True),
        (type("Shared", (BaseJob,), {}), False),
        (Job, False),
        (JobHookReceiver, False),
        (JobButtonReceiver, False),
        (davit._job, False),
        (Job(), False),
        (None, False),
    ],
    ids=[
        "a receiver",
        "a job",
        "a base without Job",
        "Job",
        "JobHookReceiver",
        "JobButtonReceiver",
        "a module",
        "an instance",
        "None",
    ],
)
def test_is_job_tells_a_class_of_an_author(thing: object, expected: bool) -> None:
    assert is_job(thing) is expected


def test_is_variable_tells_an_instance() -> None:
    assert [is_variable(item) for item in (IntegerVar(), ScriptVariable(), IntegerVar, 5)] == [
        True, True, False, False,
    ]  # fmt: skip
