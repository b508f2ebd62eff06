"""Which finished runs go, and when: as their own ttl says, and as their definition's limits do.

Both rules apply, and whichever comes first. Limits count by definition, the newest ends first:
``succeeded`` those that succeeded, ``failed`` those that failed, were cancelled or rejected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

from davit_operator.api.base import ObjectKey
from davit_operator.api.execution import HistoryLimits
from davit_operator.api.jobrun import TERMINAL_PHASES, Phase
from davit_operator.api.kinds import (
    RUN_COMPACTED,
    RUN_DEFINITION,
    RUN_FINISHED,
    RUN_NAMESPACE,
    RUN_PHASE,
    RUN_TTL,
)
from davit_operator.plan.times import parse_time

# What stands in a run's metadata where Flux or Argo CD has applied it. Argo CD's other way, the
# label app.kubernetes.io/instance, proves nothing: Helm charts set it, too.
_APPLIED_BY = ("kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/", "argocd.argoproj.io/")
# The first column of any table, whatever its kind.
_NAME_COLUMN = "Name"


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """What is remembered of a run that has ended."""

    key: ObjectKey
    definition: str
    phase: Phase
    finished_at: datetime
    # None: only the limits speak.
    ttl_seconds: int | None = None
    # True: it was stripped, as it may not be deleted.
    compacted: bool = False

    @property
    def group(self) -> ObjectKey:
        """Return the definition that it is a run of, which need not exist."""
        return ObjectKey(self.key.namespace, self.definition)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPlan:
    """What becomes of the finished runs of one definition."""

    # Those that go, the oldest first.
    surplus: tuple[FinishedRun, ...] = ()
    # Seconds until the next ttl is over; infinitely many where there is none.
    again_after: float = inf


def plan_history(
    runs: Iterable[FinishedRun], limits: HistoryLimits | None, now: datetime
) -> HistoryPlan:
    """Return which runs of one definition go now; without ``limits`` only by their ttl."""
    # What was stripped stays as it is, and is none of those that limits count.
    ordered = sorted((run for run in runs if not run.compacted), key=_age)
    left = {run: _seconds_left(run, now) for run in ordered}
    kept = [run for run in ordered if left[run] > 0]
    surplus = set(_beyond(kept, limits)) if limits else set()
    return HistoryPlan(
        surplus=tuple(run for run in ordered if left[run] <= 0 or run in surplus),
        again_after=min((left[run] for run in kept if run not in surplus), default=inf),
    )


def _age(run: FinishedRun) -> tuple[datetime, str]:
    return run.finished_at, run.key.name


def _beyond(ordered: list[FinishedRun], limits: HistoryLimits) -> list[FinishedRun]:
    good = [run for run in ordered if run.phase is Phase.SUCCEEDED]
    bad = [run for run in ordered if run.phase is not Phase.SUCCEEDED]
    return [
        run
        for group, limit in ((good, limits.succeeded), (bad, limits.failed))
        for run in group[: max(0, len(group) - limit)]
    ]


def _seconds_left(run: FinishedRun, now: datetime) -> float:
    if run.ttl_seconds is None:
        return inf
    return run.ttl_seconds - (now - run.finished_at).total_seconds()


def finished_run(raw: Mapping[str, Any]) -> FinishedRun | None:
    """Return the record of a run; None where it has not ended.

    Raises:
        KeyError, ValueError: it says no readable time of its end.
    """
    status, metadata = raw.get("status", {}), raw["metadata"]
    if status.get("phase") not in TERMINAL_PHASES:
        return None
    return FinishedRun(
        key=ObjectKey(metadata["namespace"], metadata["name"]),
        definition=raw["spec"]["definitionRef"]["name"],
        phase=Phase(status["phase"]),
        finished_at=parse_time(status["finishedAt"]),
        ttl_seconds=raw["spec"].get("ttlSecondsAfterFinished"),
        compacted=status.get("compacted", False),
    )


def listed_run(cells: Mapping[str, Any]) -> FinishedRun:
    """Return the record of a run that has ended, of what a table shows of it.

    Raises:
        KeyError: the CRD is an older one, and lacks a column.
        TypeError, ValueError: it says no readable time of its end.
    """
    return FinishedRun(
        key=ObjectKey(cells[RUN_NAMESPACE.name], cells[_NAME_COLUMN]),
        definition=cells[RUN_DEFINITION.name],
        phase=Phase(cells[RUN_PHASE.name]),
        finished_at=parse_time(cells[RUN_FINISHED.name]),
        ttl_seconds=cells[RUN_TTL.name],
        compacted=bool(cells[RUN_COMPACTED.name]),
    )


def is_applied(raw: Mapping[str, Any]) -> bool:
    """Return whether Flux or Argo CD holds the run in place: deleted, it would be made again.

    And run again. What has a generated name is created, and not applied, whoever does it.
    """
    metadata = raw["metadata"]
    if metadata.get("generateName"):
        return False
    said = (*metadata.get("labels", {}), *metadata.get("annotations", {}))
    return any(key.startswith(_APPLIED_BY) for key in said)
