"""Many runs side by side, each with a fault of its own, and a witness who sees all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.e2e.host import new_place
from tests.e2e.witness import Witness, witnessed
from tests.integration.kube import Kube, Object, eventually
from tests.integration.place import Place, condition, phase_of
from tests.kubectl import Kubectl
from tests.target import Target

# A run has to end, and a wait has to be explained, so soon after its cause could be seen.
PROMPT_SECONDS = 5.0
# The machine may be busy, and grace and backoffs take their time.
PATIENCE_SECONDS = 150.0
_TERMINAL = ("Succeeded", "Failed", "Cancelled", "Rejected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A namespace with jobs ``jobs.CLASS``, each with a definition of its own."""

    place: Place
    kubectl: Kubectl
    witness: Witness

    def offer(self, job: str, **spec: Any) -> None:
        """Enable a job, with a short grace and whatever ``spec`` says of its definition."""
        wanted = {"enabled": True, "cancelGraceSeconds": 2, **spec}
        self.place.patch("JobDefinition", f"jobs.{job}", {"spec": wanted})

    def start(self, job: str, run: str = "", **spec: Any) -> Object:
        """Create a run of the job, of the same name where no other is given."""
        wanted = {"definitionRef": {"name": f"jobs.{job}"}, **spec}
        return self.place.create("JobRun", run or job, spec=wanted)

    def pod(self, run: str) -> Object:
        """Return the pod of a run whose job has said all that it has to say."""
        name = str(self.place.pod_of(run)["metadata"]["name"])

        def said() -> bool:
            return "all said" in self.kubectl("logs", name, "-c", "runner", check=False)

        eventually(said, f"the job of {run} has said all", PATIENCE_SECONDS)
        return self.place.get("Pod", name)

    def ended(self, run: str, phase: str, reason: str) -> Object:
        """Return the run's status once it has ended, as it was to and with nothing left of it."""

        def probe() -> Object | None:
            found = self.place.get("JobRun", run)
            return found if phase_of(found) in _TERMINAL else None

        found = eventually(probe, f"{run} ends", PATIENCE_SECONDS)
        status: Object = found["status"]
        told = condition(found)
        assert (phase_of(found), told["reason"]) == (phase, reason), told["message"]
        if phase == "Failed":
            assert status["error"]["remedy"], status["error"]
        assert self.pods_ever(run) <= len(status["attempts"]), "no attempt has more than one pod"
        eventually(lambda: not self.left(run), f"nothing is left of {run}", PATIENCE_SECONDS)
        return status

    def pods_ever(self, run: str) -> int:
        """Return how many pods the run ever had."""
        jobs = self._batch_jobs(run)
        return len({each.name for each in self.witness.all("Pod") if _job(each.object) in jobs})

    def left(self, run: str) -> list[str]:
        """Return the pods and batch Jobs of the run that still do something."""
        jobs = self._batch_jobs(run)
        pods = [
            name
            for name, pod in self.witness.last("Pod").items()
            if _job(pod) in jobs and pod["status"]["phase"] not in ("Succeeded", "Failed")
        ]
        live = [
            name
            for name, job in self.witness.last("Job").items()
            if name in jobs and not condition(job, "Complete") and not condition(job, "Failed")
        ]
        return pods + live

    def _batch_jobs(self, run: str) -> set[str]:
        """Return the names of the batch Jobs that the run ever had."""
        uid = self.place.get("JobRun", run)["metadata"]["uid"]
        return {
            each.name
            for each in self.witness.all("Job")
            if any(o["uid"] == uid for o in each.object["metadata"].get("ownerReferences", ()))
        }

    def when(self, kind: str, name: str, holds: Callable[[Object], object]) -> float:
        """Return when something was first seen to be true of an object."""
        return eventually(
            lambda: self.witness.first(kind, name, holds), f"{kind} {name} is so", PATIENCE_SECONDS
        )

    def when_ended(self, run: str) -> float:
        """Return when the run was seen to have ended."""
        return self.when("JobRun", run, lambda found: phase_of(found) in _TERMINAL)

    def when_told(self, run: str, reason: str) -> float:
        """Return when the run was seen to say why it does not go on."""
        return self.when("JobRun", run, lambda found: condition(found).get("reason") == reason)

    def when_pod(self, run: str, holds: Callable[[Object], object]) -> float:
        """Return when something was first seen to be true of the run's pod."""
        jobs = self._batch_jobs(run)
        moments = (
            each.at
            for each in self.witness.all("Pod")
            if _job(each.object) in jobs and holds(each.object)
        )
        return next(moments)

    def when_event(self, run: str, reason: str) -> float:
        """Return when an Event of the reason was first seen, about the run's pod or batch Job."""
        jobs = tuple(self._batch_jobs(run))
        moments = (
            each.at
            for each in self.witness.all("Event")
            if each.object["reason"] == reason
            and each.object["involvedObject"]["name"].startswith(jobs)
        )
        return next(moments)


def prompt(what: str, cause: float, end: float) -> None:
    """Fail where ``end`` came too long after ``cause``."""
    took = end - cause
    assert took < PROMPT_SECONDS, f"{what}: {took:.2f} s after its cause was to be seen"


def runner_ended(pod: Object) -> bool:
    """Return whether the pod's status shows the end of the runner."""
    return "terminated" in runner_state(pod)


def runner_state(pod: Object) -> Object:
    """Return the state of the container ``runner``."""
    statuses = pod.get("status", {}).get("containerStatuses", ())
    return next((each["state"] for each in statuses if each["name"] == "runner"), {})


def _job(pod: Object) -> str:
    return str(pod["metadata"].get("labels", {}).get("batch.kubernetes.io/job-name", ""))


@contextmanager
def new_scene(target: Target, prefix: str, jobs: str) -> Iterator[Scene]:
    """Make a namespace whose ConfigMap holds the module ``jobs``, and have it discovered."""
    kube = Kube(target.kubectl.kubeconfig)
    with new_place(kube, prefix) as place:
        kubectl = target.kubectl.within(place.name)
        with witnessed(kubectl) as witness:
            place.create("ConfigMap", "code", data={"work.py": jobs})
            spec = {"layout": "JobsRoot", "source": {"configMap": {"name": "code"}}}
            place.create("JobRepository", "jobs", spec=spec)
            place.until(
                "JobRepository", "jobs", lambda r: condition(r).get("status") == "True", "is Ready"
            )
            yield Scene(place=place, kubectl=kubectl, witness=witness)
