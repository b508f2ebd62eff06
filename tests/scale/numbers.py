"""What a crowd of runs took, from the API server's audit log: said, never asserted."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tests.faults.host_operator import OperatorProcess
from tests.integration.audit import OPERATOR_USER, READS, WRITES, Call


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What operators used of the machine, each one's start and the listing after it included."""

    processor_seconds: float
    peak_bytes: int

    @classmethod
    def measuring(cls, operator: OperatorProcess) -> Callable[[], Cost]:
        """Begin; the function that is returned ends the operator, and says what all used."""
        before = _processor_seconds()

        def used() -> Cost:
            peak = operator.peak_bytes()
            operator.stop()
            return cls(processor_seconds=_processor_seconds() - before, peak_bytes=peak)

        return used


def told(calls: Sequence[Call], run_of: Callable[[str], str], kills: int, cost: Cost) -> list[str]:
    """Return lines on runs that all have ended; ``calls`` are those of their namespace."""

    def last(what: str) -> Mapping[str, datetime]:
        return {run_of(call.name): call.at for call in calls if call.what == what}

    created, ended = last("create jobruns"), last("update jobruns/status")
    runs, seconds = len(created), (max(ended.values()) - min(created.values())).total_seconds()
    ours = [call for call in calls if call.user == OPERATOR_USER and call.subresource != "log"]
    writes = [call for call in ours if call.verb in WRITES]
    refused = sum(call.code >= 400 for call in writes)
    reads = sum(call.verb in READS for call in ours)
    return [
        f"{runs} runs in {seconds:.0f} s, {runs / seconds:.1f} a second; operators killed: {kills}",
        f"  run created -> batch Job created {_between(created, last('create jobs'))}",
        f"  pod ended -> run ended {_between(last('patch pods/status'), ended)}",
        f"  a run: {len(writes) / runs:.2f} writes, {reads / runs:.2f} reads, "
        f"{cost.processor_seconds / runs * 1_000:.0f} ms of a processor; writes refused: {refused}",
        f"  memory of the last operator at its most: {cost.peak_bytes / 2**20:.0f} MiB",
        f"  on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    ]


def _between(begin: Mapping[str, datetime], end: Mapping[str, datetime]) -> str:
    took = sorted((end[run] - begin[run]).total_seconds() for run in begin if run in end)
    return f"p50 {took[len(took) // 2]:.3f} s, p99 {took[len(took) * 99 // 100]:.3f} s"


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
