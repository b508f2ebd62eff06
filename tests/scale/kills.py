"""An operator that dies again and again."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.host_operator import OperatorProcess
from tests.integration.audit import OPERATOR_USER, WRITES, AuditLog

EVERY_SECONDS = 10.0
# Of them it works so long at least, however slowly processes start: else none would get further.
WORKING_SECONDS = 5.0
# Generous: it is only used up when something is broken.
PATIENCE_SECONDS = 300.0
_POLL_SECONDS = 0.2


def killed_until(operator: OperatorProcess, audit_log: Path, done: Callable[[], bool]) -> int:
    """Kill the operator every 10 s, and start another one, until all is done; count the killed."""
    kills = 0
    operator.start()
    while not _ends_within_its_life(operator, AuditLog(audit_log), done):
        operator.kill()
        kills += 1
        operator.start()
    return kills


def _ends_within_its_life(
    operator: OperatorProcess, audit: AuditLog, done: Callable[[], bool]
) -> bool:
    begun, worked = time.monotonic(), 0.0
    while not done():
        assert operator.lives, operator.log.read_text()[-5_000:]
        moment = time.monotonic()
        assert moment < begun + PATIENCE_SECONDS, "the operator writes nothing, nor is all done"
        if not worked and _has_written(audit):
            worked = moment
        if worked and moment >= max(begun + EVERY_SECONDS, worked + WORKING_SECONDS):
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _has_written(audit: AuditLog) -> bool:
    return any(c.verb in WRITES and c.code < 300 for c in audit.calls(user=OPERATOR_USER))
