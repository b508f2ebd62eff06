"""Repositories over real Git and HTTPS; what the discovery pods say is the test's."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from tests.gitserver.running import RemoteRepository, RunningServer
from tests.integration import kubelet
from tests.integration.kube import Object, eventually
from tests.integration.place import Place, condition
from tests.integration.repositories import FILES, apply, becomes, served, sync, trust

pytestmark = pytest.mark.usefixtures("operator")


def test_a_commit_is_published_discovered_and_served(
    place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    trust(place, git)
    apply(place, remote)
    pod = place.discovery_pod("netops")
    progressing = becomes(place, "netops", "Unknown", "Progressing")
    assert condition(progressing, "Reconciling")["status"] == "True"
    assert "env" not in pod["spec"]["containers"][0]
    assert pod["spec"]["automountServiceAccountToken"] is False
    commit = remote.git("rev-parse", "HEAD")
    status = served(place, "netops", commit)["status"]
    assert status["artifact"]["revision"] == f"main@sha1:{commit}"
    assert status["artifact"]["files"] == 2
    parts = [place.get("ConfigMap", name) for name in status["artifact"]["parts"]]
    assert all(part["immutable"] for part in parts)
    assert [c["type"] for c in status["conditions"]] == ["Ready"]
    eventually(lambda: not place.all("Pod"), "the discovery pod is deleted")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ext::sh -c x", "spec.source.git.url"),
        ("file:///etc", "spec.source.git.url"),
        ("git@git.example.com:jobs.git", "ssh://user@host/path"),
        ("https://ada:secret@git.example.com/jobs.git", "spec.source.git.secretRef"),
        ("https://localhost/jobs.git", "own pod"),
        ("https://127.0.0.2/jobs.git", "loopback"),
        ("https://169.254.169.254/jobs.git", "metadata"),
    ],
    ids=["ext", "file", "scp-like", "credentials", "localhost", "loopback", "metadata"],
)
def test_a_url_that_is_refused_stalls_one_repository_alone(
    place: Place, url: str, words: str
) -> None:
    place.create("JobRepository", "refused", spec={"source": {"git": {"url": url}}})
    stalled = becomes(place, "refused", "True", "UrlRefused", "Stalled")
    assert condition(stalled)["status"] == "False"
    message = condition(stalled)["message"]
    assert words in message
    assert "spec.source.git" in message
    assert "secret@" not in message
    assert not place.all("Pod")
    assert not place.all("ConfigMap", "davit.dev/component=artifact")


def test_others_go_on_beside_a_repository_that_is_refused(
    place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    place.create("JobRepository", "bad", spec={"source": {"git": {"url": "file:///etc"}}})
    becomes(place, "bad", "True", "UrlRefused", "Stalled")
    trust(place, git)
    apply(place, remote)
    served(place, "netops", remote.git("rev-parse", "HEAD"))


def _with_symlink(remote: RemoteRepository) -> None:
    (remote.work / "jobs" / "leak").symlink_to("/etc/passwd")
    remote.push_work()


def _with_too_many_bytes(remote: RemoteRepository) -> None:
    noise = random.Random(0).randbytes(17 * 900 * 1024)  # noqa: S311 (noise, no secret)
    (remote.work / "jobs" / "noise.bin").write_bytes(noise)
    remote.push_work()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(_with_symlink, "jobs/leak"), (_with_too_many_bytes, "compressed")],
    ids=["a symlink out of the tree", "more than 16 parts"],
)
def test_a_commit_that_is_refused_leaves_the_last_good_one_served(
    place: Place,
    git: RunningServer,
    remote: RemoteRepository,
    spoil: Callable[[RemoteRepository], None],
    words: str,
) -> None:
    trust(place, git)
    apply(place, remote)
    good = served(place, "netops", remote.git("rev-parse", "HEAD"))["status"]["artifact"]
    spoil(remote)
    sync(place, "netops", "now")
    stalled = becomes(place, "netops", "True", "ArtifactRefused", "Stalled")
    assert words in condition(stalled)["message"]
    assert condition(stalled)["status"] == "False"
    assert stalled["status"]["artifact"] == good
    assert place.get("ConfigMap", good["parts"][0])
    healed = remote.push({**FILES, "jobs/more.py": "y = 2\n"})
    sync(place, "netops", "again")
    found = served(place, "netops", healed)
    assert [c["type"] for c in found["status"]["conditions"]] == ["Ready"]


def test_a_missing_secret_is_named_and_found_once_it_is_there(
    place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    apply(place, remote)
    waiting = becomes(place, "netops", "False", "SecretNotFound")
    assert 'Secret "git"' in condition(waiting)["message"]
    assert condition(waiting, "Reconciling")["status"] == "True"
    trust(place, git)
    served(place, "netops", remote.git("rev-parse", "HEAD"))


def test_a_branch_that_is_missing_is_named(
    place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    trust(place, git)
    source = {"git": {"url": remote.url, "secretRef": {"name": "git"}, "ref": {"branch": "gone"}}}
    place.create("JobRepository", "netops", spec={"source": source})
    found = becomes(place, "netops", "False", "ReferenceNotFound")
    assert "gone" in condition(found)["message"]


def test_a_foreign_config_map_of_the_artifacts_name_is_a_conflict(
    place: Place, other_place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    trust(other_place, git)
    apply(other_place, remote)
    commit = remote.git("rev-parse", "HEAD")
    part = served(other_place, "netops", commit)["status"]["artifact"]["parts"][0]
    place.create("ConfigMap", part, data={"part": "not ours"})
    trust(place, git)
    apply(place, remote)
    found = becomes(place, "netops", "True", "ArtifactConflict", "Stalled")
    assert part in condition(found)["message"]
    assert place.get("ConfigMap", part)["data"] == {"part": "not ours"}
    place.delete("ConfigMap", part)
    served(place, "netops", commit)


def test_the_same_code_in_two_namespaces_is_served_twice(
    place: Place, other_place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    commit = remote.git("rev-parse", "HEAD")
    for each in (place, other_place):
        trust(each, git)
        apply(each, remote)
    artifacts = [
        served(each, "netops", commit)["status"]["artifact"] for each in (place, other_place)
    ]
    assert artifacts[0] == artifacts[1]
    other_place.delete("JobRepository", "netops")
    eventually(lambda: other_place.find("JobRepository", "netops") is None, "it is deleted")
    assert place.get("ConfigMap", artifacts[0]["parts"][0])
    assert condition(place.get("JobRepository", "netops"))["status"] == "True"


def test_a_discovery_that_cannot_be_read_uninstalls_nothing(
    place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    place.installed("before", repository="netops")
    place.delete("JobRepository", "netops")
    eventually(
        lambda: place.get("JobDefinition", "before")["status"]["installed"] is False,
        "a definition without repository is not installed",
    )
    trust(place, git)
    apply(place, remote)
    pod = place.discovery_pod("netops")
    # Not earlier: without a repository the operator says at once that it is not installed.
    place.discover("before")
    place.set_pod(pod, kubelet.ended(pod, last_sequence=12))
    found = becomes(place, "netops", "False", "DiscoveryFailed")
    assert "cannot be read to its end" in condition(found)["message"]
    assert place.get("JobDefinition", "before")["status"]["installed"] is True


def test_a_class_that_is_gone_from_the_commit_is_not_installed(
    place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    trust(place, git)
    apply(place, remote)
    place.installed("gone", repository="netops")
    served(place, "netops", remote.git("rev-parse", "HEAD"))
    found = place.until(
        "JobDefinition", "gone", lambda d: condition(d).get("status") == "False", "is not ready"
    )
    assert found["status"]["installed"] is False
    assert condition(found)["reason"] == "NotInstalled"
    assert found["spec"]["enabled"] is True


def test_discovery_pods_of_older_commits_are_deleted(
    place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    trust(place, git)
    apply(place, remote)
    old = place.discovery_pod("netops")
    newest = remote.push({**FILES, "jobs/more.py": "y = 2\n"})
    sync(place, "netops", "now")
    place.set_pod(old, kubelet.terminated(1, "Error"))

    def other() -> Object | None:
        pods = place.all("Pod", "davit.dev/component=discovery")
        return next((p for p in pods if p["metadata"]["uid"] != old["metadata"]["uid"]), None)

    pod = eventually(other, "the newer commit is discovered")
    place.set_pod(pod, kubelet.ended(pod))
    place.until(
        "JobRepository",
        "netops",
        lambda r: r["status"].get("artifact", {}).get("commit") == newest,
        "serves the newest",
    )
    eventually(lambda: not place.all("Pod"), "both discovery pods are deleted")


def test_a_suspended_repository_is_not_looked_at(place: Place, remote: RemoteRepository) -> None:
    apply(place, remote, suspend=True)
    found = becomes(place, "netops", "False", "Suspended")
    assert "spec.suspend" in condition(found)["message"]
    assert not place.all("Pod")
