from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.messages import EXAMPLES

from davit_contract import (
    VERSION,
    DiscoveryProblem,
    LogRecord,
    MessageError,
    PartRecord,
    PartType,
    RunRequest,
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


@given(
    sequence=st.integers(min_value=1),
    texts=st.tuples(st.text(), st.text(), st.text(), st.text()),
    continued=st.booleans(),
)
def test_any_log_record_survives_the_wire(
    sequence: int, texts: tuple[str, str, str, str], continued: bool
) -> None:
    level, grouping, message, item = texts
    record = LogRecord(
        sequence=sequence,
        time="",
        level=level,
        grouping=grouping,
        message=message,
        object=item,
        continued=continued,
    )
    assert "\n" not in encode(record)
    assert decode(LogRecord, encode(record)) == record


@given(data=st.text(), kind=st.sampled_from(PartType))
def test_any_part_survives_the_wire(data: str, kind: PartType) -> None:
    record = PartRecord(type=kind, sequence=1, time="", part=1, parts=1, data=data)
    assert decode(PartRecord, encode(record)) == record


@given(inputs=st.dictionaries(st.text(), json_values, max_size=4))
def test_any_inputs_survive_the_wire(inputs: dict[str, Any]) -> None:
    known = json.loads(encode(EXAMPLES["run_request"]))
    request = RunRequest(**{**known, "inputs": inputs})
    assert decode(RunRequest, encode(request)) == request


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
