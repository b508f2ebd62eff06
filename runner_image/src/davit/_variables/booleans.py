"""Variables of yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from davit._variables.base import ScriptVariable

if TYPE_CHECKING:
    from typing import Unpack

    from davit._variables.base import Options


class BooleanVar(ScriptVariable):
    """Yes or no: ``run()`` receives a ``bool``. It is never required, and no value is refused."""

    def __init__(self, *args: Any, **options: Unpack[Options]) -> None:
        super().__init__(*args, **options)
        self.required = False

    def coerced(self, value: Any) -> bool:
        """Return ``value``'s truth; the texts "false" and "0" are False."""
        if isinstance(value, str) and value.lower() in ("false", "0"):
            return False
        return bool(value)

    def complaints(self, value: bool) -> list[str]:  # noqa: ARG002 (the signature of all)
        """Return nothing: every value is true or false."""
        return []


class DryRunVar(BooleanVar):
    """Whether the job shall only say what it would do; name it ``dryrun``, or it does not count.

    Its default is ``Meta.dryrun_default``, whatever ``default`` says.
    """

    def __init__(self, *args: Any, **options: Unpack[Options]) -> None:
        options["default"] = False
        options.setdefault("description", "Check to run job in dryrun mode.")
        super().__init__(*args, **options)
