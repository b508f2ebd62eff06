"""What discovery says of variables: all that a form, an admission rule and the operator need."""

from __future__ import annotations

import decimal
import re
from collections.abc import Iterator
from ipaddress import ip_network
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.contract.input_cases.objects import SPINE, Device

import davit
from davit._runner.describe_variables import described_variables, variable_notes
from davit_contract import ChoiceDescription, VariableDescription


def description(variable: davit.ScriptVariable, **meta: Any) -> VariableDescription:
    """Return the description of ``variable`` as the attribute ``value`` of a job."""
    attributes = {"value": variable, "Meta": type("Meta", (), meta)}
    (found,) = described_variables(type("Described", (davit.Job,), attributes))
    return found


def options(variable: davit.ScriptVariable) -> dict[str, Any]:
    """Return what the description says beyond that of a variable without options."""
    found, plain = description(variable), VariableDescription(name="value", type="")
    names = VariableDescription.__dataclass_fields__
    return {
        name: getattr(found, name)
        for name in names
        if getattr(found, name) != getattr(plain, name) and name != "type"
    }


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        (davit.StringVar(1, 9, "^a"), {"min_length": 1, "max_length": 9, "regex": "^a"}),
        (davit.StringVar(0), {"min_length": 0}),
        (davit.IntegerVar(0, 9), {"min": 0, "max": 9}),
        (davit.TextVar("A label", "Why"), {"label": "A label", "description": "Why"}),
        (davit.BooleanVar(default=True), {"required": False, "default": True}),
        (davit.IPNetworkVar(8, 24), {"min_prefix_length": 8, "max_prefix_length": 24}),
        (davit.JSONVar(default={"a": [1]}), {"default": {"a": [1]}}),
        (davit.FileVar(required=False), {"required": False}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_description_has_the_options_of_its_type(
    variable: davit.ScriptVariable, expected: dict[str, Any]
) -> None:
    found = options(variable)
    assert {name: value for name, value in found.items() if name != "regex_portable"} == expected
    assert description(variable).type == type(variable).__name__


def test_choices_are_evaluated_with_their_groups() -> None:
    groups = [("Warm", [("red", "Red"), (2, "Two")]), ("", "None")]
    expected = [
        ChoiceDescription(value="red", label="Red", group="Warm"),
        ChoiceDescription(value="2", label="Two", group="Warm"),
        ChoiceDescription(value="", label="None"),
    ]
    assert description(davit.ChoiceVar(groups)).choices == expected
    assert description(davit.MultiChoiceVar(lambda: groups)).choices == expected
    assert description(davit.ChoiceVar([])).choices == []


def test_an_object_is_described_by_its_class_and_what_narrows_it() -> None:
    variable = davit.ObjectVar(
        Device,
        display_field="site.name",
        query_params={"site": ["$site"], "at": ip_network("10.0.0.0/8")},
        null_option="none",
    )
    assert options(variable) == {
        "model": "tests.contract.input_cases.objects.Device",
        "display_field": "site.name",
        "query_params": {"site": ["$site"], "at": "10.0.0.0/8"},
        "null_option": "none",
    }
    assert description(davit.MultiObjectVar(SPINE)).model == options(variable)["model"]


def test_parameters_that_json_cannot_say_are_left_out() -> None:
    variable = davit.ObjectVar(Device, query_params={("a", "b"): 1})  # type: ignore[dict-item]
    assert description(variable).query_params is None


@pytest.mark.parametrize(
    ("variable", "default"),
    [
        (davit.IPNetworkVar(default=ip_network("10.0.0.0/8")), "10.0.0.0/8"),
        (davit.JSONVar(default={"a"}), ["a"]),
        (davit.StringVar(default=decimal.Decimal("1.5")), "1.5"),
        (davit.StringVar(default=float("nan")), "nan"),
        (davit.IntegerVar(default=lambda: 7), 7),
        (davit.IntegerVar(default=0), 0),
        (davit.ObjectVar(Device, default=SPINE), 1),
        (davit.ObjectVar(Device, default="1"), "1"),
        (davit.ObjectVar(Device, default={"name": "spine"}), {"name": "spine"}),
        (davit.MultiObjectVar(Device, default=[SPINE, 2]), [1, 2]),
        (davit.MultiObjectVar(Device, default="no list"), "no list"),
        (davit.DryRunVar(default=True), False),
    ],
    ids=lambda value: getattr(type(value), "__name__", None),
)
def test_a_default_is_described_as_json(variable: davit.ScriptVariable, default: Any) -> None:
    assert description(variable).default == default


@pytest.mark.parametrize(
    "variable",
    [
        davit.StringVar(default="hunter2", sensitive=True),
        davit.IntegerVar(default=lambda: 1 / 0, sensitive=True),
        davit.FileVar(default=Path("/etc/hosts")),
    ],
    ids=["a secret", "a function of a secret", "a file"],
)
def test_a_default_that_cannot_be_shown_only_makes_the_value_optional(
    variable: davit.ScriptVariable,
) -> None:
    found = description(variable)
    assert (found.default, found.required) == (None, False)


def test_meta_that_declares_secrets_hides_every_default() -> None:
    found = description(davit.StringVar(default="hunter2"), has_sensitive_variables=True)
    assert (found.default, found.sensitive, found.required) == (None, True, False)
    found = description(davit.StringVar(default="World"), has_sensitive_variables=False)
    assert (found.default, found.sensitive) == ("World", False)


def test_the_default_of_a_dry_run_is_that_of_meta() -> None:
    class Careful(davit.Job):
        dryrun = davit.DryRunVar()
        other = davit.DryRunVar()

        class Meta:
            dryrun_default = True

    assert [item.default for item in described_variables(Careful)] == [True, False]


def test_an_authors_own_variable_has_the_type_that_it_is_made_of() -> None:
    class NameVar(davit.StringVar):
        def __init__(self, **more: Any) -> None:
            super().__init__(regex="^[a-z]+$", **more)

    assert description(NameVar()).type == "StringVar"
    assert options(NameVar())["regex"] == "^[a-z]+$"


def test_an_authors_own_verdict_is_left_to_the_runner() -> None:
    class LoudVar(davit.IntegerVar):
        def coerced(self, value: Any) -> Any:
            return len(value)

    assert description(LoudVar()).type == "ScriptVariable"


def test_only_a_plain_pattern_is_portable() -> None:
    plain, flagged = davit.StringVar(regex="^a"), davit.StringVar(regex=re.compile("^a", re.I))
    assert (description(plain).regex, description(plain).regex_portable) == ("^a", True)
    assert (description(flagged).regex, description(flagged).regex_portable) == ("^a", False)
    assert flagged.clean("A") == "A"


def test_a_limit_that_is_no_whole_number_is_left_to_the_runner() -> None:
    variable = davit.IntegerVar(min_value=1.5)  # type: ignore[arg-type]
    assert description(variable).min is None


def _endless() -> Iterator[tuple[int, str]]:
    return ((number, "") for number in count())


def _ends_the_program() -> Any:
    raise SystemExit("bye")


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        (
            davit.ChoiceVar(lambda: dict[str, Any]()["sites"]),
            "The choices of the variable \"value\" cannot be had: KeyError: 'sites'",
        ),
        (
            davit.ChoiceVar(_ends_the_program),
            'The choices of the variable "value" cannot be had: SystemExit: bye',
        ),
        (
            davit.ChoiceVar(lambda: ["red"]),
            'The choices of the variable "value" cannot be had: TypeError: The choices of',
        ),
        (davit.ChoiceVar(_endless), 'The variable "value" has more than 1,000 choices.'),
        (
            davit.IntegerVar(default=lambda: 1 // 0),
            'The default of the variable "value" cannot be had: ZeroDivisionError',
        ),
    ],
    ids=["raises", "ends the program", "gives no pairs", "never ends", "a default raises"],
)
def test_a_function_that_fails_is_told_with_its_variable(
    variable: davit.ScriptVariable, words: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(words)}"):
        description(variable)


def test_a_widget_is_accepted_and_noted() -> None:
    variables = {"who": davit.StringVar(widget=object()), "what": davit.StringVar()}
    assert variable_notes(variables) == ['The widget of variable "who" has no effect here.']
