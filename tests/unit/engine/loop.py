"""An event loop whose time passes as soon as there is nothing to do: no test waits."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from typing import Any


class _Hurried(selectors.SelectSelector):
    """Never waits for files; moves the clock of its loop instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise AssertionError("the test waits for something that never comes")
        self.now += timeout
        return super().select(0)


class _HurriedLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._hurried = _Hurried()
        super().__init__(self._hurried)

    def time(self) -> float:
        return self._hurried.now


def in_no_time(test: Callable[[], Awaitable[None]]) -> None:
    """Run ``test`` to its end, with a clock that begins at 0 and never makes anybody wait."""

    async def run() -> None:
        await test()

    with asyncio.Runner(loop_factory=_HurriedLoop) as runner:
        runner.run(run())


def now() -> float:
    """Return the seconds that passed on the clock of the running loop."""
    return asyncio.get_running_loop().time()
