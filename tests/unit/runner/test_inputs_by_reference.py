"""Values that stand in mounted files: read before the author's code, and never said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.builders import RUN_UID
from tests.contract.input_cases.objects import Device

import davit
from davit._runner.references import References, Unreadable, read_references
from davit.exceptions import InvalidInputs
from davit_contract import Layout, RunRequest

HIGH = bytes(range(128, 256))


def a_request(**changes: Any) -> RunRequest:
    told: dict[str, Any] = {
        "subject": RUN_UID, "namespace": "netops", "name": "x", "class_path": "jobs.J",
        "slug": "netops", "layout": Layout.JOBS_ROOT, "commit": "9f3c", "artifact_digest": "",
        "artifact_parts": 0, **changes,
    }  # fmt: skip
    return RunRequest(**told)


def source(kind: str = "Secret", *, file: str = "0", key: str = "pass.txt") -> dict[str, str]:
    return {"file": file, "kind": kind, "name": "login", "key": key}


def value_of(variable: davit.ScriptVariable, content: bytes) -> Any:
    """Return what ``run()`` receives where the variable's key holds ``content``."""
    job_class: type[davit.Job] = type("Given", (davit.Job,), {"value": variable})
    references = References({"value": content}, {}, ())
    request = references.complete(a_request(inputs_from={"value": source()}), job_class)
    return variable.clean(request.inputs["value"])


@pytest.mark.parametrize(
    ("variable", "content", "expected"),
    [
        (davit.StringVar(), b"hunter2\n", "hunter2"),
        (davit.StringVar(), "Zoë".encode(), "Zoë"),
        (davit.ScriptVariable(), b"hunter2\r\n", "hunter2"),
        (davit.TextVar(), b"a\nb\n", "a\nb"),
        (davit.ChoiceVar([("red", "Red")]), b"red\n", "red"),
        (davit.ChoiceVar([("red\n", "Red")]), b"red\n\n", "red\n"),
        (davit.IntegerVar(), b"42\n", 42),
        (davit.BooleanVar(), b"false\n", False),
        (davit.BooleanVar(), b"true", True),
        (davit.JSONVar(), b'{"a": [1]}\n', {"a": [1]}),
        (davit.MultiChoiceVar([("a", "A"), ("b", "B")]), b'["a", "b"]\n', ["a", "b"]),
        (davit.IPAddressVar(), b"192.0.2.1\n", davit.IPAddressVar().clean("192.0.2.1")),
        (davit.ObjectVar(Device), b"1\n", Device.get("1")),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, davit.ScriptVariable) else None,
)
def test_the_text_of_a_key_is_what_a_literal_is(
    variable: davit.ScriptVariable, content: bytes, expected: Any
) -> None:
    assert value_of(variable, content) == expected


@pytest.mark.parametrize("content", [b"hunter2\n", HIGH, b"\r\n"])
def test_a_file_has_each_byte_of_its_key_and_its_name(content: bytes) -> None:
    file = value_of(davit.FileVar(), content)
    assert (file.read(), file.name, file.size) == (content, "pass.txt", len(content))


def test_bytes_that_are_no_text_are_refused_with_the_key_and_what_to_do() -> None:
    with pytest.raises(InvalidInputs) as refused:
        value_of(davit.StringVar(), HIGH)
    assert refused.value.errors == {
        "value": [
            'Key "pass.txt" of Secret "login" holds no UTF-8 text, so it fits no StringVar. Store '
            "text there, or make the variable a FileVar."
        ]
    }


def test_the_content_of_a_secret_is_secret_and_that_of_a_config_map_is_not(tmp_path: Path) -> None:
    (tmp_path / "0").write_bytes(b"hunter2\n")
    (tmp_path / "1").write_bytes(b"a public list\n")
    (tmp_path / "2").write_bytes(HIGH)
    inputs_from = {
        "password": source(),
        "list": source("ConfigMap", file="1"),
        "key": source(file="2"),
    }
    found = read_references(a_request(inputs_from=inputs_from), str(tmp_path), "")
    assert {"hunter2", repr(HIGH)[2:-1], HIGH.hex()} <= set(found.secrets)
    assert "public" not in str(found.secrets)
    assert found.contents["list"] == b"a public list\n"


def test_secrets_become_an_environment_as_core_v1_makes_one(tmp_path: Path) -> None:
    for folder, key, text in (
        ("0", "USER", "ada"), ("0", "HOST", "first"), ("0", "SITE", "hidden"), ("1", "HOST", "two"),
    ):  # fmt: skip
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / key).write_text(text)
    # What the kubelet leaves beside them.
    (tmp_path / "0" / "..data").symlink_to(tmp_path / "1")
    environment_from = [
        {"folder": "0", "name": "a", "prefix": ""},
        {"folder": "1", "name": "b", "prefix": ""},
        {"folder": "1", "name": "b", "prefix": "B_"},
    ]
    request = a_request(environment_from=environment_from, environment=["SITE"])
    found = read_references(request, "", str(tmp_path))
    assert found.environment == {"USER": "ada", "HOST": "two", "B_HOST": "two"}
    # Who mounts the folder could print it.
    assert "hidden" in found.secrets


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"inputs_from": {"password": source(file="7")}}, 'Key "pass.txt" of Secret "login"'),
        ({"environment_from": [{"folder": "7", "name": "login", "prefix": ""}]}, 'Secret "login"'),
        (
            {"environment_from": [{"folder": "0", "name": "login", "prefix": ""}]},
            'Key "BAD" of Secret "login" holds a null character',
        ),
    ],
    ids=["no file", "no folder", "no environment variable"],
)
def test_what_cannot_be_used_is_said_with_its_name(
    tmp_path: Path, request_: dict[str, Any], words: str
) -> None:
    (tmp_path / "0").mkdir()
    (tmp_path / "0" / "BAD").write_bytes(b"a\0b")
    with pytest.raises(Unreadable, match=words):
        read_references(a_request(**request_), str(tmp_path), str(tmp_path))
