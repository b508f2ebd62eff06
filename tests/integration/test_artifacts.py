"""The ConfigMaps that hold code: shared, deleted once nobody names them, brought back when gone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from kubernetes.aio import client, config
from tests.gitserver.running import RemoteRepository, RunningServer
from tests.integration.audit import AuditLog
from tests.integration.kube import eventually
from tests.integration.place import COMMIT, DIGEST, Place
from tests.integration.repositories import FILES, apply, creations, served, sync, trust
from tests.integration.running import OperatorThread

from davit_operator.api.base import ObjectKey
from davit_operator.effects.kube import Kube
from davit_operator.handlers.artifacts import Artifacts
from davit_operator.handlers.caches import Caches
from davit_operator.handlers.resync import resync
from davit_operator.plan.artifact import artifact_name
from davit_operator.plan.garbage import PATIENCE, ArtifactKey

OTHER_DIGEST = "sha256:" + "7b" * 32


def parts_of(place: Place) -> set[str]:
    return {each["metadata"]["name"] for each in place.all("ConfigMap", "davit.dev/component")}


def a_part(place: Place, digest: str, *, label: str = "artifact") -> str:
    """Create a ConfigMap as the operator does, of an artifact that nobody has named yet."""
    name = f"{artifact_name(digest)}-0"
    metadata = {"labels": {"davit.dev/component": label}}
    data = {"immutable": True, "binaryData": {"part": "eA=="}}
    place.create("ConfigMap", name, metadata=metadata, **data)
    return name


def sweep(
    kubeconfig: Path,
    *,
    times: int = 1,
    patience: timedelta = timedelta(0),
    in_use: frozenset[ArtifactKey] = frozenset(),
) -> tuple[ObjectKey, ...]:
    """Sweep as the operator does; return the repositories that lack what they serve."""

    async def sweep_once() -> tuple[ObjectKey, ...]:
        configuration: Any = client.Configuration()
        await config.load_kube_config(  # type: ignore[no-untyped-call]  # theirs
            config_file=str(kubeconfig), client_configuration=configuration
        )
        async with client.ApiClient(configuration) as api:
            kube, caches = Kube(api), Caches()
            watched = (
                caches.repositories,
                caches.definitions,
                caches.runs,
                caches.batch_jobs,
                caches.pods,
            )
            await resync(kube, [(each, lambda _: None) for each in watched])
            artifacts = Artifacts(kube, caches, lambda: in_use, patience)
            found: tuple[ObjectKey, ...] = ()
            for _ in range(times):
                found = await artifacts.sweep()
            return found

    return asyncio.run(sweep_once())


def test_code_that_nobody_names_is_deleted_after_a_while(
    no_operator: OperatorThread, place: Place
) -> None:
    name = a_part(place, OTHER_DIGEST)
    sweep(no_operator.kubeconfig, times=3, patience=PATIENCE)
    assert parts_of(place) == {name}
    sweep(no_operator.kubeconfig)
    assert parts_of(place) == set()


def test_code_that_is_about_to_be_served_stays(no_operator: OperatorThread, place: Place) -> None:
    name = a_part(place, OTHER_DIGEST)
    sweep(no_operator.kubeconfig, in_use=frozenset({(place.name, artifact_name(OTHER_DIGEST))}))
    assert parts_of(place) == {name}


def test_config_maps_of_others_stay_whatever_their_names(
    no_operator: OperatorThread, place: Place
) -> None:
    name = a_part(place, OTHER_DIGEST, label="something-else")
    sweep(no_operator.kubeconfig)
    assert parts_of(place) == {name}


def test_code_stays_for_a_live_run_when_its_definition_has_moved_on(
    operator: OperatorThread, place: Place
) -> None:
    name, newer = a_part(place, DIGEST), a_part(place, OTHER_DIGEST)
    place.installed()
    place.run("ada")
    place.start("ada")
    place.phase("ada", "Running")
    place.discover("hello", commit=COMMIT, digest=OTHER_DIGEST)
    sweep(operator.kubeconfig)
    assert parts_of(place) == {name, newer}


def test_code_of_a_class_that_is_gone_is_deleted(no_operator: OperatorThread, place: Place) -> None:
    a_part(place, DIGEST)
    place.installed()
    place.discover("hello", installed=False)
    sweep(no_operator.kubeconfig)
    assert parts_of(place) == set()


def test_two_repositories_share_code_and_the_last_one_takes_it_along(
    operator: OperatorThread, place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    trust(place, git)
    commit = remote.git("rev-parse", "HEAD")
    for name in ("one", "two"):
        apply(place, remote, name)
        served(place, name, commit)
    assert len(parts_of(place)) == 1
    place.delete("JobRepository", "one")
    eventually(lambda: place.find("JobRepository", "one") is None, "it is deleted")
    sweep(operator.kubeconfig)
    assert len(parts_of(place)) == 1
    place.delete("JobRepository", "two")
    eventually(lambda: place.find("JobRepository", "two") is None, "it is deleted")
    sweep(operator.kubeconfig)
    assert parts_of(place) == set()


@pytest.mark.usefixtures("operator")
def test_the_code_of_an_older_commit_goes_and_comes_back_with_it(
    operator: OperatorThread, place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    trust(place, git)
    apply(place, remote)
    old = remote.git("rev-parse", "HEAD")
    [first] = served(place, "netops", old)["status"]["artifact"]["parts"]
    newest = remote.push({**FILES, "jobs/more.py": "y = 2\n"})
    sync(place, "netops", "newer")
    served(place, "netops", newest)
    assert first in parts_of(place)
    sweep(operator.kubeconfig)
    assert first not in parts_of(place)
    remote.git("push", "--quiet", "--force", "origin", f"{old}:refs/heads/main")
    sync(place, "netops", "back")
    served(place, "netops", old)
    assert first in parts_of(place)


def test_code_that_somebody_deleted_is_brought_back_without_a_discovery(
    no_operator: OperatorThread,
    place: Place,
    git: RunningServer,
    remote: RemoteRepository,
    audit: AuditLog,
) -> None:
    no_operator.start()
    trust(place, git)
    apply(place, remote, interval="10m")
    [part] = served(place, "netops", remote.git("rev-parse", "HEAD"))["status"]["artifact"]["parts"]
    before = place.get("ConfigMap", part)
    no_operator.stop()
    place.delete("ConfigMap", part)
    assert ObjectKey(place.name, "netops") in sweep(no_operator.kubeconfig)
    no_operator.start()
    eventually(lambda: place.find("ConfigMap", part), "the part is back")
    assert place.get("ConfigMap", part)["binaryData"] == before["binaryData"]
    assert creations(audit, place, "pods") == 1


def test_mirrors_that_nobody_needs_are_removed(
    no_operator: OperatorThread,
    place: Place,
    git: RunningServer,
    remote: RemoteRepository,
    tmp_path: Path,
) -> None:
    operator = OperatorThread(no_operator.kubeconfig, tmp_path)
    operator.start()
    trust(place, git)
    apply(place, remote)
    served(place, "netops", remote.git("rev-parse", "HEAD"))

    def mirrors() -> list[Path]:
        return list(tmp_path.glob("mirrors/*.git"))

    assert len(mirrors()) == 1
    place.delete("JobRepository", "netops")
    operator.stop()
    operator.start()
    eventually(lambda: not mirrors(), "its mirror is removed")
    operator.stop()
