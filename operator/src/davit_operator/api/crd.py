"""CustomResourceDefinitions, generated from the models.

A structural schema has no references, no ``null`` and no ``anyOf`` of types, so pydantic's schema
is folded: ``$ref`` inlined, ``X | None`` to ``X``, constants to one-value enums.
"""

from __future__ import annotations

from typing import Any

from davit_operator.api.base import UNOBSERVED, ApiModel
from davit_operator.api.kinds import CATEGORY, GROUP, VERSION, Column, Kind
from davit_operator.api.schema import validations

Schema = dict[str, Any]

_DROPPED = frozenset({"title", "$defs", "discriminator"})
_FREE_FORM = "x-kubernetes-preserve-unknown-fields"


def crd(kind: Kind) -> dict[str, Any]:
    """Return the CustomResourceDefinition of ``kind`` as a manifest."""
    names = {
        "kind": kind.name,
        "listKind": f"{kind.name}List",
        "plural": kind.plural,
        "singular": kind.name.lower(),
        "shortNames": [kind.short_name],
        "categories": [CATEGORY],
    }
    version: dict[str, Any] = {
        "name": VERSION,
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": _object_schema(kind)},
        **({"subresources": {"status": {}}} if kind.status else {}),
        "additionalPrinterColumns": [_printer_column(column) for column in kind.columns],
    }
    if kind.selectable:
        version["selectableFields"] = [{"jsonPath": path} for path in kind.selectable]
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {
            "name": f"{kind.plural}.{GROUP}",
            "labels": {"app.kubernetes.io/name": "davit"},
        },
        "spec": {"group": GROUP, "names": names, "scope": "Namespaced", "versions": [version]},
    }


def _object_schema(kind: Kind) -> Schema:
    properties: Schema = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"type": "object"},
        "spec": {"description": "What is wanted.", **_structural(kind.spec)},
    }
    if kind.status is not None:
        properties["status"] = {
            "description": "What is. Written by the operator.",
            "default": {"observedGeneration": UNOBSERVED},
            **_without_defaults(_structural(kind.status)),
        }
    return {
        "type": "object",
        "description": kind.description,
        "required": ["spec"],
        "properties": properties,
        **(validations(*kind.rules) if kind.rules else {}),
    }


def _printer_column(column: Column) -> dict[str, Any]:
    printed: dict[str, Any] = {
        "name": column.name,
        "type": column.type,
        "jsonPath": column.path,
        "description": column.description,
    }
    return {**printed, "priority": 1} if column.wide else printed


def _structural(model: type[ApiModel]) -> Schema:
    schema = model.model_json_schema(by_alias=True)
    folded = _fold(schema, schema.get("$defs", {}))
    folded.pop("description", None)
    return folded


def _fold(node: Schema, definitions: Schema) -> Schema:
    """Return ``node`` without references, nulls and what a structural schema does not know."""
    if "$ref" in node:
        target = definitions[node["$ref"].rsplit("/", 1)[1]]
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return _fold({**target, **rest}, definitions)
    if "anyOf" in node:
        rest = {key: value for key, value in node.items() if key != "anyOf"}
        return _fold({**_only_type(node["anyOf"]), **rest}, definitions)
    if node.get(_FREE_FORM):
        return _free_form(node)
    folded = {key: value for key, value in node.items() if key not in _DROPPED}
    if not _worth_saying(folded.get("default")):
        folded.pop("default", None)
    if "const" in folded:
        folded["enum"] = [folded.pop("const")]
    return {key: _fold_child(key, value, definitions) for key, value in folded.items()}


def _fold_child(key: str, value: Any, definitions: Schema) -> Any:
    if key == "properties":
        return {name: _fold(child, definitions) for name, child in value.items()}
    if key in {"items", "additionalProperties"} and isinstance(value, dict):
        return _fold(value, definitions)
    # A list that two places share would stand in the file as an anchor and its alias.
    return list(value) if isinstance(value, list) else value


def _worth_saying(default: object) -> bool:
    """Return whether ``default`` is a value that the server should write for an absent key.

    An absent key of a setting means "the next wider setting's", so empty values are left out.
    """
    return isinstance(default, bool | int | str) and default != ""


def _without_defaults(node: Any) -> Any:
    """Return ``node`` without defaults: in a status an absent key says that nothing is known."""
    if isinstance(node, dict):
        return {
            key: _without_defaults(value)
            for key, value in node.items()
            if key != "default" or isinstance(value, dict)
        }
    return [_without_defaults(item) for item in node] if isinstance(node, list) else node


def _only_type(alternatives: list[Schema]) -> Schema:
    """Return the one alternative of ``X | None`` that is not null."""
    found = [alternative for alternative in alternatives if alternative.get("type") != "null"]
    if len(found) != 1:
        raise TypeError(f"a structural schema has one type a field, not {alternatives}")
    return found[0]


def _free_form(node: Schema) -> Schema:
    kept = {"description", "type", "maxProperties", _FREE_FORM}
    return {key: value for key, value in node.items() if key in kept}
