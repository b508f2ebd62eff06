"""An API server in memory: what a gateway may ask it, and what its watches tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

from tests.builders import NAMESPACE, later
from tests.unit.world.clock import Clock

from davit_operator.effects.errors import Conflict, NotFound
from davit_operator.plan.times import format_time, parse_time

Raw = dict[str, Any]
TERMINAL = frozenset({"Succeeded", "Failed", "Cancelled", "Rejected"})


class Change(NamedTuple):
    """What a watch tells."""

    type: str
    raw: Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call of the API."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Raw | None

    @property
    def is_write(self) -> bool:
        return self.method != "GET"

    @property
    def place(self) -> tuple[str, str, str]:
        """Return plural, name and subresource, as far as the path has them."""
        parts = self.path.strip("/").split("/")
        rest = parts[3:] if parts[0] == "apis" else parts[2:]
        rest = rest[2:] if rest[0] == "namespaces" else rest
        plural, name, subresource = [*rest, "", ""][:3]
        return plural, name, subresource

    def __str__(self) -> str:
        return f"{self.method} {'/'.join(filter(None, self.place))}"


Seen = Callable[[str, Raw | None, Raw | None], None]


class ApiServer:
    """Objects of one namespace; ``seen`` hears of each change: plural, before, after."""

    def __init__(self, clock: Clock) -> None:
        self.seen: Seen = lambda _plural, _before, _after: None
        # By plural: all that its watch tells, in order.
        self.told: dict[str, list[Change]] = {}
        self.events: dict[str, list[Raw]] = {}
        self._clock = clock
        self._objects: dict[str, dict[str, Raw]] = {}
        self._versions, self._uids = count(10), count(1)

    def all(self, plural: str) -> list[Raw]:
        return list(self._objects.get(plural, {}).values())

    def find(self, plural: str, name: str) -> Raw | None:
        return self._objects.get(plural, {}).get(name)

    def of_uid(self, plural: str, uid: str) -> Raw | None:
        return next((raw for raw in self.all(plural) if raw["metadata"]["uid"] == uid), None)

    def create(self, plural: str, body: Raw) -> Raw:
        name = body["metadata"]["name"]
        if self.find(plural, name):
            raise Conflict(409, f'{plural} "{name}" already exists')
        metadata = {
            "generation": 1,
            **body["metadata"],
            "namespace": NAMESPACE,
            "uid": f"{plural}-{next(self._uids):04}",
            "creationTimestamp": self._clock.text(),
        }
        return self._put(plural, {**body, "metadata": metadata})

    def put(self, plural: str, raw: Raw, **fields: Any) -> Raw:
        """Change ``fields`` of an object, as it is now."""
        known = self._objects[plural][raw["metadata"]["name"]]
        return self._put(plural, {**known, **fields})

    def mark(self, plural: str, raw: Raw, **metadata: Any) -> Raw:
        """Change fields of an object's metadata."""
        known = self._objects[plural][raw["metadata"]["name"]]
        return self.put(plural, raw, metadata={**known["metadata"], **metadata})

    def specify(self, plural: str, raw: Raw, **spec: Any) -> Raw:
        """Change fields of an object's spec."""
        known = self._objects[plural][raw["metadata"]["name"]]
        generation = known["metadata"]["generation"] + 1
        metadata = {**known["metadata"], "generation": generation}
        return self.put(plural, raw, metadata=metadata, spec={**known["spec"], **spec})

    def remove(self, plural: str, raw: Raw) -> None:
        gone = self._objects[plural].pop(raw["metadata"]["name"])
        last = {**gone, "metadata": {**gone["metadata"], "resourceVersion": self._version()}}
        if _is_watched(plural, gone):
            self._tell(plural, "DELETED", last)
        self.seen(plural, gone, None)

    def delete(self, plural: str, raw: Raw) -> None:
        """Do as a client asks: a pod has its grace, and stays until its end is counted."""
        if plural != "pods":
            self.remove(plural, raw)
        elif "deletionTimestamp" not in raw["metadata"]:
            bound = "nodeName" in raw["spec"]
            grace = raw["spec"]["terminationGracePeriodSeconds"] if bound else 0
            until = format_time(later(self._clock.seconds + grace))
            self.mark("pods", raw, deletionTimestamp=until)

    def serve(self, request: Request) -> Raw:
        """Return the answer to a request.

        Raises:
            Conflict, NotFound: as the API says.
        """
        plural, name, subresource = request.place
        if request.method == "GET":
            return self._read(plural, name, request.query)
        body = request.body or {}
        if request.method == "POST":
            return self.create(plural, body)
        known = self.find(plural, name)
        if known is None:
            raise NotFound(404, f'{plural} "{name}" not found')
        if request.method == "DELETE":
            if body["preconditions"]["uid"] != known["metadata"]["uid"]:
                raise Conflict(409, "the uid is another one")
            self.delete(plural, known)
            return {}
        if request.method == "PATCH":
            annotations = known["metadata"].get("annotations", {})
            said = body["metadata"]["annotations"]
            return self.mark(plural, known, annotations={**annotations, **said})
        assert subresource == "status"
        meant, found = body["metadata"], known["metadata"]
        if any(meant[key] != found[key] for key in ("uid", "resourceVersion")):
            raise Conflict(409, "the object has been modified")
        return self.put(plural, known, status=body["status"])

    def listed(self, plural: str) -> list[Raw]:
        """Return what a list gives that the watch goes on from."""
        return [raw for raw in self.all(plural) if _is_watched(plural, raw)]

    def _read(self, plural: str, name: str, query: Mapping[str, str]) -> Raw:
        if name:
            found = self.find(plural, name)
            if found is None:
                raise NotFound(404, f'{plural} "{name}" not found')
            return found
        fields, labels = query.get("fieldSelector", ""), query.get("labelSelector", "")
        if plural == "events":
            items = self.events.get(fields.partition("=")[2], [])
        elif "job-name=" in labels:
            job = labels.partition("job-name=")[2]
            items = [raw for raw in self.all(plural) if _job_name(raw) == job]
        else:
            items = self.listed(plural)
        return {"metadata": {}, "items": items}

    def _put(self, plural: str, raw: Raw) -> Raw:
        objects, name = self._objects.setdefault(plural, {}), raw["metadata"]["name"]
        before = objects.get(name)
        version = self._version()
        after = {**raw, "metadata": {**raw["metadata"], "resourceVersion": version}}
        objects[name] = after
        was, is_now = before is not None and _is_watched(plural, before), _is_watched(plural, after)
        if was and before and not is_now:
            # As it was when it fitted the selector last.
            last = {**before, "metadata": {**before["metadata"], "resourceVersion": version}}
            self._tell(plural, "DELETED", last)
        elif is_now:
            self._tell(plural, "MODIFIED" if was else "ADDED", after)
        self.seen(plural, before, after)
        return after

    def _tell(self, plural: str, kind: str, raw: Raw) -> None:
        self.told.setdefault(plural, []).append(Change(kind, raw))

    def _version(self) -> str:
        return str(next(self._versions))

    def seconds_until(self, moment: str) -> float:
        return (parse_time(moment) - self._clock.now()).total_seconds()


def _is_watched(plural: str, raw: Raw) -> bool:
    """Return whether the watch's selector fits: runs that have ended are not watched."""
    return plural != "jobruns" or raw.get("status", {}).get("phase") not in TERMINAL


def _job_name(pod: Raw) -> str:
    name: str = pod["metadata"]["labels"].get("batch.kubernetes.io/job-name", "")
    return name
