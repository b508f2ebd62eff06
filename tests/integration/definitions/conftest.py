"""What tests of definitions begin with: a repository that is discovered when they say so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.cluster.controlplane import ControlPlane
from tests.gitserver.running import RemoteRepository, RunningServer
from tests.integration.kube import Kube
from tests.integration.node import LogNode, running_node
from tests.integration.place import Place
from tests.integration.repositories import apply, trust


@pytest.fixture(scope="session")
def node(plane: ControlPlane, kube: Kube) -> Iterator[LogNode]:
    """Return the node that the discovery pods are bound to."""
    with running_node(plane, kube) as running:
        yield running


@pytest.fixture
def repository(place: Place, git: RunningServer, remote: RemoteRepository) -> RemoteRepository:
    """Return what JobRepository ``netops`` reads, which has one commit and no discovery yet."""
    trust(place, git)
    apply(place, remote)
    return remote
