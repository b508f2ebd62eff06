"""The storage budget of a namespace: whose JobLogs and JobFiles go, and what is said then."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NAMESPACE

from davit_operator.api.base import ObjectKey
from davit_operator.api.jobrun import JobRunStatus, Phase
from davit_operator.api.run_output import LogCountsStatus, RunFile, RunLog
from davit_operator.plan.storage import (
    MEBIBYTE,
    Census,
    Ownership,
    StoredRun,
    for_room,
    stored_size,
    surplus,
    without_objects,
)

LIMIT = 2 * MEBIBYTE
WHY = for_room(NAMESPACE, LIMIT)


def stored(name: str, size: int, second: int = 0) -> StoredRun:
    return StoredRun(
        run=ObjectKey(NAMESPACE, name),
        uid=f"uid-of-{name}",
        size=size,
        written_at=f"2026-11-22T06:30:{second:02d}Z",
    )


def an_object(run: str, size: str = "1000", second: int = 0) -> dict[str, Any]:
    return {
        "metadata": {
            "name": f"{run}-1a2b3c4d-1-log-{second}",
            "namespace": NAMESPACE,
            "labels": {"davit.dev/run-uid": f"uid-of-{run}"},
            "annotations": {"davit.dev/size-bytes": size},
            "ownerReferences": [{"kind": "JobRun", "name": run}],
            "creationTimestamp": f"2026-11-22T06:30:{second:02d}Z",
        }
    }


def nobody(_: StoredRun) -> bool:
    return False


def names(runs: tuple[StoredRun, ...]) -> list[str]:
    return [each.run.name for each in runs]


def test_objects_are_summed_up_by_run_in_the_order_of_their_last_ones() -> None:
    census = Census()
    for run, second in [("ada", 1), ("bob", 2), ("ada", 3), ("cem", 2)]:
        census.add(an_object(run, second=second))
    assert census.runs() == (
        stored("bob", 1000, 2),
        stored("cem", 1000, 2),
        stored("ada", 2000, 3),
    )


@pytest.mark.parametrize("size", ["", "-1", "x", "1e3", "\u0663", "9" * 5_000])
def test_an_object_that_does_not_say_its_size_counts_as_the_largest(size: str) -> None:
    assert stored_size(an_object("ada", size)) == 512 * 1024


@pytest.mark.parametrize(
    ("sizes", "room", "gone"),
    [
        ([], 10, []),
        ([40, 40], 20, []),
        ([40, 40], 21, ["r0"]),
        ([10, 40, 40], 30, ["r0", "r1"]),
        ([90, 5, 5], 1, ["r0"]),
        ([5, 5, 90], 1, ["r0", "r1", "r2"]),
        ([10, 10], 200, ["r0", "r1"]),
    ],
    ids=[
        "nothing there", "it fits", "the oldest", "two, for a little more", "a large one",
        "large and new", "never enough",
    ],
)  # fmt: skip
def test_the_oldest_go_until_the_rest_fits_with_a_little_room(
    sizes: list[int], room: int, gone: list[str]
) -> None:
    runs = [stored(f"r{n}", size, n) for n, size in enumerate(sizes)]
    assert names(surplus(runs, 100, room, nobody)) == gone


def test_runs_that_live_keep_what_they_have() -> None:
    runs = [stored("live", 60, 1), stored("ended", 30, 2), stored("newer", 5, 3)]
    assert names(surplus(runs, 100, 10, lambda run: run.run.name == "live")) == ["ended"]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=12),
    st.integers(1, 200),
    st.integers(0, 50),
)
def test_no_more_goes_than_must_and_all_that_may_where_that_is_not_enough(
    runs: list[tuple[int, bool]], limit: int, room: int
) -> None:
    all_runs = [stored(f"r{n}", size, n) for n, (size, _) in enumerate(runs)]
    live = {f"r{n}" for n, (_, lives) in enumerate(runs) if lives}
    gone = surplus(all_runs, limit, room, lambda run: run.run.name in live)
    left = sum(run.size for run in all_runs) - sum(run.size for run in gone)
    finished = [run for run in all_runs if run.run.name not in live]
    assert list(gone) == finished[: len(gone)]
    if left + room > limit * 0.9:
        fits_anyway = sum(run.size for run in all_runs) + room <= limit
        assert fits_anyway or list(gone) == finished
    if gone:
        assert left + gone[-1].size + room > limit * 0.9


A_FILE = RunFile(name="a.csv", size_bytes=3, digest="sha256:a", parts=["x-file-0-1"])


def test_a_run_that_lost_its_objects_says_how_much_and_why_once() -> None:
    log = RunLog(counts=LogCountsStatus(info=1_200, warning=34), chunks=3, last_sequence=1_300)
    status = JobRunStatus(phase=Phase.SUCCEEDED, log=log, files=[A_FILE])
    told = without_objects(status, WHY)
    why = (
        "to make room: the JobLogs and JobFiles of namespace netops may have 2 MiB, and "
        "the oldest runs lose theirs first."
    )
    assert told.log is not None
    assert told.log.message == f"3 JobLogs were removed that held this log of 1,234 records, {why}"
    assert (told.log.chunks, told.log.incomplete) == (None, True)
    assert told.log.counts == log.counts
    assert told.files == [
        RunFile(name="a.csv", size_bytes=3, digest="sha256:a", parts=[], removed=True)
    ]
    assert told.files_message == f"1 file was removed {why}"
    assert told.phase is Phase.SUCCEEDED
    assert without_objects(told, WHY) == told


def test_what_was_missing_before_is_still_said() -> None:
    log = RunLog(chunks=1, message="3 of 10 records could not be read from the node.")
    status = JobRunStatus(log=log, files=[A_FILE], files_message='File "b" was left out.')
    told = without_objects(status, WHY)
    assert told.log is not None
    assert str(told.log.message).startswith("3 of 10 records could not be read from the node. 1 J")
    assert str(told.files_message).startswith('File "b" was left out. 1 file was removed')


@pytest.mark.parametrize(
    "status",
    [
        JobRunStatus(),
        JobRunStatus(log=RunLog(last_sequence=3)),
        JobRunStatus(files=[A_FILE.model_copy(update={"parts": []})]),
    ],
    ids=["nothing", "a log that fits the status", "a file that stands elsewhere"],
)
def test_a_run_without_objects_stays_as_it_is(status: JobRunStatus) -> None:
    assert without_objects(status, WHY) == status


def left_behind(*objects: tuple[str, bool]) -> list[str]:
    found = Ownership()
    for run, owned in objects:
        raw = an_object(run)
        if not owned:
            del raw["metadata"]["ownerReferences"]
        found.add(raw)
    return [uid for _, uid in found.left_behind()]


@pytest.mark.parametrize(
    ("objects", "uids"),
    [
        ([], []),
        ([("ada", True)], []),
        ([("ada", False), ("ada", False)], ["uid-of-ada"]),
        ([("ada", False), ("ada", True)], []),
        ([("bob", False), ("ada", False), ("cem", True)], ["uid-of-ada", "uid-of-bob"]),
    ],
    ids=["nothing", "owned", "left behind", "a forged one beside a real one", "of several runs"],
)
def test_objects_without_owner_are_left_behind_where_none_of_their_run_has_one(
    objects: list[tuple[str, bool]], uids: list[str]
) -> None:
    assert left_behind(*objects) == uids
