"""What all variables share: their options, and how a value is cleaned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TypedDict

    class Options(TypedDict, total=False):
        """The options that every variable takes, for those who check types."""

        label: str
        description: str
        default: Any
        required: bool
        widget: object
        sensitive: bool


REQUIRED = "This field is required."
NULL_CHARACTERS = "Null characters are not allowed."
# What a form takes for "nothing was entered".
EMPTY_VALUES: tuple[Any, ...] = (None, "", [], (), {})


class ValueRefused(ValueError):  # noqa: N818 (names the situation; never leaves davit)
    """A value does not fit its variable; ``messages`` say why."""

    def __init__(self, *messages: str) -> None:
        self.messages = list(messages)
        super().__init__(" ".join(messages))


def is_empty(value: object) -> bool:
    """Return whether ``value`` counts as not given: None, "", or an empty list, tuple or dict."""
    return value in EMPTY_VALUES


class ScriptVariable:
    """Base of all variables; itself one that takes any text.

    Args:
        label: Shown instead of the attribute's name.
        description: What the value is for.
        default: Taken when no value is given; an explicitly empty value beats it. None: there is
            none. A function is called when a run needs its value.
        required: Refuse an empty value.
        widget: Accepted because Nautobot has it; without meaning here, which discovery notes.
        sensitive: The value comes from a Secret only, and is never stored or shown.
    """

    def __init__(
        self,
        label: str = "",
        description: str = "",
        default: Any = None,
        required: bool = True,
        widget: object = None,
        *,
        sensitive: bool = False,
    ) -> None:
        self.label = label
        self.description = description
        self.default = default
        self.required = required
        self.widget = widget
        self.sensitive = sensitive

    def initial(self) -> Any:
        """Return the default of a run that begins now: no other run shares what is mutable in it.

        Raises:
            Exception: what the author's function raises.
        """
        value = self.default() if callable(self.default) else self.default
        if isinstance(value, list | dict | set):
            from copy import deepcopy  # noqa: PLC0415 (few defaults are such)

            return deepcopy(value)
        return value

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
        return "" if is_empty(value) else str(value).strip()

    def complaints(self, value: Any) -> list[str]:
        """Return what is wrong with the coerced, non-empty ``value``."""
        return [NULL_CHARACTERS] if "\x00" in value else []

    def serialized(self, value: Any) -> Any:
        """Return what handlers receive in place of the cleaned ``value``: JSON has a form of it."""
        return value


def is_variable(obj: object) -> bool:
    """Return whether ``obj`` is a variable of a job."""
    return isinstance(obj, ScriptVariable)
