"""Read what a pod printed once its runner has ended."""

from __future__ import annotations

import asyncio
import logging

from davit_contract import places
from davit_operator.api.base import ObjectKey
from davit_operator.effects.errors import ApiError, Unreachable
from davit_operator.effects.kube import Kube
from davit_operator.plan.records import last_sequence

# The runtime may show the end of a log up to a second after the container has ended.
_PAUSES = (0.0, 0.1, 0.4, 1.0)
_LIMIT_BYTES = 10 * 1024 * 1024

log = logging.getLogger(__name__)


async def read_pod_log(kube: Kube, pod: ObjectKey, until: int) -> bytes:
    """Return the pod's log, as soon as record ``until`` stands in it.

    What was there last is returned when the record does not come; nothing, when the log cannot be
    read: a run must end even when its node is gone.
    """
    text = b""
    for pause in _PAUSES:
        await asyncio.sleep(pause)
        try:
            text = await kube.pod_log(pod, places.RUNNER_CONTAINER, _LIMIT_BYTES)
        except (ApiError, Unreachable) as error:
            log.warning("The log of pod %s cannot be read: %s", pod, error)
            continue
        if last_sequence(text) >= until:
            break
    return text
