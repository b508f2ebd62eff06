"""Each sample does what its comments say, applied all at once, as GitOps does."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.place import Place, messages
from tests.samples import sample_files, sample_object


def applied(place: Place, sample: str) -> Any:
    """Apply a sample whose repository is the test's, and return the status of its run."""
    place.remote.push(sample_files(sample))
    repository = sample_object(sample, "jobrepository")
    repository["spec"]["source"]["git"] |= {"url": place.url, "secretRef": {"name": "git-ca"}}
    run = sample_object(sample, "jobrun")
    # The order that helps least: the run waits for what it needs.
    place.kubectl.apply(run, sample_object(sample, "jobdefinition"), repository)
    name = run["metadata"]["name"]
    place.kubectl.wait(f"jobrun/{name}", "condition=Finished")
    return place.status("jobrun", name)


@pytest.mark.parametrize(
    ("sample", "definition", "message", "result"),
    [
        ("hello-world", "examples.hello-world", "Hello, Ada!", "Greeted Ada."),
        (
            "every-variable",
            "net-ops.provision",
            "management: IPv4Interface('192.0.2.10/24')",
            {"device": "ber-sw1", "site": "Berlin", "neighbours": ["Vienna", "Tokyo"]},
        ),
        (
            "dry-run",
            "housekeeping.delete-old",
            "Would delete",
            {"deleted": [], "found": ["backup-1", "backup-2"]},
        ),
    ],
)
def test_a_sample_runs_when_all_three_objects_come_at_once(
    place: Place, sample: str, definition: str, message: str, result: Any
) -> None:
    status = applied(place, sample)
    assert status["phase"] == "Succeeded"
    assert message in messages(status)
    assert status["result"] == result
    assert [jd["metadata"]["name"] for jd in place.kubectl.items("jd")] == [definition]


def test_the_backup_gets_its_password_from_a_secret_and_keeps_it(place: Place) -> None:
    word = "correct-horse"
    place.kubectl("create", "secret", "generic", "device-login", f"--from-literal=password={word}")
    place.kubectl("create", "configmap", "devices", "--from-literal=devices.txt=ber-sw1\nber-sw2\n")
    status = applied(place, "backup")
    assert status["phase"] == "Succeeded"
    assert status["result"] == {"backedUp": ["ber-sw1", "ber-sw2"]}
    assert messages(status).count("Logging in as backup with (redacted)") == 2


def test_the_audit_fails_and_says_what_is_wrong(place: Place) -> None:
    status = applied(place, "report")
    assert status["phase"] == "Failed"
    assert status["error"]["message"] == "1 of 2 names are wrong"
    assert status["result"] == {"checked": 2, "wrong": ["switch2"]}
    assert "Created file [wrong.txt] (8 bytes)" in messages(status)
