"""Kopf as an informer: settings that keep it from writing anything, and its log-in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import aiohttp
import kopf

from davit_operator.effects.connect import Connection
from davit_operator.handlers.caches import Watched

Answered = Callable[[aiohttp.ClientResponse], None]

_PAGE = 500
# A server ends a watch after this long, and tells two seconds before how far it has come. Who
# hears nothing for longer listens to a dead line, and asks for a new one.
_WATCH_SECONDS = 20
_SILENT_SECONDS = 25.0
# A token that was refused is not shown again at once: its successor is on its way.
_LOGIN_PAUSE_SECONDS = 1.0


class EndlessBackoff:
    """Pauses between attempts, for ever: the default gives up after a minute."""

    def __iter__(self) -> Iterator[float]:
        """Yield 0.5 s, then twice as much each time, up to 4 s: for as long it may be deaf."""
        pause = 0.5
        while True:
            yield pause
            pause = min(pause * 2, 4.0)


class NoDiffBase(kopf.DiffBaseStorage):
    """Stores nothing: our truth is the status and what exists, never an annotation."""

    def build(self, **_: object) -> kopf.BodyEssence:
        """Return that there is nothing to compare."""
        return kopf.BodyEssence()

    def fetch(self, **_: object) -> kopf.BodyEssence | None:
        """Return that nothing was stored."""
        return None

    def store(self, **_: object) -> None:
        """Write nothing."""


class NoProgress(kopf.ProgressStorage):
    """Stores nothing: there are no handlers with progress."""

    def fetch(self, **_: object) -> None:
        """Return that nothing was stored."""

    def store(self, **_: object) -> None:
        """Write nothing."""

    def purge(self, **_: object) -> None:
        """Remove nothing."""

    def touch(self, **_: object) -> None:
        """Write nothing."""

    def clear(self, *, essence: kopf.BodyEssence) -> kopf.BodyEssence:
        """Return ``essence`` as it is."""
        return essence


def informer_settings(watched: Iterable[Watched[Any]]) -> kopf.OperatorSettings:
    """Return settings under which kopf watches, and writes nothing."""
    settings = kopf.OperatorSettings()
    # Else any object of kind KopfPeering called "default" could freeze us.
    settings.peering.standalone = True
    # Neither CRDs nor namespaces are watched: no cluster-wide right for them.
    settings.scanning.disabled = True
    settings.posting.enabled = False
    settings.queueing.idle_timeout = 0.5
    settings.watching.chunk_size = _PAGE
    settings.watching.server_timeout = _WATCH_SECONDS
    settings.watching.inactivity_timeout = _SILENT_SECONDS
    settings.watching.connect_timeout = settings.networking.connect_timeout = 10
    settings.networking.request_timeout = 60
    settings.networking.error_backoffs = EndlessBackoff()
    settings.persistence.diffbase_storage = NoDiffBase()
    settings.persistence.progress_storage = NoProgress()
    settings.persistence.finalizer = "davit.dev/unused"
    for each in watched:
        # Keys must be tuples: "v1/pods" matches nothing, without a word.
        resource = (each.resource.group, each.resource.version, each.resource.plural)
        if each.labels:
            settings.watching.label_selectors[resource] = each.labels
        if each.fields:
            settings.watching.field_selectors[resource] = each.fields
    return settings


def register_login(
    registry: kopf.OperatorRegistry, connection: Connection, answered: Answered
) -> None:
    """Have kopf log in as the gateway does; it asks again when a token has expired.

    Kopf's own log-in from a pod needs cluster DNS. ``answered`` is told of each answer that
    kopf begins to read.
    """
    shown: list[kopf.ConnectionInfo] = []

    async def login(**_: object) -> kopf.AiohttpSession:
        info = await _info(connection)
        if info in shown:
            await asyncio.sleep(_LOGIN_PAUSE_SECONDS)
            info = await _info(connection)
        shown[:] = [info]
        return kopf.AiohttpSession(server=info.server, aiohttp_session=_session(info, answered))

    kopf.on.login(registry=registry)(login)


async def _info(connection: Connection) -> kopf.ConnectionInfo:
    access = await connection.access()
    return kopf.ConnectionInfo(
        server=access.server,
        ca_path=access.ca_path,
        token=access.token,
        certificate_path=access.certificate_path,
        private_key_path=access.private_key_path,
    )


def _session(info: kopf.ConnectionInfo, answered: Answered) -> aiohttp.ClientSession:
    async def began(
        _: aiohttp.ClientSession, __: object, params: aiohttp.TraceRequestEndParams
    ) -> None:
        answered(params.response)

    trace = aiohttp.TraceConfig()
    trace.on_request_end.append(began)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=info.as_ssl_context()),
        headers=info.as_http_headers(),
        trace_configs=[trace],
    )
