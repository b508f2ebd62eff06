"""What a run leaves of its end: Nautobot's forms of results, errors and tracebacks."""

from __future__ import annotations

import datetime
import json
import uuid
from typing import Any

import pytest
from tests.unit.runner.performed import performed
from tests.unit.runner.traced import Calls, fails, job_class, raises

from davit import Job, RunJobTaskFailed
from davit.testing import run_job_for_testing


@pytest.mark.parametrize(
    ("bodies", "result"),
    [
        ({"run": lambda *_: {"a": [1]}}, {"a": [1]}),
        ({"run": fails("f", 7)}, 7),
        ({"before_start": fails("f", "kept")}, "kept"),
        ({"run": raises("r")}, {"exc_type": "ValueError", "exc_message": "r"}),
        ({"on_success": raises("s")}, {"exc_type": "ValueError", "exc_message": "s"}),
        ({"after_return": raises("a")}, {"exc_type": "ValueError", "exc_message": "a"}),
        (
            {"run": raises("r"), "on_failure": raises(KeyError("o"))},
            {"exc_type": "KeyError", "exc_message": "'o'"},
        ),
    ],
    ids=[
        "run returns",
        "run fails the job",
        "before_start fails the job",
        "run raises",
        "on_success raises",
        "after_return raises",
        "on_failure raises",
    ],
)
def test_the_stored_result_is_nautobots(bodies: dict[str, Any], result: Any) -> None:
    ended = run_job_for_testing(job_class([], **bodies))
    assert ended.result == result


def test_only_what_raised_leaves_a_traceback() -> None:
    assert run_job_for_testing(job_class([], run=fails("f"))).traceback == ""
    raised = run_job_for_testing(job_class([], run=raises("r")))
    assert raised.traceback.endswith("ValueError: r\n")
    assert "davit/_" not in raised.traceback


def test_the_last_message_of_fail_is_the_runs_error() -> None:
    class Check(Job):
        def run(self) -> None:
            self.fail("%s is down", "r1")
            self.fail("%(name)s is down", {"name": "r2"})

    ended = performed(Check)
    assert ended.error is not None
    assert ended.error.message == "r2 is down"


def test_a_job_without_run_fails_with_nautobots_sentence() -> None:
    class Empty(Job):
        pass

    ended = run_job_for_testing(Empty)
    assert ended.result["exc_message"] == "Jobs must define the run method."


def test_a_failed_task_leaves_its_message_and_the_authors_traceback() -> None:
    class Sync(Job):
        def run(self) -> None:
            raise RunJobTaskFailed("no device")

    ended = run_job_for_testing(Sync)
    assert ended.result == {"exc_type": "RunJobTaskFailed", "exc_message": "no device"}
    assert "in run" in ended.traceback.splitlines()[1]


def test_inputs_are_refused_before_anything_runs() -> None:
    seen: Calls = []
    ended = run_job_for_testing(job_class(seen), colour="red")
    assert (seen, ended.status, ended.result["exc_type"]) == ([], "FAILURE", "InvalidInputs")


@pytest.mark.parametrize(
    ("value", "words"),
    [(object(), "object is not JSON serializable"), (float("nan"), "not JSON compliant")],
    ids=["an object", "NaN"],
)
def test_a_result_without_json_form_fails_the_job(value: object, words: str) -> None:
    seen: Calls = []
    ended = run_job_for_testing(job_class(seen, run=lambda *_: value))
    assert words in ended.result["exc_message"]
    assert seen[2].startswith("on_failure")


def test_nautobots_result_forms_are_known() -> None:
    value = [{1}, ValueError("v"), datetime.date(2026, 11, 22), uuid.UUID(int=7)]
    ended = performed(job_class([], run=lambda *_: value))
    assert json.loads(ended.result or "") == [
        [1], "ValueError: v", "2026-11-22", "00000000-0000-0000-0000-000000000007",
    ]  # fmt: skip
