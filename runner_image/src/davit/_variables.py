"""The variables of a job class: what each accepts, and what ``run()`` receives.

Coercions and texts are those of the Django form fields that Nautobot builds from its variables.
"""

from __future__ import annotations

import re
from typing import Any

REQUIRED = "This field is required."
# What a form takes for "nothing was entered".
EMPTY_VALUES: tuple[Any, ...] = (None, "", [], (), {})


class ValueRefused(ValueError):  # noqa: N818 (names the situation; never leaves davit)
    """A value does not fit its variable; ``messages`` say why."""

    def __init__(self, *messages: str) -> None:
        self.messages = list(messages)
        super().__init__(" ".join(messages))


def is_empty(value: object) -> bool:
    """Return whether ``value`` counts as not given: None, "", or an empty list, tuple or dict."""
    return any(type(value) is type(empty) and value == empty for empty in EMPTY_VALUES)


class ScriptVariable:
    """Base of all variables.

    Args:
        label: Shown instead of the attribute's name.
        description: What the value is for.
        default: Taken when no value is given; an explicitly empty value beats it.
        required: Refuse an empty value.
        widget: Accepted because Nautobot has it; without meaning here.
        sensitive: The value comes from a Secret only, and is never stored or shown.
    """

    def __init__(
        self,
        label: str = "",
        description: str = "",
        default: Any = None,
        required: bool = True,
        widget: object = None,  # noqa: ARG002 (Nautobot's signature)
        *,
        sensitive: bool = False,
    ) -> None:
        self.label = label
        self.description = description
        self.default = default
        self.required = required
        self.sensitive = sensitive

    def clean(self, value: Any) -> Any:
        """Return what ``run()`` receives for ``value``.

        Raises:
            ValueRefused: it does not fit; every reason is in ``messages``.
        """
        cleaned = self.coerced(value)
        if is_empty(cleaned):
            if self.required:
                raise ValueRefused(REQUIRED)
            return cleaned
        messages = self.complaints(cleaned)
        if messages:
            raise ValueRefused(*messages)
        return cleaned

    def coerced(self, value: Any) -> Any:
        """Return ``value`` as ``run()``'s type; raise ValueRefused where it has none."""
        return value

    def complaints(self, value: Any) -> list[str]:  # noqa: ARG002 (for subclasses)
        """Return what is wrong with the coerced, non-empty ``value``."""
        return []


class StringVar(ScriptVariable):
    """A line of text: ``run()`` receives a stripped ``str``, ``""`` when optional and empty.

    Args:
        min_length: Fewest characters, after stripping.
        max_length: Most characters, after stripping.
        regex: Must be found somewhere in the value; anchor it with ``^`` and ``$``.
        args: As in ScriptVariable.
        options: As in ScriptVariable.
    """

    def __init__(
        self,
        min_length: int | None = None,
        max_length: int | None = None,
        regex: str | None = None,
        *args: Any,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.min_length = min_length
        self.max_length = max_length
        self.regex = regex
        self._pattern = re.compile(regex) if regex is not None else None

    def coerced(self, value: Any) -> str:
        """Return ``value`` as stripped text; anything has a text form."""
        return "" if is_empty(value) else str(value).strip()

    def complaints(self, value: str) -> list[str]:
        """Return what is wrong with ``value``, in the order of Django's validators."""
        found = []
        if self._pattern is not None and not self._pattern.search(value):
            found.append(f"Invalid value. Must match regex: {self.regex}")
        if self.min_length is not None and len(value) < self.min_length:
            found.append(_length_message("least", self.min_length, len(value)))
        if self.max_length is not None and len(value) > self.max_length:
            found.append(_length_message("most", self.max_length, len(value)))
        if "\x00" in value:
            found.append("Null characters are not allowed.")
        return found


def _length_message(bound: str, limit: int, length: int) -> str:
    plural = "" if limit == 1 else "s"
    return f"Ensure this value has at {bound} {limit} character{plural} (it has {length})."


class IntegerVar(ScriptVariable):
    """A whole number of any size: ``run()`` receives an ``int``, None when optional and empty.

    Args:
        min_value: Least value.
        max_value: Greatest value.
        args: As in ScriptVariable.
        options: As in ScriptVariable.
    """

    _FRACTION_OF_ZEROS = re.compile(r"\.0*\s*$")

    def __init__(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *args: Any,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.min_value = min_value
        self.max_value = max_value

    def coerced(self, value: Any) -> int | None:
        """Return ``value`` as an int: ``5``, ``"5"``, ``" 5 "``, ``5.0`` and ``"5.0"`` are 5."""
        if is_empty(value):
            return None
        try:
            return int(self._FRACTION_OF_ZEROS.sub("", str(value)))
        except ValueError:
            raise ValueRefused("Enter a whole number.") from None

    def complaints(self, value: int) -> list[str]:
        """Return which limits ``value`` exceeds."""
        found = []
        if self.min_value is not None and value < self.min_value:
            found.append(f"Ensure this value is greater than or equal to {self.min_value}.")
        if self.max_value is not None and value > self.max_value:
            found.append(f"Ensure this value is less than or equal to {self.max_value}.")
        return found


class BooleanVar(ScriptVariable):
    """Yes or no: ``run()`` receives a ``bool``. It is never required, and no value is refused."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.required = False

    def coerced(self, value: Any) -> bool:
        """Return ``value``'s truth; the texts "false" and "0" are False."""
        if isinstance(value, str) and value.lower() in ("false", "0"):
            return False
        return bool(value)
