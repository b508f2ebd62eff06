"""What a job class says about itself, attribute by attribute."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from typing import Any

import pytest

from davit import BooleanVar, DryRunVar, Job, StringVar
from davit.testing import run_job_for_testing

GOOD: dict[str, tuple[Any, Any]] = {
    # Attribute: what it is without Meta, what Meta may say.
    "name": ("Sync", "Sync VLANs"),
    "description": ("", "Says hello."),
    "approval_required": (False, True),
    "console_log_default": (False, True),
    "dryrun_default": (False, True),
    "field_order": ([], ["b", "a"]),
    "has_sensitive_variables": (True, False),
    "hidden": (False, True),
    "is_singleton": (False, True),
    "read_only": (False, True),
    "soft_time_limit": (0, 30),
    "task_queues": ([], ["bulk", "default"]),
    "template_name": ("", "my_app/job.html"),
    "time_limit": (0, 60),
}
WRONG: list[tuple[str, Any, str]] = [
    ("name", 5, "<class 'str'>, not <class 'int'>"),
    ("name", None, "<class 'str'>, not <class 'NoneType'>"),
    ("description", ["a"], "<class 'str'>, not <class 'list'>"),
    ("approval_required", "yes", "<class 'bool'>, not <class 'str'>"),
    ("console_log_default", 1, "<class 'bool'>, not <class 'int'>"),
    ("dryrun_default", "True", "<class 'bool'>, not <class 'str'>"),
    ("field_order", "ab", "(<class 'list'>, <class 'tuple'>), not <class 'str'>"),
    ("field_order", {"a"}, "(<class 'list'>, <class 'tuple'>), not <class 'set'>"),
    ("has_sensitive_variables", None, "<class 'bool'>, not <class 'NoneType'>"),
    ("hidden", 0, "<class 'bool'>, not <class 'int'>"),
    ("is_singleton", "no", "<class 'bool'>, not <class 'str'>"),
    ("read_only", [], "<class 'bool'>, not <class 'list'>"),
    ("soft_time_limit", 1.5, "<class 'int'>, not <class 'float'>"),
    ("soft_time_limit", "30", "<class 'int'>, not <class 'str'>"),
    ("task_queues", "bulk", "(<class 'list'>, <class 'tuple'>), not <class 'str'>"),
    ("template_name", b"x", "<class 'str'>, not <class 'bytes'>"),
    ("time_limit", 60.0, "<class 'int'>, not <class 'float'>"),
    ("time_limit", None, "<class 'int'>, not <class 'NoneType'>"),
]


def with_meta(**attributes: Any) -> Any:
    return type("Sync", (Job,), {"Meta": type("Meta", (), attributes)})


@pytest.mark.parametrize("attribute", GOOD)
def test_an_attribute_is_what_meta_says_or_its_default(attribute: str) -> None:
    default, value = GOOD[attribute]
    assert getattr(with_meta(), attribute) == default
    assert getattr(with_meta(**{attribute: value}), attribute) == value
    assert getattr(with_meta(**{attribute: value})(), attribute) == value


@pytest.mark.parametrize(("attribute", "value", "words"), WRONG, ids=lambda value: str(value)[:30])
def test_a_value_of_another_type_is_refused_in_nautobots_words(
    attribute: str, value: Any, words: str
) -> None:
    with pytest.raises(TypeError) as refused:
        getattr(with_meta(**{attribute: value}), attribute)
    assert str(refused.value) == f"Meta.{attribute} should be {words}"


def test_a_tuple_is_as_good_as_a_list() -> None:
    assert with_meta(field_order=("b",)).field_order == ("b",)


class Base(Job):
    class Meta:
        name = "Base"
        hidden = True


class Anew(Base):
    class Meta:
        name = "Anew"


class Built(Base):
    class Meta(Base.Meta):
        name = "Built"


class Taken(Base):
    pass


class Mixin:
    class Meta:
        name = "Mixed in"


class Mixed(Mixin, Base):  # type: ignore[misc]
    pass


@pytest.mark.parametrize(
    ("job_class", "name", "hidden"),
    [
        (Anew, "Anew", False),
        (Built, "Built", True),
        (Taken, "Base", True),
        (Mixed, "Mixed in", False),
    ],
    ids=["a Meta of its own", "a Meta that inherits", "no Meta", "a mix-in's Meta"],
)
def test_a_new_meta_that_does_not_inherit_starts_from_nothing(
    job_class: type[Job], name: str, hidden: bool
) -> None:
    assert (job_class.name, job_class.hidden) == (name, hidden)


class Abstract(Job, ABC):
    class Meta:
        name = "Abstract"
        hidden = True

    site = StringVar(default="ams")

    def run(self, *, site: str) -> str:
        return self.greeting() + site

    @abstractmethod
    def greeting(self) -> str: ...


class Polite:
    def greeting(self) -> str:
        return "Welcome to "


class Concrete(Polite, Abstract):
    class Meta(Abstract.Meta):
        name = "Concrete"


def test_an_abstract_base_gives_its_facts_variables_and_work_to_what_completes_it() -> None:
    assert (Concrete.name, Concrete.hidden, [*Concrete._get_vars()]) == ("Concrete", True, ["site"])
    assert run_job_for_testing(Concrete).result == "Welcome to ams"
    ended = run_job_for_testing(Abstract)
    assert ended.result["exc_type"] == "TypeError"
    assert "abstract" in ended.result["exc_message"]


def test_plain_attributes_of_the_class_beat_its_meta() -> None:
    class Described(Base):
        name = "Plain"
        description = "First.\nSecond."
        task_queues = ("bulk",)  # type: ignore[assignment]

    assert (Described.name, Described().name, Described.task_queues) == (
        "Plain",
        "Plain",
        ("bulk",),
    )
    assert (Described.description_first_line, Described.hidden) == ("First.", True)


@pytest.mark.parametrize(
    ("text", "whole", "first"),
    [
        ("\n    Sync VLANs.\n\n        In.\n    ", "Sync VLANs.\n\n    In.", "Sync VLANs."),
        ("  one  ", "one", "one"),
        ("\n\n", "", ""),
        ("", "", ""),
    ],
    ids=["several lines", "one line", "blank lines", "nothing"],
)
def test_a_description_loses_the_indentation_of_the_source(
    text: str, whole: str, first: str
) -> None:
    job_class = with_meta(description=text)
    assert (job_class.description, job_class.description_first_line) == (whole, first)


def test_the_module_names_the_grouping_or_is_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Base.grouping == __name__
    monkeypatch.setattr(sys.modules[__name__], "name", "Network", raising=False)
    assert Base.grouping == "Network"
    monkeypatch.setattr(sys.modules[__name__], "name", 5, raising=False)
    with pytest.raises(TypeError, match=r"test_meta\.name should be <class 'str'>, not <class 'i"):
        _ = Base.grouping


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"dryrun": DryRunVar()}, True),
        ({"dryrun": BooleanVar()}, False),
        ({"dry_run": DryRunVar()}, False),
        ({}, False),
    ],
    ids=["a DryRunVar named dryrun", "a BooleanVar", "another name", "none"],
)
def test_dry_runs_are_supported_by_a_dryrunvar_named_dryrun(
    variables: dict[str, Any], expected: bool
) -> None:
    assert type("Sync", (Job,), variables).supports_dryrun is expected  # type: ignore[attr-defined]


def test_a_class_knows_its_names_and_its_file() -> None:
    path = f"{__name__}.Base"
    assert (Base.class_path, Base.class_path_dotted, Base.registered_name) == (path, path, path)
    assert Base.class_path_js_escaped == path.replace(".", r"\.")
    assert Base.singleton_cache_key.endswith(path)
    assert Base.file_path == __file__
    assert str(Base()) == "Base"


def test_properties_dict_has_what_an_admin_may_override() -> None:
    assert Base.properties_dict["name"] == "Base"
    assert set(Base.properties_dict) == set(GOOD) - {
        "field_order",
        "read_only",
        "template_name",
    } | {"grouping"}


def test_variables_keep_their_order_bases_first_and_overrides_in_place() -> None:
    class Parent(Job):
        a = StringVar()
        b = StringVar()
        gone = StringVar()

    class WithZone:
        zone = StringVar()

    class Sync(WithZone, Parent):
        c = StringVar()
        a = StringVar(label="new")
        gone = None  # type: ignore[assignment]

    assert [*Sync._get_vars()] == ["a", "b", "zone", "c"]
    assert Sync._get_vars()["a"].label == "new"
