"""Where what needs the real kubelet is measured."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.deploy import deploy
from tests.e2e.conftest import namespace, new_place
from tests.e2e.place import Place
from tests.gitserver.in_cluster import start_git_server
from tests.target import target


@contextmanager
def bench_place(prefix: str) -> Iterator[Place]:
    """Yield a new namespace of the cluster in use, whose operator is this checkout's."""
    on = target()
    deploy(on)
    with namespace(on, f"{prefix}-git") as servers, tempfile.TemporaryDirectory() as folder:
        server = start_git_server(servers, on.operator_image, {})
        with new_place(on, server, prefix, Path(folder)) as place:
            yield place
