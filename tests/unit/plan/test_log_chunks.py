"""JobLogs hold a whole log, in at most 64 pieces, whatever the run's length and rate."""

from __future__ import annotations

import base64
import gzip
import json
import random
from math import inf
from typing import NamedTuple

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.builders import a_log_record, printed

from davit_operator.api.joblog import MAX_CHUNKS, MAX_DATA_CHARACTERS
from davit_operator.plan.log_chunks import FIRST_PAUSE_SECONDS, MAX_CHUNK_BYTES, Chunk, Chunks

WEEK = 7 * 24 * 3600.0
# What a runner prints at most: seven MiB, with 48 bytes a line.
BUDGET_BYTES = 7 * 1024 * 1024


def raw(sequence: int, size: int = 0) -> bytes:
    return printed(a_log_record(sequence, "x" * size)).rstrip()


def waiting(*sequences: int) -> Chunks:
    chunks = Chunks()
    for sequence in sequences:
        chunks.add(sequence, raw(sequence))
    return chunks


def written(chunks: Chunks, chunk: Chunk | None) -> Chunk:
    """Say that the chunk is written, and return it."""
    assert chunk is not None
    chunks.wrote(chunk.number + 1, chunk.last_sequence)
    return chunk


def test_a_chunk_holds_the_records_as_they_were_printed() -> None:
    chunk = waiting(1, 2).next(2)
    assert chunk is not None
    lines = gzip.decompress(base64.b64decode(chunk.data())).splitlines()
    assert lines == [raw(1), raw(2)]


def test_the_same_records_give_the_same_data_whoever_writes_them() -> None:
    one, another = waiting(1, 2).next(2), waiting(1, 2).next(2)
    assert one is not None
    assert another is not None
    assert one.data() == another.data()


def test_the_last_chunk_tells_up_to_the_last_record_of_any_kind() -> None:
    chunk = waiting(3, 4).next(last_sequence=9)
    assert chunk is not None
    assert (chunk.number, chunk.first_sequence, chunk.last_sequence) == (0, 3, 9)


def test_a_chunk_that_is_full_tells_up_to_its_own_last_record() -> None:
    chunks = Chunks()
    for sequence in range(1, 41):
        chunks.add(sequence, raw(sequence, 15_000))
    first = written(chunks, chunks.next(40))
    second = written(chunks, chunks.next(40))
    assert first.last_sequence + 1 == second.first_sequence
    assert MAX_CHUNK_BYTES - 16_000 < len(first.lines) <= MAX_CHUNK_BYTES
    assert not chunks.is_full


def test_nothing_is_written_where_nothing_waits() -> None:
    chunks = waiting(1)
    written(chunks, chunks.next(1))
    assert (chunks.next(1), chunks.is_full, chunks.wait(1e9, 1e9)) == (None, False, inf)


def test_what_a_job_log_holds_is_not_written_again() -> None:
    chunks = waiting(1, 2, 3)
    chunks.wrote(1, 2)
    chunks.add(2, raw(2))
    chunk = chunks.next(3)
    assert chunk is not None
    assert (chunk.number, chunk.first_sequence) == (1, 3)


def test_data_that_nothing_can_shrink_fits_an_object() -> None:
    noise = random.Random(1)  # noqa: S311 (no secret)
    chunks = Chunks()
    for sequence in range(1, 400):
        chunks.add(sequence, base64.b85encode(noise.randbytes(800)))
    chunk = chunks.next(400)
    assert chunk is not None
    assert len(chunk.data()) <= MAX_DATA_CHARACTERS


@pytest.mark.parametrize(
    ("age", "since_last", "wait"),
    [
        pytest.param(4, 4, FIRST_PAUSE_SECONDS - 4, id="the first ten seconds"),
        pytest.param(10, 10, 0, id="the first one"),
        pytest.param(60, 10, 10, id="a third of a minute"),
        pytest.param(3_600, 600, 600, id="a third of an hour"),
        pytest.param(3_600, 1_300, 0, id="long enough"),
    ],
)
def test_the_pause_before_a_chunk_grows_with_the_log(
    age: float, since_last: float, wait: float
) -> None:
    assert waiting(1).wait(age, since_last) == wait


def test_who_may_write_no_more_holds_no_more_and_counts_what_is_left_out() -> None:
    chunks = waiting(1, 2)
    chunks.stop()
    chunks.add(3, raw(3))
    assert (chunks.left_out, chunks.next(3), chunks.is_full) == (3, None, False)


def test_there_are_never_more_than_64_chunks() -> None:
    chunks = Chunks()
    for sequence in range(1, 1_300):
        chunks.add(sequence, raw(sequence, 15_000))
        while chunks.is_full:
            written(chunks, chunks.next(sequence))
    assert (chunks.count, chunks.next(1_300)) == (MAX_CHUNKS, None)
    assert chunks.left_out == 1_299 - chunks.written


class Talk(NamedTuple):
    """What a run says, and then for how long nothing."""

    lines: int
    size: int
    pause: float


TALKS = st.builds(
    Talk,
    lines=st.integers(1, 40),
    size=st.sampled_from([0, 100, 2_000, 15_000]),
    pause=st.one_of(st.floats(0, 30), st.floats(0, 3_600), st.floats(3_600, WEEK / 2)),
)


class Simulation:
    """What an operator does with a run's chunks while time passes."""

    def __init__(self) -> None:
        self.log: list[bytes] = []
        self.chunks = Chunks()
        self.written: list[Chunk] = []
        self.began = self.last = self.now = 0.0
        self._left = BUDGET_BYTES

    def say(self, lines: int, size: int) -> None:
        line = b"x" * (150 + size)
        for _ in range(lines):
            self._left -= len(line) + 48
            if self._left < 0:
                return
            self.log.append(line)
            self.chunks.add(len(self.log), line)
            if self.chunks.is_full:
                self.write()

    def write(self) -> None:
        self.written.append(written(self.chunks, self.chunks.next(len(self.log))))
        self.last = self.now

    def pause(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now + (wait := self._wait()) <= until:
            self.now += wait
            self.write()
        self.now = until

    def restart(self) -> None:
        """Begin as a new operator does, which reads everything again."""
        known, self.chunks = self.chunks, Chunks()
        self.chunks.wrote(known.count, known.written)
        for sequence, line in enumerate(self.log, 1):
            self.chunks.add(sequence, line)
        self.began = self.last = self.now

    def _wait(self) -> float:
        return self.chunks.wait(self.now - self.began, self.now - self.last)


@settings(max_examples=25, phases=[Phase.generate])
@given(talks=st.lists(TALKS, min_size=20, max_size=70), restarts=st.sets(st.integers(0, 70)))
def test_64_chunks_hold_a_run_of_weeks_at_any_rate_though_operators_come_and_go(
    talks: list[Talk], restarts: set[int]
) -> None:
    simulation = Simulation()
    for number, talk in enumerate(talks):
        simulation.say(talk.lines, talk.size)
        simulation.pause(talk.pause)
        if number in restarts:
            simulation.restart()
    while simulation.chunks.next(len(simulation.log)):
        simulation.write()
    assert len(simulation.written) <= MAX_CHUNKS
    assert simulation.chunks.left_out == 0
    assert [line for chunk in simulation.written for line in chunk.lines.splitlines()] == (
        simulation.log
    )


def test_operators_that_come_and_go_leave_room_for_the_whole_log() -> None:
    simulation = Simulation()
    for _ in range(2 * MAX_CHUNKS):
        simulation.say(lines=1, size=0)
        simulation.pause(FIRST_PAUSE_SECONDS)
        simulation.restart()
    simulation.say(lines=10**6, size=15_000)
    while simulation.chunks.next(len(simulation.log)):
        simulation.write()
    assert len(simulation.written) <= MAX_CHUNKS
    assert simulation.chunks.left_out == 0


def test_a_chunk_is_json_lines() -> None:
    chunk = waiting(1, 2).next(2)
    assert chunk is not None
    assert [json.loads(line)["sequence"] for line in chunk.lines.splitlines()] == [1, 2]
