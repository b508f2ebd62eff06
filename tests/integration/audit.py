"""Reads the API server's audit log: who asked for what."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

# The operator in the test's process: nobody else's name.
OPERATOR_USER = "davit-operator-under-test"
WRITES = frozenset({"create", "update", "patch", "delete", "deletecollection"})
READS = frozenset({"get", "list"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One answered request."""

    verb: str
    resource: str
    subresource: str
    namespace: str
    name: str
    user: str
    user_agent: str
    code: int
    # When it came.
    at: datetime

    @property
    def what(self) -> str:
        """Return verb and resource, such as ``update jobruns/status``."""
        sub = f"/{self.subresource}" if self.subresource else ""
        return f"{self.verb} {self.resource}{sub}"


class AuditLog:
    """The calls that came after this object was made."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begin = path.stat().st_size

    def calls(self, *, user: str | None = None, namespace: str | None = None) -> list[Call]:
        """Return the calls; with a user or namespace only those of it."""
        with self._path.open("rb") as file:
            file.seek(self._begin)
            # The last line may be half written.
            lines = [line for line in file if line.endswith(b"\n")]
        calls = [_call(json.loads(line)) for line in lines]
        return [
            call
            for call in calls
            if user in (None, call.user) and namespace in (None, call.namespace)
        ]


def _call(line: dict[str, object]) -> Call:
    target, user, answer = (
        value if isinstance(value := line.get(key), dict) else {}
        for key in ("objectRef", "user", "responseStatus")
    )
    return Call(
        verb=str(line["verb"]),
        resource=target.get("resource", ""),
        subresource=target.get("subresource", ""),
        namespace=target.get("namespace", ""),
        name=target.get("name", ""),
        user=user.get("username", ""),
        user_agent=str(line.get("userAgent", "")),
        code=answer.get("code", 0),
        at=datetime.fromisoformat(str(line["requestReceivedTimestamp"])),
    )
