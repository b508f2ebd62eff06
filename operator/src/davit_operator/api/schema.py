"""CEL rules, written beside the field or model that they guard."""

from __future__ import annotations

from pydantic import ConfigDict, JsonValue

# Dates of the API: RFC 3339.
DATE_TIME: dict[str, JsonValue] = {"format": "date-time"}
# A list whose items are told apart by their type, so that two writers can own different ones.
CONDITION_LIST: dict[str, JsonValue] = {
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["type"],
}
# An object whose keys the schema does not know.
FREE_FORM: dict[str, JsonValue] = {"x-kubernetes-preserve-unknown-fields": True}


def validations(*rules_and_messages: tuple[str, str]) -> dict[str, JsonValue]:
    """Return the schema's extension for CEL rules, each with the sentence that refuses."""
    return {
        "x-kubernetes-validations": [
            {"rule": rule, "message": message} for rule, message in rules_and_messages
        ]
    }


def rules(*rules_and_messages: tuple[str, str]) -> ConfigDict:
    """Return the configuration of a model that the CEL rules guard."""
    return ConfigDict(json_schema_extra=validations(*rules_and_messages))
