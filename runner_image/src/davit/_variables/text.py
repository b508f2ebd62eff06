"""Variables of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from davit._variables.base import ScriptVariable

if TYPE_CHECKING:
    import re
    from typing import Unpack

    from davit._variables.base import Options


class StringVar(ScriptVariable):
    """A line of text: ``run()`` receives a stripped ``str``, ``""`` when optional and empty.

    Args:
        min_length: Fewest characters, after stripping; 0 counts.
        max_length: Most characters, after stripping; 0 counts, and then nothing fits but "".
        regex: Must be found somewhere in the value; anchor it with ``^`` and ``$``.
        args: As in ScriptVariable.
        options: As in ScriptVariable.
    """

    def __init__(
        self,
        min_length: int | None = None,
        max_length: int | None = None,
        regex: str | re.Pattern[str] | None = None,
        *args: Any,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(*args, **options)
        self.min_length = min_length
        self.max_length = max_length
        self.regex = regex
        self._pattern = None
        if regex is not None:
            import re  # noqa: PLC0415 (few variables have a pattern)

            self._pattern = re.compile(regex)

    def complaints(self, value: str) -> list[str]:
        """Return what is wrong with ``value``, in the order of Django's validators."""
        found = []
        if self._pattern is not None and not self._pattern.search(value):
            found.append(f"Invalid value. Must match regex: {self.regex}")
        if self.min_length is not None and len(value) < self.min_length:
            found.append(_length_message("least", self.min_length, len(value)))
        if self.max_length is not None and len(value) > self.max_length:
            found.append(_length_message("most", self.max_length, len(value)))
        return [*found, *super().complaints(value)]


def _length_message(bound: str, limit: int, length: int) -> str:
    plural = "" if limit == 1 else "s"
    return f"Ensure this value has at {bound} {limit} character{plural} (it has {length})."


class TextVar(ScriptVariable):
    """Text of several lines: ``run()`` receives a stripped ``str``, ``""`` when optional and empty.

    It takes the options of ScriptVariable, and has no limits of its own.
    """
