"""What Prometheus is told. No label names a run, a definition or a namespace."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from davit_operator.api.conditions import ConditionType
from davit_operator.api.jobrun import TERMINAL_PHASES, JobRunStatus, Phase
from davit_operator.effects.errors import Conflict, pause_after
from davit_operator.effects.resources import resource_in
from davit_operator.engine.vitals import Vitals
from davit_operator.handlers.clock import steady

CONTENT_TYPE = CONTENT_TYPE_LATEST
# From a look at a cache to a fetch of a large repository.
_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """Counts, in a registry of its own; any thread may read it."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._reconciles = Counter(
            "davit_reconciles",
            "Looks at an object. conflict: somebody wrote meanwhile; retried: the API server was "
            "away or busy; failed: anything else, and the log says what.",
            ("kind", "result"),
            registry=self._registry,
        )
        self._durations = Histogram(
            "davit_reconcile_duration_seconds",
            "How long a look at an object takes, with what it writes.",
            ("kind",),
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._finished = Counter(
            "davit_runs_finished",
            "Runs that this replica saw end.",
            ("phase", "reason"),
            registry=self._registry,
        )
        self._calls = Counter(
            "davit_api_calls",
            "Calls of the API server; code 0: it did not answer.",
            ("verb", "resource", "code"),
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)

    @contextmanager
    def reconciling(self, kind: str) -> Iterator[None]:
        """Count and time a look at an object; what it raises goes on."""
        begun, result = steady(), "done"
        try:
            yield
        except Exception as error:
            result = _result(error)
            raise
        finally:
            self._reconciles.labels(kind, result).inc()
            self._durations.labels(kind).observe(steady() - begun)

    def called(self, verb: str, path: str, code: int) -> None:
        """Count a call of the API server."""
        self._calls.labels(verb, resource_in(path), str(code)).inc()

    def wrote(self, status: JobRunStatus) -> None:
        """Count a run whose last status was written."""
        if status.phase in TERMINAL_PHASES:
            reasons = (c.reason for c in status.conditions if c.type == ConditionType.READY)
            self._finished.labels(str(status.phase), next(reasons, "")).inc()

    def watch_over(
        self, vitals: Callable[[], Vitals], phases: Callable[[], Iterable[Phase]]
    ) -> None:
        """Tell of what is now, too: the signs of life, and the phases of the runs that live."""
        self._registry.register(_Now(vitals, phases))

    def text(self) -> bytes:
        """Return all of it, as Prometheus reads it."""
        return generate_latest(self._registry)


def _result(error: Exception) -> str:
    if isinstance(error, Conflict):
        return "conflict"
    return "failed" if pause_after(error) is None else "retried"


class _Now(Collector):
    """What is measured when it is asked for."""

    def __init__(self, vitals: Callable[[], Vitals], phases: Callable[[], Iterable[Phase]]) -> None:
        self._vitals = vitals
        self._phases = phases

    def describe(self) -> Iterable[Metric]:
        """Return nothing: to ask is to measure."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges."""
        vitals = self._vitals()
        yield _gauge("davit_leader", "1 where this replica leads.", (), {(): float(vitals.leads)})
        lag = vitals.lag_at(steady())
        yield _gauge("davit_loop_lag_seconds", "How late the event loop is.", (), {(): lag})
        queues = vitals.queues.items()
        for name, text, values in (
            ("depth", "Keys that wait.", {(k,): float(q.depth) for k, q in queues}),
            ("oldest_age_seconds", "How long the oldest key waits.",
             {(k,): q.oldest for k, q in queues}),
            ("longest_work_seconds", "How long the longest work under way takes.",
             {(k,): q.longest_work for k, q in queues}),
        ):  # fmt: skip
            yield _gauge(f"davit_queue_{name}", text, ("queue",), values)
        yield _gauge(
            "davit_watch_age_seconds",
            "Since when a watch has said nothing.",
            ("resource",),
            {(name,): age for name, age in vitals.watches.items()},
        )
        tally = Tally(self._phases())
        live = {(str(p),): float(tally[p]) for p in Phase if p not in TERMINAL_PHASES}
        yield _gauge("davit_runs", "Runs that have not ended.", ("phase",), live)


def _gauge(name: str, text: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> Metric:
    gauge = GaugeMetricFamily(name, text, labels=labels)
    for each, value in values.items():
        gauge.add_metric(each, value)
    return gauge
