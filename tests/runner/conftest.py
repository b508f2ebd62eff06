from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.runner.commands import Commands
from tests.runner.discoveries import Discoverer, started
from tests.runner.pods import Pod, Server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def pod(tmp_path: Path, server: Server) -> Pod:
    return Pod(tmp_path, server)


@pytest.fixture(scope="session")
def davit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    commands = Commands(tmp_path_factory.mktemp("commands"))
    yield commands
    commands.stop()


@pytest.fixture(scope="session")
def discoverer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Discoverer]:
    process = started()
    yield Discoverer(tmp_path_factory.mktemp("discoveries"), process)
    process.communicate(timeout=10)


@pytest.fixture
def here(discoverer: Discoverer, tmp_path: Path) -> Discoverer:
    return discoverer.at(tmp_path)
