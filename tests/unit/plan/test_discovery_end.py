"""Which end of a discovery stalls its commit, and which one is tried again."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import STARTED, a_discovery_pod, an_outcome, ended, printed

from davit_contract import (
    DiscoveryProblem,
    ErrorInfo,
    JobDescription,
    Outcome,
    OutcomeReason,
    PartRecord,
    PartType,
    encode,
)
from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Stalled, Waiting
from davit_operator.plan.discovery_end import BrokenCode, last_word, needs_log, read_end
from davit_operator.plan.observed import Discovered

REVISION = "main@sha1:1a2b"
POD = a_discovery_pod(ended(1))
MODULE = DiscoveryProblem(path="jobs/broken.py", line=3, message="No module named 'foo'.")
JOB = JobDescription(class_path="netops.jobs.SyncVlans", name="x", grouping="y")


def log_of(*found: Any) -> bytes:
    kinds = {JobDescription: PartType.DESCRIPTION, DiscoveryProblem: PartType.PROBLEM}
    parts = [
        PartRecord(
            type=kinds[type(each)], sequence=n, time=STARTED, part=1, parts=1, data=encode(each)
        )
        for n, each in enumerate(found, start=1)
    ]
    return printed(*parts)


def end(reason: OutcomeReason = OutcomeReason.SUCCEEDED, **changes: Any) -> Outcome:
    return an_outcome(reason, subject=POD.key.name, **changes)


def of(outcome: Outcome | None, log: bytes = b"", pod: Any = POD) -> Discovered | Blocked:
    return read_end(pod, outcome, log, REVISION)


def test_jobs_and_problems_are_found_beside_each_other() -> None:
    found = of(end(last_sequence=2), log_of(JOB, MODULE))
    assert isinstance(found, Discovered)
    assert [each.class_path for each in found.descriptions] == [JOB.class_path]
    assert [each.path for each in found.problems] == ["jobs/broken.py"]


def test_code_without_jobs_and_problems_is_served() -> None:
    assert of(end(last_sequence=0)) == Discovered()


def test_code_that_gives_problems_alone_is_broken() -> None:
    found = of(end(last_sequence=2), log_of(MODULE, MODULE))
    assert isinstance(found, BrokenCode)
    assert len(found.problems) == 2
    assert REVISION in found.message
    assert "jobs/broken.py:3: No module named 'foo'." in found.message
    assert "1 more in status.discovery.failed.problems" in found.message


def test_a_log_that_is_cut_is_no_discovery() -> None:
    found = of(end(last_sequence=3), log_of(JOB))
    assert isinstance(found, Waiting)
    assert "cannot be read to its end" in found.message


@pytest.mark.parametrize("reason", OutcomeReason, ids=str)
def test_every_end_of_the_runner_has_a_sentence_of_its_own(reason: OutcomeReason) -> None:
    error = ErrorInfo(type="", message="What happened.")
    found = of(end(reason, error=None if reason is OutcomeReason.SUCCEEDED else error))
    if reason is OutcomeReason.SUCCEEDED:
        assert found == Discovered() or isinstance(found, Waiting)
        return
    assert isinstance(found, Blocked)
    assert found.reason is Reason.DISCOVERY_FAILED
    assert REVISION in found.message
    passing = {OutcomeReason.CANCELLED, OutcomeReason.ARTIFACT_CORRUPT}
    assert isinstance(found, Waiting) is (reason in passing)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (OutcomeReason.TIME_LIMIT_EXCEEDED, "move what takes long into run()"),
        (OutcomeReason.JOB_CRASHED, "os._exit"),
        (OutcomeReason.INVALID_REQUEST, "spec.runner.image"),
    ],
    ids=str,
)
def test_an_end_that_the_code_is_to_blame_for_says_what_to_do(
    reason: OutcomeReason, words: str
) -> None:
    found = of(end(reason, error=ErrorInfo(type="", message="What happened.")))
    assert isinstance(found, Stalled)
    assert "What happened." in found.message
    assert words in found.message


def test_a_pod_that_left_no_word_is_tried_again_and_shows_what_it_printed() -> None:
    found = of(None, b"davit: no such option --discover\n")
    assert isinstance(found, Waiting)
    assert "no such option" in found.message
    assert "spec.runner.image" in found.message


def test_code_that_uses_too_much_memory_is_not_tried_again() -> None:
    pod = a_discovery_pod(ended(137, reason="OOMKilled"))
    found = of(None, pod=pod)
    assert isinstance(found, Stalled)
    assert "memory" in found.message


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": "Evicted", "message": "The node had no memory."}, "The node had no memory."),
        ({"disruption": "DeletionByTaintManager", "deleting": True}, "does not answer"),
        ({"deleting": True}, "was deleted"),
    ],
    ids=["evicted", "its node is lost", "deleted"],
)
def test_a_pod_that_others_ended_is_tried_again(changes: dict[str, Any], words: str) -> None:
    found = of(None, pod=a_discovery_pod(ended(137), **changes))
    assert isinstance(found, Waiting)
    assert words in found.message
    assert found.message.endswith("It is tried again.")


def test_an_image_without_python_is_named_with_its_field() -> None:
    found = of(None, pod=a_discovery_pod(ended(128, reason="StartError", message="no python3")))
    assert isinstance(found, Waiting)
    assert "no python3" in found.message
    assert 'spec.runner.image of JobRepository "netops"' in found.message


def test_a_pod_speaks_for_itself_alone() -> None:
    def pod(subject: str) -> Any:
        outcome = an_outcome(subject=subject)
        return a_discovery_pod(ended(message=encode(outcome)))

    assert last_word(pod(POD.key.name)) is not None
    assert last_word(pod("another-pod")) is None


def test_only_a_log_that_says_something_is_read() -> None:
    assert needs_log(None)
    assert needs_log(end())
    assert not needs_log(end(OutcomeReason.TIME_LIMIT_EXCEEDED))
