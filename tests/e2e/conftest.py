"""The deployed operator, a Git server that pods reach, and a namespace for each test."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.deploy import deploy
from tests.e2e.place import Place
from tests.gitserver.in_cluster import ClusterGitServer, start_git_server
from tests.kubectl import Kubectl
from tests.target import Target
from tests.target import target as target_in_use

RESTRICTED = {"pod-security.kubernetes.io/enforce": "restricted"}


@contextmanager
def namespace(on: Target, prefix: str) -> Iterator[Kubectl]:
    """Yield kubectl for a new namespace that admits restricted pods only."""
    name = f"{prefix}-{secrets.token_hex(4)}"
    metadata = {"name": name, "labels": RESTRICTED}
    on.kubectl.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    try:
        yield on.kubectl.within(name)
    finally:
        on.kubectl("delete", "namespace", name, "--wait=false")


@contextmanager
def new_place(on: Target, server: ClusterGitServer, prefix: str, folder: Path) -> Iterator[Place]:
    """Yield a new namespace with a Git repository of its own, whose clone is in ``folder``."""
    with (
        namespace(on, prefix) as kubectl,
        server.repository(kubectl.namespace, folder) as remote,
    ):
        kubectl.apply(server.secret("git-ca"))
        yield Place(kubectl=kubectl, remote=remote, url=server.url(kubectl.namespace))


@pytest.fixture(scope="session")
def target() -> Target:
    return target_in_use()


@pytest.fixture(scope="session")
def deployed(target: Target) -> Target:
    deploy(target)
    return target


@pytest.fixture(scope="session")
def git_server(target: Target) -> Iterator[ClusterGitServer]:
    with namespace(target, "davit-e2e-git") as kubectl:
        yield start_git_server(kubectl, target.operator_image, {})


@pytest.fixture
def place(deployed: Target, git_server: ClusterGitServer, tmp_path: Path) -> Iterator[Place]:
    with new_place(deployed, git_server, "davit-e2e", tmp_path) as made:
        yield made
