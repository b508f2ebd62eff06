"""Read what a pod printed: all of it once it has ended, or as it comes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator

import aiohttp

from davit_contract import places
from davit_operator.api.base import ObjectKey
from davit_operator.effects.answers import unreachable
from davit_operator.effects.errors import ApiError, Unreachable
from davit_operator.effects.kube import Kube
from davit_operator.plan.records import last_sequence

# The runtime may show the end of a log up to a second after the container has ended.
END_PAUSES = (0.0, 0.1, 0.4, 1.0)
_LIMIT_BYTES = 10 * 1024 * 1024
_PIECE_BYTES = 64 * 1024
# What is read to its end never waits; a server that does has a trouble of its own.
_QUIET_SECONDS = 60.0

log = logging.getLogger(__name__)


async def follow_pod_log(
    kube: Kube, pod: ObjectKey, since: str, quiet_seconds: float
) -> AsyncGenerator[bytes]:
    """Yield what the pod prints, from the second of ``since`` on (RFC 3339; empty: all of it).

    It ends with the pod's container, after ``quiet_seconds`` of silence (the connection may be
    dead), and whenever the server likes.

    Raises:
        ApiError, Unreachable: the log cannot be read, or no longer.
    """
    query = {"container": places.RUNNER_CONTAINER, "follow": "true", "sinceTime": since}
    try:
        async with kube.pod_log_stream(pod, query, quiet_seconds) as content:
            while piece := await content.read(_PIECE_BYTES):
                yield piece
    except aiohttp.SocketTimeoutError:
        return
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise unreachable("GET", f"log of pod {pod}", error) from error


async def pod_log_pieces(kube: Kube, pod: ObjectKey) -> AsyncGenerator[bytes]:
    """Yield what the pod has printed, at most 10 MiB of it.

    Raises:
        ApiError, Unreachable: the log cannot be read.
    """
    query = {"container": places.RUNNER_CONTAINER, "limitBytes": str(_LIMIT_BYTES)}
    try:
        async with kube.pod_log_stream(pod, query, _QUIET_SECONDS) as content:
            while piece := await content.read(_PIECE_BYTES):
                yield piece
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise unreachable("GET", f"log of pod {pod}", error) from error


async def read_pod_log(kube: Kube, pod: ObjectKey, until: int) -> bytes:
    """Return the pod's log, as soon as record ``until`` stands in it.

    What was there last is returned when the record does not come; nothing, when the log cannot be
    read: what waits for it must end even when its node is gone.
    """
    text = b""
    for pause in END_PAUSES:
        await asyncio.sleep(pause)
        try:
            text = b"".join([piece async for piece in pod_log_pieces(kube, pod)])
        except (ApiError, Unreachable) as error:
            log.warning("The log of pod %s cannot be read: %s", pod, error)
            continue
        if last_sequence(text) >= until:
            break
    return text
