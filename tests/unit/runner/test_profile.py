"""The profile of ``run()``, which is one more file."""

from __future__ import annotations

import pstats
from pathlib import Path

import pytest
from tests.unit.runner.performed import job_that

from davit import Job
from davit.testing import run_job_for_testing
from davit_contract import places


@pytest.mark.parametrize("fails", [False, True], ids=["a run that returns", "a run that raises"])
def test_a_profile_of_run_is_left_as_a_file(fails: bool, tmp_path: Path) -> None:
    def measured(_: Job) -> int:
        if fails:
            raise ValueError("r")
        return 42

    ended = run_job_for_testing(job_that(measured), profile=True)
    (file,) = ended.files
    assert file.name == f"jobrun-{ended.id}.pstats"
    (tmp_path / file.name).write_bytes(file.content)
    functions = [name for _, _, name in pstats.Stats(str(tmp_path / file.name)).stats]  # type: ignore[attr-defined]
    assert {"run", "measured"} <= set(functions)
    assert "before_start" not in functions
    assert ended.status == ("FAILURE" if fails else "SUCCESS")
    assert "cProfile" not in ended.traceback


def test_a_profile_without_room_is_a_warning() -> None:
    def fill(job: Job) -> int:
        for _ in range(places.MAX_FILES):
            job.create_file("a", "")
        return 42

    ended = run_job_for_testing(job_that(fill), profile=True)
    assert (ended.result, len(ended.files), ended.warning_log_count) == (42, places.MAX_FILES, 1)
    assert "The profile is not kept: Provided" in ended.logs[-2].message
