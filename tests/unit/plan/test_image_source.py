"""Jobs of an image: no code is published, and only the kubelet says which image it was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.builders import (
    DEFAULTS,
    a_definition,
    a_discovery_pod,
    a_repository,
    a_run,
    as_stored,
    ended,
    seen_repository,
    serving,
)

from davit_contract import JobDescription
from davit_operator.api.conditions import Reason
from davit_operator.api.jobrepository import JobRepositoryStatus
from davit_operator.plan.artifact import INSTALLED
from davit_operator.plan.batch_job import batch_job
from davit_operator.plan.observed import Discovered, Fetched
from davit_operator.plan.repository import needs_code, plan_repository
from davit_operator.plan.sightings import exact_image, is_pinned

IMAGE = str(DEFAULTS.runner.image)
FOUND = Discovered(
    descriptions=(JobDescription(class_path="my_app.jobs.SyncVlans", name="x", grouping="y"),)
)

HASH = "sha256:" + "1a" * 32
APP = {"layout": "App", "source": {"image": {"modules": ["my_app.jobs"]}}}


def test_jobs_of_an_image_are_discovered_in_a_pod_without_code() -> None:
    source = Fetched(revision=IMAGE, commit=IMAGE, artifact=INSTALLED)
    plan = plan_repository(seen_repository(repository=a_repository(spec=APP), source=source))
    assert plan.create_parts == ()
    assert plan.create_discovery_pod is not None
    spec = plan.create_discovery_pod["spec"]
    assert [volume["name"] for volume in spec["volumes"]] == ["request", "scratch"]
    request = plan.create_discovery_pod["metadata"]["annotations"]["davit.dev/request"]
    assert '"modules":["my_app.jobs"]' in request
    assert '"artifact_parts":0' in request


@pytest.mark.parametrize(
    ("image_id", "commit", "revision", "runs"),
    [
        (
            "registry.example/davit-runner@sha256:" + "1a" * 32,
            "1a" * 32,
            "@sha256:" + "1a" * 32,
            f"{IMAGE}@sha256:" + "1a" * 32,
        ),
        ("sha256:" + "2b" * 32, "2b" * 32, "@sha256:" + "2b" * 32, ""),
        ("", IMAGE, "", ""),
    ],
    ids=["of a registry", "of a node", "unknown"],
)
def test_the_commit_of_an_image_is_the_digest_that_the_kubelet_reports(
    image_id: str, commit: str, revision: str, runs: str
) -> None:
    pod = a_discovery_pod(ended(image_id=image_id))
    source = Fetched(revision=IMAGE, commit=IMAGE, artifact=INSTALLED)
    seen = seen_repository(
        repository=a_repository(spec=APP),
        source=source,
        discovery_pod=pod,
        discovered=FOUND,
    )
    plan = plan_repository(seen)
    assert plan.status is not None
    artifact = plan.status.artifact
    assert artifact is not None
    assert (artifact.commit, artifact.revision) == (commit, f"{IMAGE}{revision}")
    assert (artifact.digest, artifact.parts) == ("", [])
    [write] = plan.write_definitions
    assert (write.status.commit, write.status.digest, write.status.parts) == (commit, "", 0)
    assert write.status.image == runs
    # Until its name may stand for another one.
    status = JobRepositoryStatus.model_validate(as_stored(plan.status))
    repository = seen.repository.model_copy(update={"status": status})
    definition = write.definition.model_copy(update={"status": write.status})
    after = replace(seen, repository=repository, definitions=(definition,), discovered=None)
    assert not needs_code(after, replace(source, artifact=None))
    assert needs_code(replace(after, refresh=True), replace(source, artifact=None))


@pytest.mark.parametrize(
    ("image", "image_id", "exact"),
    [
        (
            "reg.example/a/runner:1",
            f"reg.example/a/runner@{HASH}",
            f"reg.example/a/runner:1@{HASH}",
        ),
        ("reg.example/runner", f"reg.example/runner@{HASH}", f"reg.example/runner@{HASH}"),
        ("localhost:5000/x:1", f"localhost:5000/x@{HASH}", f"localhost:5000/x:1@{HASH}"),
        ("runner:1", f"docker.io/library/runner@{HASH}", f"runner:1@{HASH}"),
        ("ada/runner:1", f"docker-pullable://ada/runner@{HASH}", f"ada/runner:1@{HASH}"),
        (f"runner:1@{HASH}", f"docker.io/library/runner@{HASH}", f"runner:1@{HASH}"),
        ("runner:1", HASH, ""),
        ("runner:1", "", ""),
        ("runner:1", "docker.io/library/runner@sha256:short", ""),
        ("runner:1", f"docker.io/library/import-2026-11-22@{HASH}", ""),
        ("reg.example/runner:1", f"other.example/runner@{HASH}", ""),
    ],
    ids=[
        *("of a registry", "without a tag", "of a port", "of Docker Hub", "as dockershim said it"),
        *("pinned already", "the node's number", "unknown", "no digest", "loaded into the node"),
        "found under another name",
    ],
)
def test_runs_use_the_digest_that_was_discovered_where_it_can_be_pulled(
    image: str, image_id: str, exact: str
) -> None:
    assert exact_image(image, image_id) == exact


@pytest.mark.parametrize(
    ("found", "chosen", "used"),
    [
        (f"app:1@{HASH}", None, f"app:1@{HASH}"),
        ("", None, "app:1"),
        (f"app:1@{HASH}", "admins:2", "admins:2"),
    ],
    ids=["the one that was discovered", "by its name where no digest is known", "the admin's"],
)
def test_a_run_uses_the_image_that_its_class_was_found_in(
    found: str, chosen: str | None, used: str
) -> None:
    repository = a_repository(spec={**APP, "runner": {"image": "app:1"}})
    spec = {"runner": {"image": chosen}} if chosen else {}
    definition = a_definition(spec=spec, status={"image": found, "digest": "", "parts": 0})
    made = batch_job(a_run(), definition, repository, DEFAULTS)
    assert made["spec"]["template"]["spec"]["containers"][0]["image"] == used


def test_an_image_that_is_discovered_again_stays_ready() -> None:
    repository = a_repository(spec=APP)
    repository = a_repository(
        spec=APP, status=serving(repository), annotations={"davit.dev/requestedAt": "now"}
    )
    source = Fetched(revision=IMAGE, commit=IMAGE, artifact=INSTALLED)
    plan = plan_repository(seen_repository(repository=repository, source=source, refresh=True))
    assert plan.create_discovery_pod is not None
    assert plan.status is not None
    [ready] = plan.status.conditions
    assert (ready.type, ready.status, ready.reason) == ("Ready", "True", Reason.ARTIFACT_SERVED)
    assert plan.status.last_handled_reconcile_at is None, "it was asked for, and is not done yet"


@pytest.mark.parametrize(
    ("image", "pinned"),
    [("runner", False), ("runner:1", False), (f"runner:1@sha256:{'1a' * 32}", True)],
)
def test_an_image_named_by_its_digest_can_be_no_other(image: str, pinned: bool) -> None:
    assert is_pinned(image) is pinned
