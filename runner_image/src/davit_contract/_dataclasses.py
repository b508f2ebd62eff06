"""``dataclasses``, imported in a tenth of its time: a run waits for it before its first line.

The rest goes to ``inspect``, which it imports for classes without a docstring. What it gets here is
a stand-in that imports the real one when it is asked for anything.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

_NAME = "inspect"


def _stand_in() -> ModuleType:
    module = ModuleType(_NAME)

    def real(name: str) -> Any:
        if sys.modules.get(_NAME) is module:
            del sys.modules[_NAME]
        import inspect  # noqa: PLC0415 (see above)

        return getattr(inspect, name)

    module.__getattr__ = real  # type: ignore[method-assign]  # as PEP 562 has it
    return module


if _NAME not in sys.modules and "dataclasses" not in sys.modules:
    _module = sys.modules[_NAME] = _stand_in()
    try:
        import dataclasses  # noqa: F401 (for what follows)
    finally:
        # Whoever imports it next gets the real one.
        if sys.modules.get(_NAME) is _module:
            del sys.modules[_NAME]

from dataclasses import dataclass, field, fields, is_dataclass  # noqa: E402

__all__ = ["dataclass", "field", "fields", "is_dataclass"]
