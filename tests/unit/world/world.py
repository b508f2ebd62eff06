"""A small world: an operator, what it works with, and those who disturb it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from tests.unit.world.api_server import TERMINAL, ApiServer, Raw
from tests.unit.world.clock import Clock, Loop
from tests.unit.world.cluster import Cluster, Step
from tests.unit.world.people import People
from tests.unit.world.process import Call, Process
from tests.unit.world.promises import Promises
from tests.unit.world.reading import is_over

from davit_operator.effects.errors import ApiError

_PAUSES = (0.5, 1.0, 5.0, 30.0, 300.0, 7_200.0)


class World:
    """Goes on by one step at a time; each promise is kept at each, or the step fails."""

    def __init__(self, rules: Mapping[str, Any], *, queue: bool = False, skew: float = 0) -> None:
        self.clock = Clock()
        self.loop = Loop(self.clock)
        self.server = ApiServer(self.clock)
        self.cluster = Cluster(self.server, self.clock, skew)
        self.people = People(self.server, rules, queue=queue)
        self.promises = Promises(self.server, self.cluster, rules)
        self.process = Process(self.server, self.clock, self.loop)
        self.story: list[str] = []

    def close(self) -> None:
        self.process.end()
        self.loop.close()

    # --- what may come next

    def progress(self) -> list[Step]:
        """Return what is on its way: answers, news, the cluster's own doing."""
        return [*self._wire(), *self.cluster.steps(), *self.people.steps()]

    def trouble(self) -> list[Step]:
        """Return what disturbs: mishaps, whims, faults of the wire, crashes."""
        return [
            *self._faults(),
            *self.cluster.mishaps(),
            *self.people.whims(),
            ("crash", self.crash),
        ]

    def pauses(self) -> list[Step]:
        return [(f"{each:g} s pass", partial(self.wait, each)) for each in _PAUSES]

    def take(self, steps: list[Step], choice: int) -> None:
        if steps:
            name, act = steps[choice % len(steps)]
            self.story.append(f"{self.clock.seconds:g} s: {name}")
            act()
            self.process.turn()

    def happen(self, name: str) -> None:
        """Take the cluster's step that is called so."""
        self.take([step for step in self.cluster.steps() if step[0].startswith(name)], 0)

    def wait(self, seconds: float) -> None:
        self.clock.seconds += seconds
        self.process.turn()

    def crash(self, *, served: bool = True) -> None:
        """End the operator; what it sent last arrives, or is lost."""
        for call in list(self.process.calls):
            if call.served is None and call.request.is_write and served:
                self.process.serve(call)
        self.process.end()
        self.process.begin()

    def _wire(self) -> Iterator[Step]:
        for call in list(self.process.calls):
            if call.served is None:
                yield f"{call.request}", partial(self._carry, call)
                if call.request.is_write:
                    yield f"{call.request}: served", partial(self.process.serve, call)
            else:
                yield f"{call.request}: answered", partial(self.process.answer, call)
        for plural in self.process.news():
            yield f"news of {plural}", partial(self.process.hear, plural)

    def _carry(self, call: Call) -> None:
        self.process.serve(call)
        self.process.answer(call)

    def _faults(self) -> Iterator[Step]:
        yield "crash, and its writes are lost", partial(self.crash, served=False)
        for call in list(self.process.calls):
            yield f"{call.request}: cut", partial(self.process.fail, call)
            if call.served is None:
                busy = ApiError(429, "too many requests", 1)
                yield f"{call.request}: 429", partial(self.process.fail, call, busy)
                if call.request.method == "POST":
                    no = ApiError(403, "denied by a webhook")
                    yield f"{call.request}: 403", partial(self.process.fail, call, no)

    # --- calm

    def settle(self) -> None:
        """Let all that is under way arrive, but no time pass."""
        self._until_nothing_comes(lambda: list(self._wire()))

    def check_idle(self) -> None:
        """Have an operator that knows all look once more: there must be nothing left to do."""
        self.settle()
        if not self.process.is_idle:
            return
        self.process.look_again()
        while self.process.calls:
            call = self.process.calls[0]
            assert not call.request.is_write, f"it had forgotten to {call.request}"
            self._carry(call)

    def calm(self) -> None:
        """Let nothing more go wrong, and time pass, until nothing more comes."""
        self.story.append("calm")
        for silent in tuple(self.cluster.silent):
            self._give_up(silent)
        seconds = 1.0
        while seconds <= 2**17:
            self._until_nothing_comes(lambda: [*self._wire(), *self.cluster.steps()])
            self.check_idle()
            self.wait(seconds)
            seconds *= 2

    def _give_up(self, uid: str) -> None:
        pod = self.server.of_uid("pods", uid)
        if pod is not None:
            self.server.delete("pods", pod)

    def _until_nothing_comes(self, steps: Callable[[], list[Step]]) -> None:
        for _ in range(400):
            found = steps()
            if not found:
                return
            self.take(found, 0)
        raise AssertionError("it never comes to rest")

    def check_end(self) -> None:
        """Every run has ended that nobody holds back, and nothing of it lives on."""
        for run in self.server.all("jobruns"):
            if not run["spec"]["suspend"]:
                assert run["status"].get("phase") in TERMINAL, f"{_name(run)} never ended"
        for pod in self.server.all("pods"):
            assert is_over(pod), f"{_name(pod)} lives on"


def _name(raw: Raw) -> str:
    name: str = raw["metadata"]["name"]
    return name
