"""A namespace of one test: what stands in it, and what the test waits for there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.integration import kubelet
from tests.integration.kube import Kube, Object, RefusedError, eventually, path_of

CLASS_PATH = "netops.jobs.hello.Hello"
COMMIT = "9f3c" * 10
DIGEST = "sha256:" + "5e" * 32
HOLD = "davit.dev/held-by-a-test"
WHO = {"name": "who", "type": "StringVar", "default": "World", "required": True}
ENDED = ("Succeeded", "Failed", "Cancelled", "Rejected")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A namespace, seen by an administrator."""

    kube: Kube
    name: str

    # --- any object

    def create(self, kind: str, name: str, **content: Any) -> Object:
        """Create an object of this namespace; ``content`` are its keys beside metadata."""
        manifest = {
            "apiVersion": _API_VERSIONS.get(kind, "davit.dev/v1alpha1"),
            "kind": kind,
            "metadata": {"name": name, "namespace": self.name, **content.pop("metadata", {})},
            **content,
        }
        return self.kube.create(manifest)

    def find(self, kind: str, name: str) -> Object | None:
        """Return an object; None where there is none."""
        return self.kube.find(kind, self.name, name)

    def get(self, kind: str, name: str) -> Object:
        """Return an object that must be there."""
        return self.kube.call("GET", path_of(kind, self.name, name))

    def all(self, kind: str, labels: str = "") -> list[Object]:
        """Return the namespace's objects of a kind."""
        page = self.kube.call("GET", path_of(kind, self.name), labelSelector=labels)
        items: list[Object] = page["items"]
        return items

    def patch(
        self, kind: str, name: str, change: Mapping[str, Any], subresource: str = ""
    ) -> Object:
        """Merge ``change`` into an object, refusing fields that its kind does not know."""
        return self.kube.call(
            "PATCH",
            path_of(kind, self.name, name, subresource),
            change,
            content_type="application/merge-patch+json",
            fieldValidation="Strict",
        )

    def delete(self, kind: str, name: str) -> None:
        """Delete an object, and what it owns; one that is gone already is no failure."""
        try:
            options = {"propagationPolicy": "Background"}
            self.kube.call("DELETE", path_of(kind, self.name, name), options)
        except RefusedError as error:
            if error.status != 404:
                raise

    def until(self, kind: str, name: str, holds: Callable[[Object], object], what: str) -> Object:
        """Return the object once ``holds`` is true of it."""
        last: list[Object | None] = [None]

        def probe() -> Object | None:
            last[0] = found = self.find(kind, name)
            return found if found is not None and holds(found) else None

        try:
            return eventually(probe, f"{kind} {name} {what}")
        except AssertionError as error:
            status = (last[0] or {}).get("status")
            raise AssertionError(f"{error}; its status is {status}") from None

    # --- ours

    def installed(self, name: str = "hello", *, enabled: bool = True, **spec: Any) -> Object:
        """Create a definition as if discovery had found its class, and a repository for it."""
        repository = spec.pop("repository", "netops")
        if self.find("JobRepository", repository) is None:
            source = {"git": {"url": "https://git.example.com/netops/jobs.git"}}
            self.create("JobRepository", repository, spec={"source": source, "suspend": True})
        # A class each: of two definitions of one class only the older stands.
        module = name.replace("-", "_")
        class_path = spec.pop("classPath", CLASS_PATH.replace(".hello.", f".{module}."))
        reference = {"repositoryRef": {"name": repository}, "classPath": class_path}
        self.create("JobDefinition", name, spec={**reference, "enabled": enabled, **spec})
        return self.discover(name)

    def discover(self, name: str, **facts: Any) -> Object:
        """Write what discovery writes into a definition's status."""
        known = {"installed": True, "commit": COMMIT, "digest": DIGEST, "parts": 1, "name": "Hello"}
        status = {**known, "variables": [WHO], **facts}
        return self.patch("JobDefinition", name, {"status": status}, "status")

    def run(self, name: str, definition: str = "hello", **inputs: Any) -> Object:
        """Create a run."""
        spec = {"definitionRef": {"name": definition}, **({"inputs": inputs} if inputs else {})}
        return self.create("JobRun", name, spec=spec)

    def phase(self, name: str, *phases: str) -> Object:
        """Return the run once it is in one of the phases."""
        return self.until(
            "JobRun", name, lambda run: phase_of(run) in phases, f"becomes {' or '.join(phases)}"
        )

    def ended(self, name: str) -> Object:
        """Return the run once it has ended."""
        return self.phase(name, *ENDED)

    def pod_of(self, run: str) -> Object:
        """Return the pod of a run, once the Job's controller has made it."""
        uid = self.get("JobRun", run)["metadata"]["uid"]

        def probe() -> Object | None:
            jobs = {job["metadata"]["uid"] for job in self.all("Job") if _owner(job) == uid}
            return next((pod for pod in self.all("Pod") if _owner(pod) in jobs), None)

        return eventually(probe, f"run {run} has a pod")

    def pod_of_attempt(self, run: str, number: int) -> Object:
        """Return the pod of one of a run's attempts, once the Job's controller has made it."""

        def probe() -> Object | None:
            jobs = {
                job["metadata"]["uid"]
                for job in self.batch_jobs_of(run)
                if job["metadata"]["annotations"]["davit.dev/attempt"] == str(number)
            }
            return next((pod for pod in self.all("Pod") if _owner(pod) in jobs), None)

        return eventually(probe, f"run {run} has a pod of attempt {number}")

    def batch_jobs_of(self, run: str) -> list[Object]:
        """Return the batch Jobs that a run owns now."""
        uid = self.get("JobRun", run)["metadata"]["uid"]
        return [job for job in self.all("Job") if _owner(job) == uid]

    def discovery_pod(self, repository: str) -> Object:
        """Return the pod that discovers a repository, once it is there."""
        uid = self.get("JobRepository", repository)["metadata"]["uid"]

        def probe() -> Object | None:
            pods = self.all("Pod", "davit.dev/component=discovery")
            return next((pod for pod in pods if _owner(pod) == uid), None)

        return eventually(probe, f"repository {repository} has a discovery pod")

    # --- the kubelet's part

    def set_pod(self, pod: Object, status: Mapping[str, Any]) -> Object:
        """Write a pod's status, as a kubelet or the scheduler does."""
        return self.patch("Pod", pod["metadata"]["name"], {"status": status}, "status")

    def start(self, run: str) -> Object:
        """Have the run's pod run, and return the pod."""
        return self.set_pod(self.pod_of(run), kubelet.running())

    def finish(self, run: str, **outcome: Any) -> Object:
        """Have the run's pod end with an Outcome, by default a success, and return the pod."""
        pod = self.pod_of(run)
        return self.set_pod(pod, kubelet.ended(pod, **outcome))

    def hold(self, pod: Object) -> Object:
        """Keep a pod from being gone once it is deleted, as a kubelet does until it has ended."""
        finalizers = [*pod["metadata"].get("finalizers", ()), HOLD]
        return self.patch("Pod", pod["metadata"]["name"], {"metadata": {"finalizers": finalizers}})

    def let_go(self, pod: Object) -> None:
        """Let a pod that is being deleted be gone."""
        found = self.find("Pod", pod["metadata"]["name"])
        if found is not None:
            finalizers = [each for each in found["metadata"]["finalizers"] if each != HOLD]
            self.patch("Pod", pod["metadata"]["name"], {"metadata": {"finalizers": finalizers}})


_API_VERSIONS = {
    "Pod": "v1",
    "Secret": "v1",
    "ConfigMap": "v1",
    "Namespace": "v1",
    "ResourceQuota": "v1",
    "Job": "batch/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "Role": "rbac.authorization.k8s.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
}


def phase_of(run: Object) -> str:
    """Return the phase of a run; the empty string before the operator spoke."""
    return str(run.get("status", {}).get("phase", ""))


def condition(thing: Object, kind: str = "Ready") -> Object:
    """Return one condition of an object; empty where it has none of that type."""
    # A new CRD has null there.
    found = thing.get("status", {}).get("conditions") or ()
    return next((each for each in found if each["type"] == kind), {})


def _owner(thing: Object) -> str:
    owners = thing["metadata"].get("ownerReferences", ())
    return next((owner["uid"] for owner in owners if owner.get("controller")), "")
