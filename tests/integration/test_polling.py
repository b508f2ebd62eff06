"""How often sources are looked at, by whom, and what a look sets off."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

import pytest
from tests.gitserver.running import RemoteRepository, RunningServer, git_server
from tests.integration import kubelet
from tests.integration.audit import AuditLog
from tests.integration.kube import Object, eventually
from tests.integration.place import Place, condition
from tests.integration.repositories import (
    FILES,
    all_served,
    apply,
    becomes,
    creations,
    served,
    sync,
    trust,
)
from tests.integration.running import OperatorThread

PASSWORD = "open sesame"  # noqa: S105 (of a test's server)


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Serve Git to one user alone."""
    with git_server(tmp_path_factory.mktemp("private"), users={"ada": PASSWORD}) as running:
        yield running


def credentials(server: RunningServer, password: str) -> dict[str, str]:
    """Return the data of a Secret for the server."""
    texts = {"username": b"ada", "password": password.encode(), "ca.crt": server.ca.read_bytes()}
    return {key: b64encode(text).decode() for key, text in texts.items()}


def contacts(capsys: pytest.CaptureFixture[str], remote: RemoteRepository) -> int:
    """Return how often the operator began to speak of the repository with its server."""
    name = remote.url.rpartition("/")[2]
    asked = f"GET /{name}/info/refs?service=git-upload-pack"
    return capsys.readouterr().err.count(asked)


def handled(place: Place, name: str, word: str) -> Object:
    return place.until(
        "JobRepository",
        name,
        lambda r: r.get("status", {}).get("lastHandledReconcileAt") == word,
        f"has answered {word}",
    )


def test_repositories_of_one_reference_share_one_look_and_one_download(
    no_operator: OperatorThread,
    place: Place,
    git: RunningServer,
    remote: RemoteRepository,
    capsys: pytest.CaptureFixture[str],
) -> None:
    trust(place, git)
    names = [f"shares-{number}" for number in range(4)]
    for name in names:
        apply(place, remote, name, interval="10m", git={"path": "jobs"} if name[-1] > "1" else {})
    capsys.readouterr()
    no_operator.start()
    commit = remote.git("rev-parse", "HEAD")
    all_served(place, names, commit)
    assert contacts(capsys, remote) == 2, "one ls-remote and one fetch, for all four"
    newest = remote.push({**FILES, "jobs/more.py": "y = 2\n"})
    capsys.readouterr()
    # One of them asks; what it learns the others learn, too.
    sync(place, names[0], "now")
    all_served(place, names, newest)
    assert contacts(capsys, remote) == 2


@pytest.mark.usefixtures("operator")
def test_a_request_is_answered_without_a_change(
    place: Place,
    git: RunningServer,
    remote: RemoteRepository,
    audit: AuditLog,
    capsys: pytest.CaptureFixture[str],
) -> None:
    trust(place, git)
    apply(place, remote, interval="10m")
    served(place, "netops", remote.git("rev-parse", "HEAD"))
    capsys.readouterr()
    sync(place, "netops", "2026-11-22T06:30:00Z")
    found = handled(place, "netops", "2026-11-22T06:30:00Z")
    assert condition(found)["status"] == "True"
    assert contacts(capsys, remote) == 1
    assert creations(audit, place, "pods") == 1


@pytest.mark.usefixtures("operator")
def test_a_push_is_found_at_the_interval(
    place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    trust(place, git)
    apply(place, remote)
    served(place, "netops", remote.git("rev-parse", "HEAD"))
    served(place, "netops", remote.push({**FILES, "jobs/more.py": "y = 2\n"}))


@pytest.mark.usefixtures("operator")
def test_a_spec_that_means_the_same_code_and_jobs_starts_nothing(
    place: Place, git: RunningServer, remote: RemoteRepository, audit: AuditLog
) -> None:
    trust(place, git)
    apply(place, remote)
    remote.tag("v1")
    commit = remote.git("rev-parse", "HEAD")
    before = served(place, "netops", commit)
    git_source = {**before["spec"]["source"]["git"], "ref": {"tag": "v1"}}
    limits = {"limits": {"memory": "1Gi"}}
    spec = {"interval": "5m", "source": {"git": git_source}, "runner": {"resources": limits}}
    changed = place.patch("JobRepository", "netops", {"spec": spec})
    found = place.until(
        "JobRepository",
        "netops",
        lambda r: (
            r["status"]["observedGeneration"] == changed["metadata"]["generation"]
            and condition(r)["status"] == "True"
        ),
        "is Ready again",
    )
    assert found["status"]["artifact"]["revision"] == f"v1@sha1:{commit}"
    assert found["status"]["discovery"] == before["status"]["discovery"]
    assert creations(audit, place, "pods") == 1


@pytest.mark.usefixtures("operator")
def test_a_spec_that_changes_what_is_found_discovers_the_same_commit_again(
    place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    trust(place, git)
    apply(place, remote)
    commit = remote.git("rev-parse", "HEAD")
    before = served(place, "netops", commit)["status"]
    place.patch("JobRepository", "netops", {"spec": {"layout": "JobsRoot"}})
    pod = place.discovery_pod("netops")
    place.set_pod(pod, kubelet.ended(pod))
    found = place.until(
        "JobRepository",
        "netops",
        lambda r: r["status"]["discovery"]["inputs"] != before["discovery"]["inputs"],
        "was discovered again",
    )
    assert found["status"]["artifact"] == before["artifact"]


@pytest.mark.usefixtures("operator")
def test_what_is_ignored_is_no_part_of_the_code(
    place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    trust(place, git)
    (remote.work / "jobs" / "leak").symlink_to("/etc/passwd")
    commit = remote.push_work()
    apply(place, remote, git={"ignore": "# no part of it\njobs/leak\nhello.py\n"})
    assert served(place, "netops", commit)["status"]["artifact"]["files"] == 1


@pytest.mark.usefixtures("operator")
def test_credentials_of_one_namespace_vouch_for_no_other(
    place: Place, other_place: Place, private: RunningServer
) -> None:
    remote = private.repository(place.name)
    commit = remote.push(FILES)
    place.create("Secret", "git", data=credentials(private, PASSWORD))
    apply(place, remote, git={"ref": {"commit": commit}})
    served(place, "netops", commit)
    # The hash is known, and what it stands for lies in a mirror of the operator.
    other_place.create("Secret", "git", data=credentials(private, "guess"))
    apply(other_place, remote, git={"ref": {"commit": commit}})
    refused = becomes(other_place, "netops", "False", "AuthenticationFailed")
    assert 'Secret "git"' in condition(refused)["message"]
    assert "artifact" not in refused["status"]
    assert condition(place.get("JobRepository", "netops"))["status"] == "True"


@pytest.mark.usefixtures("operator")
def test_a_rotated_password_is_used_without_a_restart(place: Place, private: RunningServer) -> None:
    remote = private.repository(f"{place.name}-rotated")
    commit = remote.push(FILES)
    place.create("Secret", "git", data=credentials(private, "of yesterday"))
    apply(place, remote)
    becomes(place, "netops", "False", "AuthenticationFailed")
    place.patch("Secret", "git", {"data": credentials(private, PASSWORD)})
    served(place, "netops", commit)


@pytest.mark.usefixtures("operator")
def test_a_repository_that_is_suspended_frees_the_place_of_its_discovery(
    place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    trust(place, git)
    apply(place, remote)
    place.discovery_pod("netops")
    place.patch("JobRepository", "netops", {"spec": {"suspend": True}})
    becomes(place, "netops", "False", "Suspended")
    eventually(lambda: not place.all("Pod"), "its discovery pod is deleted")
    place.patch("JobRepository", "netops", {"spec": {"suspend": False}})
    served(place, "netops", remote.git("rev-parse", "HEAD"))
