"""Many runs that are created at once, and what becomes of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from davit_operator.api.jobrun import TERMINAL_PHASES
from tests.bench.watching import Watching
from tests.faults.access import access
from tests.integration.kube import Object, path_of
from tests.integration.place import Place, phase_of

# Requests under way at once.
_HANDS = 32
_TERMINAL = frozenset(phase.value for phase in TERMINAL_PHASES)


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """The runs of a place by name, in their order, each of one of the definitions in turn."""

    place: Place
    names: Sequence[str]
    definitions: Sequence[str]

    @classmethod
    def of(cls, place: Place, size: int, *definitions: str) -> Crowd:
        """Return runs that are not created yet."""
        names = [f"run-{number:04}" for number in range(size)]
        return cls(place=place, names=names, definitions=definitions)

    def run_of(self, name: str) -> str:
        """Return the run that an object belongs to, by the name that it has."""
        return name[: len(self.names[0])]

    def create(self) -> None:
        """Create all of them, as fast as the API server takes them."""
        asyncio.run(self._create())

    async def _create(self) -> None:
        known = access(self.place.kube.kubeconfig)
        connector = aiohttp.TCPConnector(ssl=known.tls, limit=_HANDS)
        async with aiohttp.ClientSession(connector=connector, headers=known.headers) as session:

            async def create(number: int, name: str) -> None:
                definition = self.definitions[number % len(self.definitions)]
                manifest = {
                    "apiVersion": "davit.dev/v1alpha1",
                    "kind": "JobRun",
                    "metadata": {"name": name},
                    "spec": {"definitionRef": {"name": definition}},
                }
                url = known.server + path_of("JobRun", self.place.name)
                async with session.post(url, json=manifest) as answer:
                    assert answer.status == 201, await answer.text()

            await asyncio.gather(*(create(*each) for each in enumerate(self.names)))


class Lives:
    """All states of a place's runs and pods from now on, as the API server tells them."""

    def __init__(self, place: Place) -> None:
        self._runs = Watching(place.kube.kubeconfig, "JobRun", place.name)
        self._pods = Watching(place.kube.kubeconfig, "Pod", place.name)

    def ended(self) -> set[str]:
        """Return the names of the runs that have ended."""
        return {seen.name for seen in list(self._runs.seen) if _has_ended(seen.thing)}

    def ends(self) -> Counter[str]:
        """Return how often a run was written that had ended or ended thereby, by name."""
        return Counter(seen.name for seen in list(self._runs.seen) if _has_ended(seen.thing))

    def pods(self) -> dict[str, Object]:
        """Return the last state of each pod that ever was, by uid."""
        return {seen.thing["metadata"]["uid"]: seen.thing for seen in list(self._pods.seen)}

    def most_pods_at_once(self) -> int:
        """Return how many pods lived at once, at most."""
        live: set[str] = set()
        most = 0
        for seen in list(self._pods.seen):
            uid = seen.thing["metadata"]["uid"]
            if seen.thing["status"].get("phase") in {"Succeeded", "Failed"}:
                live.discard(uid)
            else:
                live.add(uid)
            most = max(most, len(live))
        return most


def _has_ended(run: Object) -> bool:
    return phase_of(run) in _TERMINAL
