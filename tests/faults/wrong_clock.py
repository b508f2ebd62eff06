"""``python -m tests.faults.wrong_clock``: an operator on a machine whose clock is wrong.

The file that WRONG_CLOCK names holds by how many seconds; it may change at any time.
"""

from __future__ import annotations

import datetime
import os
import runpy
from datetime import timedelta, tzinfo
from pathlib import Path

_FILE = Path(os.environ["WRONG_CLOCK"])
_RIGHT = datetime.datetime


class _Wrong(_RIGHT):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime.datetime:  # type: ignore[override]
        return _RIGHT.now(tz) + timedelta(seconds=float(_FILE.read_text()))


if __name__ == "__main__":
    datetime.datetime = _Wrong  # type: ignore[misc]
    runpy.run_module("davit_operator", run_name="__main__")
