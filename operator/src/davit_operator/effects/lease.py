"""The Lease by which the replicas agree on who leads."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp

from davit_operator.api.base import ObjectKey
from davit_operator.effects.answers import unreachable
from davit_operator.effects.errors import Unreachable
from davit_operator.effects.kube import Kube, Object
from davit_operator.effects.resources import LEASES
from davit_operator.plan.election import NOBODY, Lock

NAME = "davit-operator"
# What a watch says of it; anything else is the end of the watch.
_CHANGES = frozenset({"ADDED", "MODIFIED", "DELETED"})


class Lease:
    """One Lease, whose ``duration_seconds`` are told to people: who reads it goes by its own."""

    def __init__(
        self, kube: Kube, namespace: str, duration_seconds: int, call_seconds: float
    ) -> None:
        self._kube = kube
        self._key = ObjectKey(namespace, NAME)
        self._duration_seconds = duration_seconds
        self._call_seconds = call_seconds

    async def read(self) -> Lock | None:
        """Return what stands there; None: there is no Lease.

        Raises:
            ApiError, Unreachable: it cannot be read now.
        """
        async with _limited(self._call_seconds):
            raw = await self._kube.get(LEASES, self._key)
        return _lock(raw) if raw else None

    async def write(self, lock: Lock) -> Lock:
        """Write the lock, and return what stands there then.

        Raises:
            Conflict, NotFound: somebody else wrote meanwhile.
            ApiError, Unreachable: it cannot be written now, or was, and nobody said so.
        """
        async with _limited(self._call_seconds):
            write = self._kube.replace if lock.version else self._kube.create
            return _lock(await write(LEASES, self._body(lock)))

    async def changes(self, lock: Lock, quiet_seconds: float) -> AsyncGenerator[Lock | None]:
        """Yield what stands there after each change since ``lock``, until the watch is cut.

        It is cut after ``quiet_seconds`` of silence, too: the connection may be dead.

        Raises:
            ApiError, Unreachable: it cannot be watched.
        """
        try:
            async with self._kube.watch(LEASES, self._key, lock.version, quiet_seconds) as content:
                async for line in content:
                    event = json.loads(line)
                    if event["type"] not in _CHANGES:
                        return
                    yield None if event["type"] == "DELETED" else _lock(event["object"])
        except aiohttp.SocketTimeoutError:
            return
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise unreachable("GET", f"watch of Lease {self._key}", error) from error

    def _body(self, lock: Lock) -> Mapping[str, Any]:
        metadata = {"namespace": self._key.namespace, "name": self._key.name}
        if lock.version:
            metadata["resourceVersion"] = lock.version
        spec: dict[str, Any] = {
            "leaseDurationSeconds": self._duration_seconds,
            "leaseTransitions": lock.transitions,
            "acquireTime": lock.acquired or None,
            "renewTime": lock.renewed or None,
        }
        if lock.holder != NOBODY:
            spec["holderIdentity"] = lock.holder
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": metadata,
            "spec": spec,
        }


def written(moment: datetime) -> str:
    """Return ``moment`` as a Lease has it: with microseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@asynccontextmanager
async def _limited(seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise Unreachable(f"no word of the Lease within {seconds:.0f} s") from error


def _lock(raw: Object) -> Lock:
    """Return what a Lease says; what somebody else left out is empty."""
    spec = raw.get("spec") or {}
    return Lock(
        holder=spec.get("holderIdentity") or NOBODY,
        version=raw["metadata"]["resourceVersion"],
        acquired=spec.get("acquireTime") or "",
        renewed=spec.get("renewTime") or "",
        transitions=spec.get("leaseTransitions") or 0,
    )
