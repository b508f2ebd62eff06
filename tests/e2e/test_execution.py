"""Runs that take turns, and runs that are executed again, on a real kubelet."""

from __future__ import annotations

import base64
import gzip
import json
from itertools import pairwise
from typing import Any

from tests.e2e.place import Place, a, messages

TURNS = """\
import time

from davit import Job, register_jobs


class Turns(Job):
    class Meta:
        is_singleton = True

    def run(self):
        began = time.time()
        # Long enough for another one to overlap, if it could.
        time.sleep(1)
        return [began, time.time()]


class Flaky(Job):
    def before_start(self, task_id, args, kwargs):
        self.logger.info("before_start of attempt %s", self.request.retries + 1)

    def run(self):
        if self.request.retries == 0:
            raise ConnectionError("the device does not answer")
        return self.request.retries

    def on_retry(self, exc, task_id, args, kwargs, einfo):
        self.logger.warning("on_retry after %s", exc)


register_jobs(Turns, Flaky)
"""


def change(place: Place, definition: str, **spec: Any) -> None:
    patch = json.dumps({"spec": {"enabled": True, **spec}})
    place.kubectl("patch", "jobdefinition", definition, "--type=merge", "-p", patch)


def test_no_two_runs_of_a_singleton_overlap(place: Place) -> None:
    place.serve({"turns.py": TURNS})
    change(place, "jobs.turns", concurrency={"policy": "Queue"})
    names = [f"turn-{number}" for number in range(4)]
    runs = [a("JobRun", name, {"definitionRef": {"name": "jobs.turns"}}) for name in names]
    place.kubectl.apply(*runs)
    spans = []
    for name in names:
        place.kubectl.wait(f"jobrun/{name}", "condition=Finished")
        status = place.status("jobrun", name)
        assert status["phase"] == "Succeeded", status
        spans.append(status["result"])
    ends = sorted(spans)
    assert all(later[0] >= earlier[1] for earlier, later in pairwise(ends))


def test_a_flaky_job_is_tried_again_and_its_handlers_are_called(place: Place) -> None:
    place.serve({"turns.py": TURNS})
    change(place, "jobs.flaky", retries={"limit": 2, "backoffSeconds": 1})
    status = place.run("again", "jobs.flaky")
    assert (status["phase"], status["result"]) == ("Succeeded", 1)
    assert [(each["number"], each["reason"]) for each in status["attempts"]] == [
        (1, "JobFailed"),
        (2, "Succeeded"),
    ]
    assert "before_start of attempt 2" in messages(status)
    [kept] = place.kubectl.items("joblogs")
    assert kept["spec"]["attempt"] == 1
    told = gzip.decompress(base64.b64decode(kept["spec"]["data"])).decode()
    assert "before_start of attempt 1" in told
    assert "on_retry after the device does not answer" in told
