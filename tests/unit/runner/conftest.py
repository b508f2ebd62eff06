from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.runner.commands import Commands
from tests.unit.runner.pods import Pod, Server


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
