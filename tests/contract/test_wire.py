from __future__ import annotations

import json
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from tests.contract.messages import EXAMPLES

import davit_contract
from davit_contract import (
    VERSION,
    ChoiceDescription,
    DiscoveryProblem,
    ErrorInfo,
    LogCounts,
    MessageError,
    RunRequest,
    VariableDescription,
    decode,
    encode,
)

GOLDEN = Path(__file__).parent / f"v{VERSION}"
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_message_looks_as_its_golden_file(name: str, request: pytest.FixtureRequest) -> None:
    text = json.dumps(json.loads(encode(EXAMPLES[name])), indent=2, ensure_ascii=False) + "\n"
    path = GOLDEN / f"{name}.json"
    if request.config.getoption("--update-golden", default=False):
        path.write_text(text)
    assert path.read_text() == text, "run pytest with --update-golden, and look at the diff"


def test_every_golden_file_has_an_example() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_was_encoded_can_be_decoded(name: str) -> None:
    message = EXAMPLES[name]
    found = decode(type(message), encode(message))
    for item in fields(message):
        value = getattr(message, item.name)
        plain = json.loads(json.dumps(value, default=asdict))
        assert getattr(found, item.name) == plain


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for what a field of type ``hint`` may hold."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        return st.one_of(*map(values_of, arguments))
    if origin is list:
        return st.lists(values_of(arguments[0]), max_size=2)
    if origin is dict:
        return st.dictionaries(st.text(), values_of(arguments[1]), max_size=3)
    if is_dataclass(hint):
        return messages_of(hint)
    return PLAIN[hint] if hint in PLAIN else st.sampled_from(hint)


PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    Any: json_values,
    NoneType: st.none(),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    int: st.integers(),
    str: st.text(),
}


def messages_of(message_type: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for messages of one type, in any of their fields anything."""
    hints = {**get_type_hints(message_type)}
    if "version" in hints:
        hints["version"] = Literal[VERSION]
    values = {name: values_of(hint) for name, hint in hints.items()}
    return st.fixed_dictionaries(values).map(lambda values: message_type(**values))


def readable(message: Any) -> Any:
    """Return the message as decode() gives it: what stands in it in turn stays plain JSON."""
    plain = {item.name: getattr(message, item.name) for item in fields(message)}
    nested = {name: value for name, value in plain.items() if is_nested(value)}
    return replace(
        message, **{n: json.loads(json.dumps(v, default=asdict)) for n, v in nested.items()}
    )


def is_nested(value: Any) -> bool:
    return is_dataclass(value) or (isinstance(value, list) and any(map(is_dataclass, value)))


# Made once: to make a strategy takes longer than to draw from it.
STRATEGIES = {type(message): messages_of(type(message)) for message in EXAMPLES.values()}


@pytest.mark.parametrize("message_type", STRATEGIES, ids=lambda kind: kind.__name__)
@settings(max_examples=15)
@given(data=st.data())
def test_any_message_survives_the_wire_to_either_reader(
    message_type: Any, data: st.DataObject
) -> None:
    message = data.draw(STRATEGIES[message_type])
    text = encode(message)
    assert "\n" not in text
    assert decode(message_type, text) == readable(message)
    # As the operator reads it.
    assert TypeAdapter(message_type).validate_python(json.loads(text)) == message


def test_every_message_of_the_contract_has_an_example() -> None:
    known = {type(message) for message in EXAMPLES.values()}
    parts = {ChoiceDescription, ErrorInfo, LogCounts, VariableDescription}
    everything = {getattr(davit_contract, name) for name in davit_contract.__all__}
    assert {kind for kind in everything if is_dataclass(kind)} == known | parts


@given(extra=st.dictionaries(st.text(), json_values, max_size=4), name=st.sampled_from([*EXAMPLES]))
def test_unknown_fields_are_ignored(extra: dict[str, Any], name: str) -> None:
    data = json.loads(encode(EXAMPLES[name]))
    message_type = type(EXAMPLES[name])
    found = decode(message_type, json.dumps({**extra, **data}))
    assert found == decode(message_type, json.dumps(data))


@pytest.mark.parametrize("version", [0, 2, "1", None], ids=repr)
def test_another_version_is_refused_by_number(version: object) -> None:
    text = json.dumps({"version": version, "path": "a", "message": "b"})
    with pytest.raises(MessageError, match="this side reads version 1"):
        decode(DiscoveryProblem, text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not valid JSON"),
        ("[1]", "not a JSON object"),
        ('{"version":1,"path":"a"}', "is incomplete: .*message"),
    ],
    ids=["nothing", "a list", "a field is missing"],
)
def test_what_is_no_message_is_refused(text: str, words: str) -> None:
    with pytest.raises(MessageError, match=words):
        decode(DiscoveryProblem, text)


@pytest.mark.parametrize("value", [float("nan"), float("inf")], ids=["NaN", "infinity"])
def test_what_json_cannot_say_is_not_encoded(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        encode(
            RunRequest(**{**json.loads(encode(EXAMPLES["run_request"])), "inputs": {"x": value}})
        )
