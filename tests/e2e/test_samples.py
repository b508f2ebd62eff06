"""Each sample does what its comments say, applied all at once, as GitOps does."""

from __future__ import annotations

from tests.e2e.place import Place, messages
from tests.samples import sample_files, sample_object


def test_hello_world_runs_when_all_three_objects_come_at_once(place: Place) -> None:
    place.remote.push(sample_files("hello-world"))
    repository = sample_object("hello-world", "jobrepository")
    repository["spec"]["source"]["git"] |= {"url": place.url, "secretRef": {"name": "git-ca"}}
    # The order that helps least: the run waits for what it needs.
    place.kubectl.apply(
        sample_object("hello-world", "jobrun"),
        sample_object("hello-world", "jobdefinition"),
        repository,
    )
    place.kubectl.wait("jobrun/hello-ada", "condition=Finished")
    status = place.status("jobrun", "hello-ada")
    assert status["phase"] == "Succeeded"
    assert "Hello, Ada!" in messages(status)
    assert status["result"] == "Greeted Ada."
    assert [jd["metadata"]["name"] for jd in place.kubectl.items("jd")] == ["examples.hello-world"]
