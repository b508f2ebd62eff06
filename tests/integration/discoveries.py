"""What discoveries of a test find, and definitions as they become."""

from __future__ import annotations

from typing import Any

from tests.gitserver.running import RemoteRepository
from tests.integration.kube import Object, eventually
from tests.integration.node import LogNode
from tests.integration.place import Place, condition
from tests.integration.repositories import FILES, sync

from davit_contract import DiscoveryProblem, JobDescription, VariableDescription

PATH = "netops.jobs.hello.Hello"
HELLO = JobDescription(
    class_path=PATH,
    name="Hello",
    grouping="Greetings",
    source_path="jobs/hello.py",
    source_line=3,
    variables=[VariableDescription(name="who", type="StringVar", default="World")],
)
OTHER = JobDescription(class_path="netops.jobs.other.Hello", name="Hello", grouping="Greetings")


def define(place: Place, name: str, *, path: str = PATH, **spec: Any) -> Object:
    reference = {"repositoryRef": {"name": "netops"}, "classPath": path}
    return place.create("JobDefinition", name, spec={**reference, "enabled": True, **spec})


def discovered(
    place: Place, node: LogNode, *said: JobDescription | DiscoveryProblem | str, commit: str = ""
) -> Object:
    """Have the discovery that is under way find ``said``; return the repository that serves it."""
    pod = place.discovery_pod("netops")
    node.end_discovery(place, pod, *said)
    wanted = len([each for each in said if isinstance(each, JobDescription)])
    found = place.until(
        "JobRepository",
        "netops",
        lambda r: (
            condition(r).get("reason") == "ArtifactServed"
            and r["status"]["discovery"]["definitions"] == wanted
            and commit in r["status"]["artifact"]["commit"]
        ),
        f"serves {wanted} definitions",
    )
    discovering = "davit.dev/component=discovery"
    eventually(lambda: not place.all("Pod", discovering), "the discovery pod is deleted")
    return found


def reads(place: Place, name: str, reason: str) -> Object:
    """Return the definition once its Ready has the reason."""
    return place.until(
        "JobDefinition", name, lambda d: condition(d).get("reason") == reason, f"is {reason}"
    )


def push(place: Place, remote: RemoteRepository, text: str) -> str:
    """Push a commit, ask for it, and return its hash."""
    commit = remote.push({**FILES, "jobs/hello.py": f"{text}\n"})
    sync(place, "netops", text)
    return commit
