"""Django itself as the judge: its forms give the table's verdicts, its models can be selected."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import django
import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import connection, models
from tests.contract.input_cases import CASES, NOT_GIVEN, InputCase

import davit
from davit._inputs import serialized_inputs
from davit._runner.describe_variables import described_variables
from davit._variables import ValueRefused

settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
)
django.setup()


class Site(models.Model):  # type: ignore[misc]  # Django has no types
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "inventory"


class Rack(models.Model):  # type: ignore[misc]  # likewise
    id = models.UUIDField(primary_key=True)

    class Meta:
        app_label = "inventory"


# Other tests of this process must find no Django that is set up.
apps.ready = False

RACK = uuid.UUID(int=7)
NO_CHOICE = "Select a valid choice. That choice is not one of the available choices."


@pytest.fixture(scope="module", autouse=True)
def tables() -> Iterator[None]:
    """Make the tables in memory, with two sites of one name, one other, and a rack."""
    apps.ready = True
    with connection.schema_editor() as editor:
        editor.create_model(Site)
        editor.create_model(Rack)
    for name in ("berlin", "paris", "paris"):
        Site.objects.create(name=name)
    Rack.objects.create(id=RACK)
    yield
    connection.close()
    apps.ready = False


def _text_field(options: dict[str, Any]) -> Any:
    # Nautobot hands on only limits that are true, so that 0 is none.
    given = {name: options[name] for name in ("min_length", "max_length") if options.get(name)}
    regex = options.get("regex")
    message = f"Invalid value. Must match regex: {regex}"
    validators = [RegexValidator(regex, message)] if regex else []
    return forms.CharField(**given, validators=validators, required=_is_required(options))


def _integer_field(options: dict[str, Any]) -> Any:
    given = {name: options[name] for name in ("min_value", "max_value") if options.get(name)}
    return forms.IntegerField(**given, required=_is_required(options))


def _is_required(options: dict[str, Any]) -> bool:
    return bool(options.get("required", True))


FIELDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "StringVar": _text_field,
    "TextVar": _text_field,
    "ScriptVariable": _text_field,
    "IntegerVar": _integer_field,
    "BooleanVar": lambda _: forms.BooleanField(required=False),
    "DryRunVar": lambda _: forms.BooleanField(required=False),
    "ChoiceVar": lambda options: forms.ChoiceField(
        choices=options["choices"], required=_is_required(options)
    ),
    "MultiChoiceVar": lambda options: forms.MultipleChoiceField(
        choices=options["choices"], required=_is_required(options)
    ),
    "JSONVar": lambda options: forms.JSONField(required=_is_required(options)),
    "FileVar": lambda options: forms.FileField(required=_is_required(options)),
}


def is_djangos(case: InputCase) -> bool:
    """Return whether a form has an opinion: it knows no defaults, and no plain Python."""
    is_default = case.given is NOT_GIVEN and "default" in case.options
    return case.type in FIELDS and not (is_default or case.ours or case.only_python)


@pytest.mark.parametrize("case", [case for case in CASES if is_djangos(case)], ids=str)
def test_djangos_form_field_gives_the_verdict_of_the_table(case: InputCase) -> None:
    field = FIELDS[case.type](case.options)
    value = None if case.given is NOT_GIVEN else case.given
    if not case.messages:
        assert field.clean(value) == case.received
        return
    with pytest.raises(forms.ValidationError) as refused:
        field.clean(value)
    # A form cannot know that a file is given elsewhere.
    assert refused.value.messages == (
        case.messages[:1] if case.type == "FileVar" else case.messages
    )


def verdict(clean: Callable[[Any], Any], value: Any) -> Any:
    try:
        found = clean(value)
    except (ValueRefused, forms.ValidationError) as refused:
        return refused.messages
    return list(found) if isinstance(found, models.QuerySet) else found


@pytest.mark.parametrize(
    "value", [1, "1", 9, "x", "", None, [], [1], "a\x00b", "null", 1.0], ids=repr
)
@pytest.mark.parametrize("required", [True, False], ids=["required", "optional"])
def test_an_object_of_a_model_is_what_djangos_field_gives(value: Any, required: bool) -> None:
    field = forms.ModelChoiceField(Site.objects.all(), required=required)
    variable = davit.ObjectVar(Site, required=required)
    assert verdict(variable.clean, value) == verdict(field.clean, value)


@pytest.mark.parametrize(
    "value",
    [
        [1, 2],
        ["1"],
        [1, 1],
        [9],
        [9, 9],
        ["x"],
        [None],
        [[1]],
        [{}],
        ["a\x00b"],
        [],
        None,
        "",
        0,
        1,
        "1",
    ],
    ids=repr,
)
@pytest.mark.parametrize("required", [True, False], ids=["required", "optional"])
def test_objects_of_a_model_are_what_djangos_field_gives(value: Any, required: bool) -> None:
    field = forms.ModelMultipleChoiceField(Site.objects.all(), required=required)
    variable = davit.MultiObjectVar(Site, required=required)
    assert verdict(variable.clean, value) == verdict(field.clean, value)


def test_several_objects_of_a_model_come_as_a_queryset() -> None:
    for ids, names in (([2, 1], ["paris", "berlin"]), ([], [])):
        found = davit.MultiObjectVar(Site, required=False).clean(ids)
        assert isinstance(found, models.QuerySet)
        assert [site.name for site in found.order_by("-name")] == names


@pytest.mark.parametrize(
    ("lookups", "message"),
    [
        ({"name": "rome"}, NO_CHOICE),
        (
            {"name": "paris"},
            "More than one object fits. Give more lookups, or the id of the object.",
        ),
        ({"rack": 1}, "These lookups are not possible: Cannot resolve keyword 'rack' into field."),
        ({"id": "x"}, NO_CHOICE),
    ],
    ids=["nothing fits", "several fit", "unknown", "malformed"],
)
def test_lookups_must_fit_exactly_one_object(lookups: dict[str, Any], message: str) -> None:
    assert davit.ObjectVar(Site).clean({"name": "berlin"}).pk == 1
    with pytest.raises(ValueRefused) as refused:
        davit.ObjectVar(Site).clean(lookups)
    [said] = refused.value.messages
    assert said.startswith(message)


def test_a_malformed_uuid_is_told_in_djangos_words() -> None:
    said = ["“x” is not a valid UUID."]
    assert verdict(davit.ObjectVar(Rack).clean, "x") == said
    assert verdict(davit.ObjectVar(Rack).clean, {"id": "x"}) == said
    assert verdict(davit.MultiObjectVar(Rack).clean, ["x"]) == said


def test_objects_themselves_are_taken_as_tests_give_them() -> None:
    site = Site.objects.get(pk=1)
    assert davit.ObjectVar(Site).clean(site) == site
    assert [*davit.MultiObjectVar(Site).clean([site])] == [site]
    assert [*davit.MultiObjectVar(Site).clean(Site.objects.filter(pk=1))] == [site]


def test_a_queryset_is_deprecated_and_restricts_what_is_found() -> None:
    with pytest.warns(UserWarning, match='Please use "model" instead'):
        variable = davit.ObjectVar(queryset=Site.objects.filter(name="paris"))
    assert variable.clean(2).name == "paris"
    assert verdict(variable.clean, 1) == [NO_CHOICE]


def test_handlers_receive_primary_keys() -> None:
    variables = {"site": davit.ObjectVar(Site), "racks": davit.MultiObjectVar(Rack)}
    values = {"site": variables["site"].clean(1), "racks": variables["racks"].clean([RACK])}
    assert serialized_inputs(variables, values) == {"site": 1, "racks": [str(RACK)]}


def test_discovery_names_the_model_and_asks_the_database_nothing() -> None:
    class Audit(davit.Job):
        site = davit.ObjectVar(Site, display_field="name", default=Site(pk=5))

    def refuse(*_: Any) -> None:
        raise AssertionError("the database was asked")

    with connection.execute_wrapper(refuse):
        [described] = described_variables(Audit)
    assert described.model is not None
    assert described.model.endswith("test_django.Site")
    assert (described.display_field, described.default) == ("name", 5)
