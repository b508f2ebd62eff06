"""Variables that take one or several of given values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from davit._variables.base import ScriptVariable, ValueRefused, is_empty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Unpack

    from davit._variables.base import Options

    Choices = Iterable[Any] | Mapping[Any, Any] | Callable[[], Any]


class Choice(NamedTuple):
    """One value that is accepted, with what people read for it."""

    value: str
    label: str
    # The heading that it stands under, or "".
    group: str = ""


class ChoiceVar(ScriptVariable):
    """One of given values: ``run()`` receives it as ``str``, ``""`` when optional and empty.

    Args:
        choices: Pairs ``(value, label)``; ``(group, pairs)`` puts pairs under a heading. Also a
            dict of the same, or a function that returns either: it is called when a value is
            checked and when the class is described, not when the module is imported.
        args: As in ScriptVariable.
        options: As in ScriptVariable.

    Raises:
        TypeError: ``choices`` holds something else, such as plain strings.
    """

    def __init__(self, choices: Choices, *args: Any, **options: Unpack[Options]) -> None:
        super().__init__(*args, **options)
        if isinstance(choices, type):
            # An enumeration of Django's.
            choices = getattr(choices, "choices", choices)
        # Nautobot's choice sets are classes that can be iterated over.
        is_function = callable(choices) and not isinstance(choices, Iterable)
        self._function = choices if callable(choices) and is_function else None
        self._choices = () if is_function else tuple(self._flattened(choices))

    @property
    def choices(self) -> Iterator[Choice]:
        """The choices, those of groups too, one after the other.

        Raises:
            Exception: what the author's function raises.
        """
        return iter(self._choices) if self._function is None else self._flattened(self._function())

    def coerced(self, value: Any) -> Any:
        """Return ``value`` as text, as forms give it."""
        return "" if is_empty(value) else str(value)

    def complaints(self, value: Any) -> list[str]:
        """Return the first value that is none of the choices."""
        given = [value] if isinstance(value, str) else value
        known = {choice.value for choice in self.choices}
        wrong = [item for item in given if item not in known][:1]
        return [
            f"Select a valid choice. {item} is not one of the available choices." for item in wrong
        ]

    def _flattened(self, choices: Any, group: str | None = None) -> Iterator[Choice]:
        for pair in choices.items() if isinstance(choices, Mapping) else self._iterable(choices):
            if not isinstance(pair, list | tuple) or len(pair) != 2:  # noqa: PLR2004 (a pair)
                raise TypeError(self._no_pair(pair))
            value, label = pair
            if not isinstance(label, Mapping | list | tuple):
                yield Choice(str(value), str(label), group or "")
            elif group is None:
                yield from self._flattened(label, str(value))
            else:
                raise TypeError(self._no_pair(pair))

    def _iterable(self, choices: Any) -> Iterable[Any]:
        if isinstance(choices, Iterable) and not isinstance(choices, str | bytes):
            return choices
        raise TypeError(self._no_pair(choices))

    def _no_pair(self, item: object) -> str:
        value = item if isinstance(item, str) else "red"
        example = f"choices=[({value!r}, {value.capitalize()!r}), ...]"
        return (
            f"The choices of {type(self).__name__} are pairs of value and label, and {item!r} is "
            f"none. Write {example}."
        )


class MultiChoiceVar(ChoiceVar):
    """Several of given values: ``run()`` receives a ``list[str]``, ``[]`` when optional and empty.

    It takes the options of ChoiceVar.
    """

    def coerced(self, value: Any) -> list[str]:
        """Return every item of ``value`` as text."""
        if not value:
            return []
        if not isinstance(value, list | tuple):
            raise ValueRefused("Enter a list of values.")
        return [str(item) for item in value]
