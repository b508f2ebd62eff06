from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from davit_kubectl.failures import BadUsage
from davit_kubectl.rules import objection, rule
from davit_kubectl.values import read_inputs, read_inputs_from, read_value


def variable(kind: str, **facts: Any) -> dict[str, Any]:
    return {"name": "x", "type": kind, **facts}


CHOICES = {"choices": [{"value": "a"}, {"value": "b,c"}, {"value": "d"}]}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("StringVar", " @7 = ", " @7 = "),
        ("TextVar", "a\nb", "a\nb"),
        ("IntegerVar", "-7", -7),
        ("IntegerVar", "1_000", 1000),
        ("IntegerVar", str(2**63), str(2**63)),
        ("BooleanVar", "Yes", True),
        ("DryRunVar", "0", False),
        ("JSONVar", '{"a": [1, null]}', {"a": [1, None]}),
        ("ChoiceVar", "1", "1"),
        ("ObjectVar", "12", "12"),
        ("IPAddressVar", "192.0.2.1", "192.0.2.1"),
        ("AuthorsOwnVar", "7", "7"),
    ],
)
def test_text_is_read_as_the_type_says(kind: str, text: str, value: object) -> None:
    found = read_value(variable(kind), [text])
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("texts", "values"),
    [(["a, d"], ["a", "d"]), (["a", "d"], ["a", "d"]), (["b,c", "a"], ["b,c", "a"]), ([""], [])],
    ids=["commas", "repeated", "a value with a comma", "none"],
)
def test_many_values_come_by_commas_or_one_by_one(texts: list[str], values: list[str]) -> None:
    assert read_value(variable("MultiChoiceVar", **CHOICES), texts) == values


@pytest.mark.parametrize(
    ("kind", "texts", "sentence"),
    [
        ("IntegerVar", ["7.5"], '"x" must be a whole number, not "7.5".'),
        ("BooleanVar", ["maybe"], '"x" must be true or false'),
        ("JSONVar", ["{"], '"x" must be JSON: '),
        ("JSONVar", ["NaN"], '"x" must be JSON: NaN is no JSON.'),
        ("JSONVar", ["[" * 100_000], '"x" must be JSON: it is nested too deeply.'),
        ("StringVar", ["a", "b"], '"x" takes one value, but it was given 2 times.'),
        ("FileVar", ["a"], '"x" is a file. Put it into a Secret or ConfigMap, and give it as'),
    ],
)
def test_what_does_not_fit_the_type_is_refused(kind: str, texts: list[str], sentence: str) -> None:
    with pytest.raises(BadUsage) as refused:
        read_value(variable(kind), texts)
    assert str(refused.value).startswith(sentence)


def test_data_and_inputs_are_joined(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text('{"x": 1}')
    variables = {"x": variable("IntegerVar"), "y": {"name": "y", "type": "StringVar"}}
    assert read_inputs(f"@{tmp_path}/data.json", ["y=2"], variables) == {"x": 1, "y": "2"}


@pytest.mark.parametrize(
    ("data", "texts", "sentence"),
    [
        ('{"x": 1}', ["x=2"], 'Both --data and --input give "x".'),
        ("[1]", [], "--data must be a JSON object."),
        ("{", [], "--data is not valid JSON"),
        ("@/nowhere/at/all", [], '--data names the file "/nowhere/at/all", which cannot be read'),
        ('{"z": 1}', [], 'The job has no variable "z". Its variables: x, secret.'),
        ("", ["x"], '--input must look like NAME=VALUE, got "x".'),
        ('{"secret": "s"}', [], '"secret" is a secret, and whoever may list runs reads'),
    ],
)
def test_inputs_that_cannot_be_are_refused(data: str, texts: list[str], sentence: str) -> None:
    secret = {"name": "secret", "type": "StringVar", "sensitive": True}
    with pytest.raises(BadUsage) as refused:
        read_inputs(data, texts, {"x": variable("IntegerVar"), "secret": secret})
    assert str(refused.value).startswith(sentence)


def test_inputs_from_name_a_key_of_an_object() -> None:
    texts = ["x=ConfigMap/motd/today.txt"]
    reference = {"name": "motd", "key": "today.txt"}
    assert read_inputs_from(texts, {"x": variable("FileVar")}) == [
        {"variable": "x", "configMapKeyRef": reference}
    ]


@pytest.mark.parametrize("place", ["secret/login", "vault/a/b", "login", "secret//key"])
def test_inputs_from_elsewhere_are_refused(place: str) -> None:
    with pytest.raises(BadUsage, match="must look like x=secret/OBJECT/KEY"):
        read_inputs_from([f"x={place}"], {"x": variable("StringVar")})


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"type": "StringVar"}, ""),
        ({"type": "IntegerVar", "min": 0}, "a whole number, at least 0"),
        ({"type": "StringVar", "maxLength": 5, "regex": "^a"}, "at most 5 characters, matches ^a"),
        ({"type": "ChoiceVar", "choices": [{"value": "a", "label": "A"}]}, "one of: a (A)"),
        (
            {"type": "ChoiceVar", "choices": [{"value": str(number)} for number in range(14)]},
            "one of: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, and 2 more",
        ),
        (
            {"type": "IPNetworkVar", "minPrefixLength": 8, "maxPrefixLength": 24},
            "an IP network, such as 192.0.2.0/24, a prefix of 8 to 24 bits",
        ),
    ],
)
def test_a_rule_is_said_in_words(facts: dict[str, Any], text: str) -> None:
    assert rule({"name": "x", **facts}) == text


@pytest.mark.parametrize(
    ("facts", "value", "sentence"),
    [
        ({"type": "IntegerVar", "min": 1}, 0, "It must be at least 1."),
        ({"type": "IntegerVar", "max": 1}, 2, "It must be at most 1."),
        ({"type": "IntegerVar", "max": 1}, 1, ""),
        ({"type": "StringVar", "minLength": 2}, " a ", "It must have at least 2 characters."),
        ({"type": "StringVar", "maxLength": 2}, "abc", "It must have at most 2 characters."),
        ({"type": "StringVar", "regex": "^a", "regexPortable": True}, "b", "It must match ^a."),
        # What it means is known to the job's Python alone.
        ({"type": "StringVar", "regex": r"^\w", "regexPortable": False}, "-", ""),
        ({"type": "MultiChoiceVar", **CHOICES}, ["a", "e"], '"e" is not one of its choices.'),
        ({"type": "BooleanVar"}, True, ""),
    ],
)
def test_an_answer_that_no_form_would_take_is_objected_to(
    facts: dict[str, Any], value: object, sentence: str
) -> None:
    assert objection({"name": "x", **facts}, value) == sentence
