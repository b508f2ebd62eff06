"""The operator reads private repositories with what the Secrets of their namespaces say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.gitserver.forward_proxy import forward_proxy
from tests.integration.guarded import (
    PASSWORD,
    Guarded,
    becomes,
    guarded_servers,
    repository,
    secret,
    served,
)
from tests.integration.place import Place, condition

pytestmark = pytest.mark.usefixtures("operator")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with guarded_servers(tmp_path_factory.mktemp("guarded")) as running:
        yield running


@pytest.mark.parametrize("kind", ["password", "bearer", "identity", "passphrase"])
def test_a_private_repository_is_served(guarded: Guarded, place: Place, kind: str) -> None:
    made = guarded.repository(f"{place.name}-{kind}")
    name = made.url.rpartition("/")[2].removesuffix(".git")
    url = guarded.ssh.url(name) if kind in {"identity", "passphrase"} else made.url
    secret(place, "git", guarded.keys(kind))
    repository(place, "netops", {"url": url, "secretRef": {"name": "git"}})
    found = served(place, "netops")
    commit = made.git("rev-parse", "HEAD")
    assert found["status"]["artifact"]["revision"] == f"main@sha1:{commit}"


def test_a_repository_is_read_through_the_proxy_that_it_names(
    guarded: Guarded, place: Place
) -> None:
    made = guarded.repository(place.name)
    with forward_proxy() as proxy:
        proxy.user = ("ada", PASSWORD)
        address = f"http://127.0.0.1:{proxy.port}".encode()
        secret(place, "git", guarded.keys("password"))
        repository(
            place,
            "netops",
            {
                "url": made.url,
                "secretRef": {"name": "git"},
                "proxySecretRef": {"name": "company-proxy"},
            },
        )
        missing = becomes(place, "netops", "SecretNotFound")
        assert "spec.source.git.proxySecretRef.name" in condition(missing)["message"]
        keys = {"address": address, "username": b"ada", "password": PASSWORD.encode()}
        secret(place, "company-proxy", keys)
        served(place, "netops")
        assert f"127.0.0.1:{guarded.web.port}" in proxy.asked


def test_a_wrong_password_is_said_and_the_right_one_is_used_without_a_restart(
    guarded: Guarded, place: Place
) -> None:
    made = guarded.repository(place.name)
    secret(place, "git", {**guarded.keys("password"), "password": b"canary-guess"})
    repository(place, "netops", {"url": made.url, "secretRef": {"name": "git"}})
    found = becomes(place, "netops", "AuthenticationFailed")
    assert 'Secret "git"' in condition(found)["message"]
    assert "canary" not in str(found["status"])
    assert condition(found, "Reconciling")["status"] == "True"
    secret(place, "git", guarded.keys("password"))
    served(place, "netops")


def test_an_unknown_host_key_is_said_and_the_right_one_is_used_without_a_restart(
    guarded: Guarded, place: Place
) -> None:
    guarded.repository(place.name)
    keys = guarded.keys("identity")
    secret(place, "git", {**keys, "known_hosts": guarded.ssh.known_hosts("git.example.com")})
    url = guarded.ssh.url(place.name)
    repository(place, "netops", {"url": url, "secretRef": {"name": "git"}})
    found = becomes(place, "netops", "FetchFailed")
    assert "ssh-keyscan" in condition(found)["message"]
    secret(place, "git", keys)
    served(place, "netops")


def test_a_secret_of_two_kinds_stalls_with_a_sentence(guarded: Guarded, place: Place) -> None:
    made = guarded.repository(place.name)
    secret(place, "git", {**guarded.keys("password"), "bearerToken": b"x"})
    repository(place, "netops", {"url": made.url, "secretRef": {"name": "git"}})
    found = becomes(place, "netops", "AuthenticationFailed")
    assert "Keep one kind" in condition(found)["message"]
    assert condition(found, "Stalled")["status"] == "True"


def test_a_branch_that_is_deleted_leaves_its_last_commit_served(
    guarded: Guarded, place: Place
) -> None:
    made = guarded.repository(place.name)
    made.push({"jobs/__init__.py": ""}, branch="release")
    secret(place, "git", guarded.keys("password"))
    source = {"url": made.url, "secretRef": {"name": "git"}, "ref": {"branch": "release"}}
    repository(place, "netops", source)
    artifact = served(place, "netops")["status"]["artifact"]
    made.delete("refs/heads/release")
    found = becomes(place, "netops", "ReferenceNotFound")
    assert "spec.source.git.ref.branch" in condition(found)["message"]
    assert found["status"]["artifact"] == artifact
    assert place.get("ConfigMap", artifact["parts"][0])
