"""A JobRun as the command sees it: raw JSON, which may be older or newer than this command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from davit_contract.printed import LogRecord
from davit_kubectl.records import from_json
from davit_kubectl.resources import TERMINAL_PHASES

if TYPE_CHECKING:
    from davit_kubectl.server import Object

_LEVELS = ("debug", "info", "success", "warning", "failure", "error", "critical")


class RunView:
    """What one JobRun says."""

    def __init__(self, said: Object) -> None:
        self.said = said
        self.name: str = said["metadata"]["name"]
        self.namespace: str = said["metadata"]["namespace"]
        self.uid: str = said["metadata"]["uid"]
        self.spec: Object = said.get("spec") or {}
        self.status: Object = said.get("status") or {}
        self.log: Object = self.status.get("log") or {}
        self.error: Object = self.status.get("error") or {}
        self._attempt: Object = (self.status.get("attempts") or [{}])[-1]

    @property
    def definition(self) -> str:
        """Return the name of the JobDefinition."""
        return str(self.spec["definitionRef"]["name"])

    @property
    def phase(self) -> str:
        """Return where the run stands; Pending before the operator has spoken."""
        return self.status.get("phase") or "Pending"

    @property
    def is_finished(self) -> bool:
        """Return whether the status is final."""
        return self.phase in TERMINAL_PHASES

    @property
    def reason(self) -> str:
        """Return why the run stands where it stands, in a word."""
        return self.error.get("reason") or self.condition("Ready").get("reason") or self.phase

    @property
    def message(self) -> str:
        """Return why, in sentences."""
        return str(self.condition("Ready").get("message") or "")

    @property
    def attempt(self) -> int:
        """Return the number of the newest attempt."""
        return int(self._attempt.get("number") or 1)

    @property
    def batch_job(self) -> str:
        """Return the name of the newest attempt's batch Job; empty before there is one."""
        return str(self._attempt.get("batchJob") or "")

    @property
    def pod(self) -> str:
        """Return the name of the newest attempt's pod; empty before there is one."""
        return str(self._attempt.get("pod") or "")

    @property
    def chunks(self) -> int:
        """Return how many JobLogs hold the log; 0: it stands in the tail."""
        return int(self.log.get("chunks") or 0)

    @property
    def last_sequence(self) -> int | None:
        """Return the number of the last record of the log; None where nobody knows."""
        found: int | None = self.log.get("lastSequence")
        return found

    @property
    def tail(self) -> list[LogRecord]:
        """Return the end of the log that stands in the status."""
        found = (from_json({**line, "type": "log"}) for line in self.log.get("tail") or ())
        return [record for record in found if isinstance(record, LogRecord)]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many records there are of each level that has some."""
        said: dict[str, int] = self.log.get("counts") or {}
        return {level: said[level] for level in _LEVELS if said.get(level)}

    @property
    def has_whole_tail(self) -> bool:
        """Return whether the tail is all there is of the log."""
        tail = [record for record in self.tail if not record.continued]
        return not self.chunks and (self.is_finished or sum(self.counts.values()) <= len(tail))

    @property
    def dropped(self) -> int:
        """Return how many records the log had no room for."""
        return int(self.log.get("droppedRecords") or 0)

    @property
    def files(self) -> list[dict[str, Any]]:
        """Return the files that the job made."""
        return self.status.get("files") or []

    def condition(self, kind: str) -> dict[str, Any]:
        """Return one condition; empty where there is none of that type."""
        return condition(self.said, kind)


def condition(thing: Object, kind: str) -> dict[str, Any]:
    """Return one condition of an object; empty where it has none of that type."""
    found = (thing.get("status") or {}).get("conditions") or ()
    return next((each for each in found if each.get("type") == kind), {})
