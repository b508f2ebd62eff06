"""The CRDs on disk are those of the models, and such as the API server takes them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from davit_operator.api.__main__ import crd_file_name, crd_file_text, main
from davit_operator.api.crd import crd
from davit_operator.api.kinds import KINDS, Kind

CRDS = Path(__file__).parents[3] / "crds"
MAX_BYTES = 256 * 1024
TYPES = {"object", "array", "string", "integer", "number", "boolean"}
UNSTRUCTURAL = {"$ref", "$defs", "anyOf", "oneOf", "allOf", "not", "const", "title", "nullable"}
# Of another draft of JSON Schema: numbers here, truth values in a CRD.
UNSTRUCTURAL |= {"exclusiveMinimum", "exclusiveMaximum"}
FREE_FORM = "x-kubernetes-preserve-unknown-fields"
Node = dict[str, Any]

of_each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
of_each_kind_with_a_status = pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind.status], ids=lambda kind: kind.name
)


@cache
def schema_of(kind: Kind) -> Node:
    [version] = crd(kind)["spec"]["versions"]
    schema: Node = version["schema"]["openAPIV3Schema"]
    return schema


def nodes(schema: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    """Yield every schema in ``schema``, with the path of the field that it is of."""
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from nodes(child, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            yield from nodes(schema[key], f"{path}[]")


def lacking(kind: Kind, is_right: Any) -> list[str]:
    return [path for path, node in nodes(schema_of(kind)) if not is_right(path, node)]


@of_each_kind
def test_the_crd_on_disk_equals_the_model(kind: Kind) -> None:
    on_disk = (CRDS / crd_file_name(kind)).read_text()
    assert on_disk == crd_file_text(kind), "run `make generate`, commit the result"


def test_no_crd_on_disk_is_of_a_kind_that_is_gone() -> None:
    found = {path.name for path in CRDS.glob("davit.dev_*.yaml")}
    assert found == {crd_file_name(kind) for kind in KINDS}


def test_generating_writes_every_file(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 0
    for kind in KINDS:
        assert (tmp_path / crd_file_name(kind)).read_text() == crd_file_text(kind)


def test_generating_without_a_folder_says_how_it_is_used(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 2
    assert "usage:" in capsys.readouterr().err


@of_each_kind
def test_a_crd_is_far_from_the_limit_of_an_object(kind: Kind) -> None:
    assert len(crd_file_text(kind).encode()) < MAX_BYTES


@of_each_kind
def test_every_schema_is_structural(kind: Kind) -> None:
    assert lacking(kind, lambda _, node: not UNSTRUCTURAL & set(node)) == []


@of_each_kind
def test_every_schema_has_one_type_unless_it_is_free(kind: Kind) -> None:
    free = (FREE_FORM, "x-kubernetes-int-or-string")
    assert (
        lacking(kind, lambda _, node: any(map(node.get, free)) or node.get("type") in TYPES) == []
    )


@of_each_kind
def test_every_field_is_described_in_a_sentence(kind: Kind) -> None:
    def is_right(path: str, node: Node) -> bool:
        is_field = path.startswith((".spec", ".status")) and not path.endswith("[]")
        text = node.get("description", "")
        return not is_field or (len(text) > 5 and "\n" not in text)

    assert lacking(kind, is_right) == []


@of_each_kind
def test_every_list_and_map_in_a_spec_has_a_limit(kind: Kind) -> None:
    """Rules cost what the largest object would cost, and the API server limits that."""

    def is_right(path: str, node: Node) -> bool:
        if not path.startswith(".spec"):
            return True
        return not (
            (node.get("type") == "array" and "maxItems" not in node)
            or ("additionalProperties" in node and "maxProperties" not in node)
        )

    assert lacking(kind, is_right) == []


@of_each_kind
def test_every_text_in_a_spec_has_a_limit(kind: Kind) -> None:
    def is_right(path: str, node: Node) -> bool:
        is_text = path.startswith(".spec") and node.get("type") == "string"
        return not is_text or "enum" in node or "maxLength" in node or "pattern" in node

    assert lacking(kind, is_right) == []


@of_each_kind
def test_a_status_has_no_defaults_since_an_absent_key_says_that_nothing_is_known(
    kind: Kind,
) -> None:
    def is_right(path: str, node: Node) -> bool:
        return not path.startswith(".status.") or "default" not in node

    assert lacking(kind, is_right) == []


@of_each_kind_with_a_status
def test_a_status_that_nobody_wrote_speaks_of_no_generation(kind: Kind) -> None:
    status = schema_of(kind)["properties"]["status"]
    assert status["default"] == {"observedGeneration": -1}
    assert status["properties"]["observedGeneration"]["minimum"] == -1


@of_each_kind
def test_what_is_required_exists_and_what_has_a_default_is_not_required(kind: Kind) -> None:
    def is_right(_: str, node: Node) -> bool:
        fields = node.get("properties", {})
        required = node.get("required", [])
        return all(name in fields and "default" not in fields[name] for name in required)

    assert lacking(kind, is_right) == []


@of_each_kind_with_a_status
def test_conditions_are_a_map_by_type_so_that_two_writers_can_own_different_ones(
    kind: Kind,
) -> None:
    conditions = schema_of(kind)["properties"]["status"]["properties"]["conditions"]
    assert conditions["x-kubernetes-list-type"] == "map"
    assert conditions["x-kubernetes-list-map-keys"] == ["type"]


@of_each_kind
def test_every_rule_says_in_words_what_it_refuses(kind: Kind) -> None:
    rules = [
        rule
        for _, node in nodes(schema_of(kind))
        for rule in node.get("x-kubernetes-validations", [])
    ]
    assert rules
    assert [rule for rule in rules if not rule.get("message") or not rule.get("rule")] == []


@of_each_kind
def test_every_column_shows_a_field_that_exists(kind: Kind) -> None:
    known = {path for path, _ in nodes(schema_of(kind))}
    paths = [column.path.split("[?", 1)[0] for column in kind.columns]
    shown = [path for path in paths if not path.startswith(".metadata.")]
    assert [path for path in (*shown, *kind.selectable) if path not in known] == []


def test_names_of_kinds_do_not_collide() -> None:
    names = [name for kind in KINDS for name in (kind.plural, kind.name.lower(), kind.short_name)]
    assert len(names) == len(set(names))
