"""What people do: create runs, change their minds, and delete what they like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import count
from typing import Any

from tests.builders import a_definition, a_repository, as_stored, serving
from tests.unit.world.api_server import TERMINAL, ApiServer, Raw
from tests.unit.world.cluster import Step

from davit_operator.api.kinds import API_VERSION
from davit_operator.api.names import QUEUE_LABEL

RUN_NAMES = ("anna", "bert", "cleo")
DEFINITION = a_definition().metadata.name


class People:
    """``rules`` are those of the definition; ``queue``: whether runs go through one of Kueue."""

    def __init__(self, server: ApiServer, rules: Mapping[str, Any], *, queue: bool) -> None:
        self._server, self._rules, self._queue = server, rules, queue
        self._inputs = count(1)
        server.create("jobrepositories", _new(a_repository(status=serving())))
        self.define()

    def define(self) -> None:
        self._server.create("jobdefinitions", _new(a_definition(spec=self._rules)))

    def steps(self) -> Iterator[Step]:
        """Yield what people do who only want their runs to run."""
        for name in RUN_NAMES:
            if self._server.find("jobruns", name) is None:
                yield f"create {name}", partial(self.create, name)
        for run in self._server.all("jobruns"):
            if run["spec"]["suspend"] and not _has_ended(run):
                yield f"resume {_name(run)}", partial(self._specify, run, suspend=False)

    def whims(self) -> Iterator[Step]:
        """Yield what else they may do."""
        for name in RUN_NAMES:
            if self._server.find("jobruns", name) is None:
                yield f"create {name} suspended", partial(self.create, name, suspend=True)
        for run in self._server.all("jobruns"):
            yield f"delete {_name(run)}", partial(self._server.delete, "jobruns", run)
            if not _has_ended(run):
                yield from self._turns(run)
        for pod in self._server.all("pods"):
            yield f"delete {_name(pod)}", partial(self._server.delete, "pods", pod)
        for job in self._server.all("jobs"):
            if self._is_told_of(job):
                yield f"delete {_name(job)}", partial(self._server.delete, "jobs", job)
        yield from self._of_definition()

    def _turns(self, run: Raw) -> Iterator[Step]:
        if not run["spec"]["cancel"]:
            yield f"cancel {_name(run)}", partial(self._specify, run, cancel=True)
        if not run["spec"]["suspend"] and not run["status"].get("attempts"):
            yield f"suspend {_name(run)}", partial(self._specify, run, suspend=True)

    def _of_definition(self) -> Iterator[Step]:
        definition = self._server.find("jobdefinitions", DEFINITION)
        if definition is None:
            yield "define it anew", self.define
            return
        yield "delete the definition", partial(self._server.remove, "jobdefinitions", definition)
        turned = not definition["spec"]["enabled"]
        enable = partial(self._server.specify, "jobdefinitions", definition, enabled=turned)
        yield f"enabled: {turned}", enable

    def create(self, name: str, *, suspend: bool = False) -> None:
        labels = {QUEUE_LABEL: "q"} if self._queue else {}
        self._server.create(
            "jobruns",
            {
                "apiVersion": API_VERSION,
                "kind": "JobRun",
                "metadata": {"name": name, "labels": labels},
                "spec": {
                    "definitionRef": {"name": DEFINITION},
                    "suspend": suspend,
                    "cancel": False,
                },
                "status": {"observedGeneration": -1},
            },
        )

    def _is_told_of(self, job: Raw) -> bool:
        """Return whether a status names it: of another one nobody could know that it was."""
        attempts = (run["status"].get("attempts", ()) for run in self._server.all("jobruns"))
        return any(each["batchJob"] == _name(job) for listed in attempts for each in listed)

    def _specify(self, run: Raw, **spec: bool) -> None:
        self._server.specify("jobruns", run, **spec)


def _has_ended(run: Raw) -> bool:
    return run.get("status", {}).get("phase") in TERMINAL


def _name(raw: Raw) -> str:
    name: str = raw["metadata"]["name"]
    return name


def _new(model: Any) -> Raw:
    raw = as_stored(model)
    return {**raw, "metadata": {"name": raw["metadata"]["name"], "labels": {}}}
