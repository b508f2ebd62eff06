"""A pod's standard output, and whoever reads it or does not."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from davit._runner import output
from davit._runner.output import PodOutput

LINE = b"x" * 999 + b"\n"


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    fds = os.pipe()
    yield fds
    for fd in fds:
        os.close(fd)


def test_writing_never_waits_and_nothing_is_lost_that_is_read_later(pipe: tuple[int, int]) -> None:
    read_fd, write_fd = pipe
    out = PodOutput(write_fd)
    for _ in range(200):
        out.write(LINE)
        out.push()
    assert out.waits
    found = b""
    while len(found) < 200 * len(LINE):
        found += os.read(read_fd, 65536)
        out.push()
    assert found == LINE * 200
    assert not out.waits
    assert out.close() == 0


def test_what_nobody_reads_is_given_up_and_counted(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output, "_PATIENCE_SECONDS", 0.05)
    read_fd, write_fd = pipe
    out = PodOutput(write_fd)
    for _ in range(200):
        out.write(LINE)
    lost = out.close()
    assert os.read(read_fd, 1_000_000).count(b"\n") == 200 - lost > 0


def test_a_reader_that_left_costs_the_lines_and_nothing_else(pipe: tuple[int, int]) -> None:
    read_fd, write_fd = pipe
    out = PodOutput(os.dup(write_fd))
    os.dup2(os.open(os.devnull, os.O_RDONLY), read_fd)
    os.dup2(os.open(os.devnull, os.O_WRONLY), write_fd)
    for _ in range(3):
        out.write(LINE)
        out.push()
    assert out.close() == 3
