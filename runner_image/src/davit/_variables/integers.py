"""Variables of whole numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from davit._variables.base import ScriptVariable, ValueRefused, is_empty

if TYPE_CHECKING:
    from typing import Unpack

    from davit._variables.base import Options

_FRACTION_OF_ZEROS = re.compile(r"\.0*\s*$")


class IntegerVar(ScriptVariable):
    """A whole number of any size: ``run()`` receives an ``int``, None when optional and empty.

    Args:
        min_value: Least value; 0 counts.
        max_value: Greatest value; 0 counts.
        args: As in ScriptVariable.
        options: As in ScriptVariable.
    """

    def __init__(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *args: Any,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(*args, **options)
        self.min_value = min_value
        self.max_value = max_value

    def coerced(self, value: Any) -> int | None:
        """Return ``value`` as an int: ``5``, ``"5"``, ``" 5 "``, ``5.0`` and ``"5.0"`` are 5."""
        if is_empty(value):
            return None
        try:
            return int(_FRACTION_OF_ZEROS.sub("", str(value)))
        except ValueError:
            raise ValueRefused("Enter a whole number.") from None

    def complaints(self, value: int) -> list[str]:
        """Return which limits ``value`` exceeds, in the order of Django's validators."""
        found = []
        if self.max_value is not None and value > self.max_value:
            found.append(f"Ensure this value is less than or equal to {self.max_value}.")
        if self.min_value is not None and value < self.min_value:
            found.append(f"Ensure this value is greater than or equal to {self.min_value}.")
        return found
