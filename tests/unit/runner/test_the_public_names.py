from __future__ import annotations

import importlib
import logging
import subprocess
import sys
from pathlib import Path

import pytest

import davit
from davit import Job, StringVar, get_job, get_jobs, register_jobs
from davit._logs import get_task_logger
from davit._names import RESERVED_NAMES
from davit.exceptions import AbortTransaction, RegistrationError


def test_all_is_complete_and_sorted() -> None:
    public = {name for name in vars(davit) if not name.startswith("_")}
    modules = {name for name in public if type(getattr(davit, name)).__name__ == "module"}
    assert davit.__all__ == sorted(public - modules)


def test_a_registered_class_is_found_by_its_path_and_the_first_one_wins() -> None:
    class Sync(Job):
        pass

    first, path = Sync, f"{__name__}.Sync"
    register_jobs(Sync)

    class Sync(Job):  # type: ignore[no-redef]
        pass

    register_jobs(Sync)
    assert get_job(path) is first
    assert get_jobs()[path] is first
    assert get_job("no.such.Job") is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (object(), "takes classes, got <object"),
        (int, "inherits from builtins.object. Inherit from davit.Job"),
        (Job, "davit._job.Job is no job class"),
    ],
    ids=["an instance", "another class", "Job itself"],
)
def test_what_is_no_job_class_is_refused(wrong: object, words: str) -> None:
    with pytest.raises(RegistrationError, match=words):
        register_jobs(wrong)  # type: ignore[arg-type]


HIDDEN = "        hidden = StringVar()  # type: ignore[assignment]"


def test_a_variable_named_as_jobs_own_is_refused_with_its_line() -> None:
    class Clash(Job):
        hidden = StringVar()  # type: ignore[assignment]

    line = Path(__file__).read_text().splitlines().index(HIDDEN) + 1
    with pytest.raises(RegistrationError, match='variable "hidden"') as refused:
        register_jobs(Clash)
    assert (refused.value.path, refused.value.line) == (__file__, line)


def test_a_plain_attribute_named_as_jobs_own_is_accepted() -> None:
    class Described(Job):
        description = "plain"

    register_jobs(Described)
    assert Described.description == "plain"


def test_every_attribute_of_job_is_reserved() -> None:
    own = {name for name in vars(davit.Job.__mro__[1]) if not name.startswith("__")}
    assert own <= RESERVED_NAMES


def test_variables_keep_their_order_bases_first_and_overrides_in_place() -> None:
    class Base(Job):
        a = StringVar()
        b = StringVar()
        gone = StringVar()

    class Sync(Base):
        c = StringVar()
        a = StringVar(label="new")
        gone = None  # type: ignore[assignment]

    assert [*Sync._get_vars()] == ["a", "b", "c"]
    assert Sync._get_vars()["a"].label == "new"


def test_meta_is_checked_and_not_inherited_by_a_new_meta() -> None:
    class Base(Job):
        class Meta:
            name = "Base"
            hidden = True
            soft_time_limit = 1.5

    class Sync(Base):
        class Meta:
            name = "Sync"

    assert (Sync.name, Sync.hidden, Sync().name, Base.hidden) == ("Sync", False, "Sync", True)
    with pytest.raises(TypeError, match=r"Meta.soft_time_limit should be <class 'int'>, not <c"):
        _ = Base.soft_time_limit


def test_a_logger_made_by_the_standard_library_first_gets_the_levels_too() -> None:
    plain = logging.getLogger("davit.tests.made.first")
    logger = get_task_logger("davit.tests.made.first")
    assert logger is plain
    assert logging.getLevelName(25) == "SUCCESS"
    assert logging.getLevelName(35) == "FAILURE"
    logger.success("not %s", "lost")


def test_nautobots_other_spellings_give_davits_objects() -> None:
    found = [
        getattr(importlib.import_module(f"nautobot.{module}"), name)
        for module, name in (
            ("apps.jobs", "Job"),
            ("extras.jobs", "get_task_logger"),
            ("apps.exceptions", "AbortTransaction"),
        )
    ]
    assert found == [Job, get_task_logger, AbortTransaction]


def test_an_installed_nautobot_wins(tmp_path: Path) -> None:
    (tmp_path / "nautobot").mkdir()
    (tmp_path / "nautobot" / "__init__.py").write_text("real = True")
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import davit, nautobot\n"
        "from davit._compat import preload; preload(); assert nautobot.real\n"
        "import nautobot.apps"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert ended.stderr.endswith("No module named 'nautobot.apps'\n")
