"""Variables of JSON."""

from __future__ import annotations

from typing import Any

from davit._variables.base import NULL_CHARACTERS, ScriptVariable, ValueRefused, is_empty


class JSONVar(ScriptVariable):
    """Any JSON: ``run()`` receives the parsed value, None when optional and empty.

    Text is parsed, so that a string stands in quotes of its own (``'"x"'``); what is no text is
    taken as it is. ``{}``, ``[]`` and ``null`` are empty.
    """

    def coerced(self, value: Any) -> Any:
        """Return the value that the text ``value`` holds, or what was given parsed already."""
        if is_empty(value):
            return None
        if not isinstance(value, str | bytes | bytearray):
            return value
        import json  # noqa: PLC0415 (few jobs have such a variable)

        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise ValueRefused("Enter a valid JSON.") from None

    def complaints(self, value: Any) -> list[str]:
        """Return what a form says of a text that holds a null character."""
        return [NULL_CHARACTERS] if isinstance(value, str) and "\x00" in value else []
