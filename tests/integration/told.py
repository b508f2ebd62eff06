"""Runs that no operator looks at: a test writes their status, pods, JobLogs and files."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from tests.builders import a_log_record, printed
from tests.integration.place import Place

from davit_contract import LogRecord
from davit_operator.api.names import batch_job_name, file_name, log_name
from davit_operator.plan.log_chunks import Chunk

STARTED = "2026-11-22T06:30:01.000000Z"
FINISHED = "2026-11-22T06:30:03.500000Z"


def lines(first: int, last: int, level: str = "info") -> list[LogRecord]:
    """Return numbered records, a second apart for each ten."""
    return [
        a_log_record(
            number, f"line {number}", level=level, time=f"2026-11-22T06:30:{number // 10:02d}.5Z"
        )
        for number in range(first, last + 1)
    ]


@dataclass(frozen=True, kw_only=True)
class ToldRun:
    """A JobRun whose status a test writes."""

    place: Place
    name: str
    uid: str

    @property
    def batch_job(self) -> str:
        """Return the name that the run's batch Job would have."""
        return batch_job_name(self.name, self.uid, 1)

    def pod(self) -> dict[str, Any]:
        """Create the pod of the first attempt."""
        container = {
            "name": "runner",
            "image": "runner:test",
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
        }
        return self.place.create("Pod", f"{self.batch_job}-abcde", spec={"containers": [container]})

    def status(self, phase: str, **status: Any) -> None:
        """Write the status."""
        attempt = {"number": 1, "batchJob": self.batch_job, "pod": f"{self.batch_job}-abcde"}
        written = {"phase": phase, "attempts": [attempt], "observedGeneration": 1, **status}
        self.place.patch("JobRun", self.name, {"status": written}, "status")

    def log(self, *records: LogRecord, **more: Any) -> dict[str, Any]:
        """Return the log of a status whose tail ``records`` are."""
        tail = [
            {
                key: value
                for key, value in asdict(record).items()
                if value not in ("", False) and key not in ("type", "version")
            }
            for record in records
        ]
        last = records[-1].sequence if records else 0
        return {"counts": {"info": len(records)}, "tail": tail, "lastSequence": last, **more}

    def end(self, phase: str = "Succeeded", **status: Any) -> None:
        """Write a final status."""
        reason = status.pop("reason", phase)
        good = {"True": phase == "Succeeded", "False": phase != "Succeeded"}
        ready = {
            "type": "Ready",
            "status": next(text for text, holds in good.items() if holds),
            "reason": reason,
            "message": status.pop("message", "The job returned."),
            "lastTransitionTime": FINISHED,
        }
        times = {"startedAt": STARTED, "finishedAt": FINISHED, "durationSeconds": 2.5}
        self.status(phase, conditions=[ready], **{**times, **status})

    def job_log(self, index: int, records: Iterable[LogRecord], last: int = 0) -> None:
        """Create a JobLog, as the operator packs it."""
        records = list(records)
        until = last or records[-1].sequence
        chunk = Chunk(index, records[0].sequence, until, printed(*records))
        spec = {
            "runRef": {"name": self.name, "uid": self.uid},
            "attempt": 1,
            "index": index,
            "firstSequence": chunk.first_sequence,
            "lastSequence": chunk.last_sequence,
            "encoding": "gzip",
            "data": chunk.data(),
        }
        self.place.create("JobLog", log_name(self.batch_job, index), spec=spec)

    def file(self, index: int, name: str, *pieces: bytes, digest: str = "") -> dict[str, Any]:
        """Create the JobFiles of a file, and return what ``status.files`` says of it."""
        content = b"".join(pieces)
        digest = digest or f"sha256:{sha256(content).hexdigest()}"
        text = b64encode(content).decode()
        size = -(-len(text) // len(pieces))
        parts = []
        for part in range(1, len(pieces) + 1):
            spec = {
                "runRef": {"name": self.name, "uid": self.uid},
                "name": name,
                "sizeBytes": len(content),
                "digest": digest,
                "part": part,
                "parts": len(pieces),
                "data": text[(part - 1) * size : part * size],
            }
            parts.append(file_name(self.batch_job, index, part))
            self.place.create("JobFile", parts[-1], spec=spec)
        return {"name": name, "sizeBytes": len(content), "digest": digest, "parts": parts}


def a_told_run(place: Place, name: str, **inputs: Any) -> ToldRun:
    """Create a run that no operator looks at."""
    made = place.run(name, **inputs)
    return ToldRun(place=place, name=name, uid=made["metadata"]["uid"])


def told_of(place: Place, name: str) -> ToldRun:
    """Return a run that somebody else has created."""
    return ToldRun(place=place, name=name, uid=place.get("JobRun", name)["metadata"]["uid"])


def allow(place: Place, user: str, **resources: str) -> None:
    """Let ``user`` do things in the place: ``joblogs="get list"``; ``pods_log`` is pods/log."""
    rules = [
        {
            "apiGroups": [""] if resource.startswith("pods") else ["davit.dev"],
            "resources": [resource.replace("_", "/")],
            "verbs": verbs.split(),
        }
        for resource, verbs in resources.items()
    ]
    name = f"of-{user}"
    place.create("Role", name, rules=rules)
    place.create(
        "RoleBinding",
        name,
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        subjects=[{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    )
