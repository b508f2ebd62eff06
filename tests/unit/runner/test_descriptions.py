"""What discovery says of a class besides its variables."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from davit import BooleanVar, DryRunVar, Job, JobButtonReceiver, JobHookReceiver, StringVar
from davit._runner.describe import job_description
from davit._runner.root import CodeRoot
from davit_contract import JobDescription, Layout

ROOT = CodeRoot(path=str(Path(__file__).parent), layout=Layout.JOBS_ROOT, slug="netops")


def described(job_class: Any) -> JobDescription:
    return job_description(job_class, ROOT)


def with_meta(*bases: type, **attributes: Any) -> Any:
    return type(
        "Sync", bases or (Job,), {"__module__": __name__, "Meta": type("Meta", (), attributes)}
    )


class Full(Job):
    class Meta:
        name = "Full"
        description = """
            Does much.

            Slowly.
        """
        hidden = True
        read_only = True
        is_singleton = True
        dryrun_default = True
        has_sensitive_variables = False
        soft_time_limit = 30
        time_limit = 60
        field_order: tuple[str, ...] = ("site", "dryrun")

    dryrun = DryRunVar()
    site = StringVar()


def test_a_class_is_described_by_its_facts() -> None:
    line = Path(__file__).read_text().splitlines().index("class Full(Job):") + 1
    found = described(Full)
    assert [variable.name for variable in found.variables] == ["site", "dryrun"]
    assert found == JobDescription(
        class_path=f"{__name__}.Full",
        name="Full",
        grouping=__name__,
        description="Does much.\n\nSlowly.",
        kind="Job",
        source_path="test_descriptions.py",
        source_line=line,
        hidden=True,
        read_only=True,
        is_singleton=True,
        supports_dryrun=True,
        dryrun_default=True,
        has_sensitive_variables=False,
        soft_time_limit_seconds=30,
        time_limit_seconds=60,
        field_order=["site", "dryrun"],
        variables=found.variables,
    )


@pytest.mark.parametrize(
    "base", [Job, JobHookReceiver, JobButtonReceiver], ids=lambda base: base.__name__
)
def test_a_description_says_which_kind_a_class_is(base: type) -> None:
    assert described(with_meta(base)).kind == base.__name__


NOTES: dict[str, tuple[dict[str, Any], str]] = {
    "console_log_default": (
        {"console_log_default": True},
        "console_log_default has no effect here: what a job prints is always in its log.",
    ),
    "task_queues": (
        {"task_queues": ["bulk"]},
        "task_queues has no effect here: there are no queues; spec.runner of the definition says "
        "where its pods run.",
    ),
    "template_name": (
        {"template_name": "a.html"},
        "template_name has no effect here: there is no form that it could change.",
    ),
    "approval_required": (
        {"approval_required": True},
        "approval_required has no effect here: who may run a job is said by Kubernetes' RBAC on "
        "JobRuns.",
    ),
    "dryrun_default without a variable": (
        {"dryrun_default": True},
        "dryrun_default has no effect: no DryRunVar is named dryrun.",
    ),
    "an unknown field": (
        {"field_order": ["site"]},
        'field_order names "site", which is no variable.',
    ),
    "a misspelt attribute": (
        {"hiden": True},
        "Meta.hiden has no effect: it is none of Meta's attributes.",
    ),
    "a long name": ({"name": "n" * 101}, "The name has 101 characters and is cut to 100."),
}


@pytest.mark.parametrize(("attributes", "note"), NOTES.values(), ids=NOTES)
def test_what_is_accepted_without_effect_is_noted(attributes: dict[str, Any], note: str) -> None:
    assert described(with_meta(**attributes)).notes == [note]


@pytest.mark.parametrize(
    ("attributes", "note"),
    [
        (
            {"htmx_template_name": "a.html"},
            "htmx_template_name has no effect here: there is no form that it could change.",
        ),
        (
            {"dry": DryRunVar()},
            'The DryRunVar "dry" does not make dry runs: only one named dryrun does.',
        ),
        ({"site": StringVar(widget=object())}, 'The widget of variable "site" has no effect here.'),
    ],
    ids=["another template", "a DryRunVar of another name", "a widget"],
)
def test_what_stands_in_the_class_without_effect_is_noted(
    attributes: dict[str, Any], note: str
) -> None:
    assert described(type("Sync", (Job,), attributes)).notes == [note]


def test_a_class_that_asks_for_nothing_special_has_no_notes() -> None:
    class Plain(Job):
        class Meta(Full.Meta):
            dryrun_default = False
            field_order = ()

        _own = 5
        dryrun = BooleanVar()

    assert described(Plain).notes == []


def test_names_are_cut_as_nautobot_cuts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "name", "g" * 300, raising=False)
    found = described(with_meta(name="n" * 300))
    assert (len(found.name), len(found.grouping)) == (100, 255)
    assert found.notes == [
        "The name has 300 characters and is cut to 100.",
        "The grouping has 300 characters and is cut to 255.",
    ]


@pytest.mark.parametrize(
    ("attribute", "value", "words"),
    [
        ("description", 5, "description should be <class 'str'>, not <class 'int'>"),
        ("grouping", None, "grouping should be <class 'str'>, not <class 'NoneType'>"),
        ("hidden", "yes", "hidden should be <class 'bool'>, not <class 'str'>"),
        ("time_limit", 1.5, "time_limit should be <class 'int'>, not <class 'float'>"),
    ],
    ids=["description", "grouping", "hidden", "time_limit"],
)
def test_a_plain_attribute_of_another_type_is_refused(
    attribute: str, value: Any, words: str
) -> None:
    with pytest.raises(TypeError) as refused:
        described(type("Sync", (Job,), {attribute: value}))
    assert str(refused.value) == words


@pytest.mark.parametrize(
    "attribute", ["approval_required", "template_name", "task_queues", "hidden"]
)
def test_a_wrong_type_in_meta_is_refused_though_nothing_else_reads_it(attribute: str) -> None:
    with pytest.raises(TypeError, match=f"Meta.{attribute} should be "):
        described(with_meta(**{attribute: 5}))
