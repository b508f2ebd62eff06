"""A namespace with a Git repository of its own: what a test does there, in a user's words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.gitserver.running import RemoteRepository
from tests.kubectl import Kubectl, Manifest

API_VERSION = "davit.dev/v1alpha1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a test happens."""

    kubectl: Kubectl
    remote: RemoteRepository
    url: str

    def serve(self, files: Mapping[str, str], *, layout: str = "JobsRoot") -> str:
        """Push the files, and have JobRepository ``jobs`` serve them; return the commit."""
        commit = self.remote.push(files)
        self.kubectl.apply(self.repository(layout=layout))
        self.await_served(commit)
        return commit

    def repository(self, *, layout: str = "JobsRoot") -> Manifest:
        """Return JobRepository ``jobs``, which reads the test's Git repository."""
        git = {"url": self.url, "secretRef": {"name": "git-ca"}}
        spec = {"layout": layout, "interval": "10s", "source": {"git": git}}
        return a("JobRepository", "jobs", spec)

    def await_served(self, commit: str) -> None:
        """Wait until the repository serves the commit."""
        self.kubectl.wait("jobrepository/jobs", f"jsonpath={{.status.artifact.commit}}={commit}")
        self.kubectl.wait("jobrepository/jobs", "condition=Ready")

    def enable(self, definition: str) -> None:
        """Do what an admin does before a job may be run."""
        patch = json.dumps({"spec": {"enabled": True}})
        self.kubectl("patch", "jobdefinition", definition, "--type=merge", "-p", patch)

    def run(self, name: str, definition: str, inputs: Mapping[str, Any] | None = None) -> Any:
        """Create a JobRun, wait until it has finished, and return its status."""
        spec = {"definitionRef": {"name": definition}, "inputs": inputs or {}}
        self.kubectl.create(a("JobRun", name, spec))
        self.kubectl.wait(f"jobrun/{name}", "condition=Finished")
        return self.kubectl.get("jobrun", name)["status"]

    def status(self, kind: str, name: str) -> Any:
        """Return the status of an object."""
        return self.kubectl.get(kind, name)["status"]


def a(kind: str, name: str, spec: Mapping[str, Any]) -> Manifest:
    """Return an object of ours."""
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": dict(spec)}


def messages(status: Any) -> list[str]:
    """Return what the log tail of a run says."""
    return [line["message"] for line in status["log"]["tail"]]


def condition(status: Any, name: str) -> Any:
    """Return a condition; {} where there is none."""
    found = (each for each in status["conditions"] if each["type"] == name)
    return next(found, {})
