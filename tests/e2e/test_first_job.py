"""The getting-started job of Nautobot's documentation, pasted as it stands there."""

from __future__ import annotations

from tests.e2e.place import Place, condition, messages

HELLO_WORLD = """\
from nautobot.apps import jobs

name = "Examples"                 # Grouping shown in the UI

class HelloWorldJob(jobs.Job):
    class Meta:
        name = "Hello World"      # Job name

    who = jobs.StringVar(         # One user‑supplied variable
        description="Whom should we greet?",
        default="world",
    )

    def run(self, *, who):
        self.logger.info("Hello, %s!", who) # code to execute when the Job is run goes here

jobs.register_jobs(HelloWorldJob) # <- required in Nautobot 2.x
"""
DEFINITION = "jobs.hello-world-job"


def test_the_documented_first_job_runs_unchanged_once_it_is_enabled(place: Place) -> None:
    commit = place.serve({"hello_world.py": HELLO_WORLD})
    found = place.kubectl.get("jobdefinition", DEFINITION)
    assert found["spec"]["enabled"] is False
    assert (found["status"]["name"], found["status"]["grouping"]) == ("Hello World", "Examples")

    early = place.run("early", DEFINITION)
    assert (early["phase"], condition(early, "Ready")["reason"]) == ("Rejected", "Disabled")
    assert f'JobDefinition "{DEFINITION}"' in early["error"]["message"]
    assert "spec.enabled" in early["error"]["message"]

    place.enable(DEFINITION)
    status = place.run("greets-the-default", DEFINITION)
    assert status["phase"] == "Succeeded"
    assert "Hello, world!" in messages(status)
    assert status["definition"]["commit"] == commit
    assert "Hello, Ada!" in messages(place.run("greets-ada", DEFINITION, {"who": "Ada"}))


def test_wrong_inputs_are_rejected_with_the_variable_and_the_rule(place: Place) -> None:
    place.serve({"count.py": COUNT})
    place.enable("jobs.count")
    status = place.run("too-few", "jobs.count", {"number": 0, "other": 1})
    assert (status["phase"], status["error"]["reason"]) == ("Rejected", "InvalidInputs")
    assert (
        'Variable "number": Ensure this value is greater than or equal to 1.'
        in (status["error"]["message"])
    )
    assert 'Variable "other" is unknown' in status["error"]["message"]
    assert "attempts" not in status or status["attempts"] == []


def test_get_shows_definition_phase_reason_age_and_duration(place: Place) -> None:
    place.serve({"count.py": COUNT})
    place.enable("jobs.count")
    place.run("counts", "jobs.count", {"number": 2})
    heading, row = place.kubectl("get", "jr").splitlines()
    assert heading.split() == ["NAME", "DEFINITION", "PHASE", "REASON", "AGE", "DURATION"]
    assert row.split()[:4] == ["counts", "jobs.count", "Succeeded", "Succeeded"]
    assert float(row.split()[5]) >= 0
    assert place.status("jobrun", "counts")["result"] == {"counted": [1, 2]}


COUNT = """\
from davit import IntegerVar, Job, register_jobs


class Count(Job):
    number = IntegerVar(min_value=1)

    def run(self, number):
        return {"counted": [n + 1 for n in range(number)]}


register_jobs(Count)
"""
