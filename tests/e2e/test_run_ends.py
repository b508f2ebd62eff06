"""How runs end, and what stands on the JobRun then."""

from __future__ import annotations

from tests.e2e.place import Place, condition, messages

BOOM = """\
from davit import Job, register_jobs


class Boom(Job):
    def run(self):
        self.logger.warning("it ticks")
        raise ValueError("boom")


class Crash(Job):
    def run(self):
        import os
        import signal
        os.kill(os.getpid(), signal.SIGSEGV)


class Chatty(Job):
    def run(self):
        print("to stdout")
        for number in range(1000):
            self.logger.debug("line %04d", number)
        return "x" * 20000


register_jobs(Boom, Crash, Chatty)
"""


def test_a_job_that_raises_fails_with_type_message_and_traceback(place: Place) -> None:
    place.serve({"boom.py": BOOM})
    place.enable("jobs.boom")
    status = place.run("explodes", "jobs.boom")
    assert status["phase"] == "Failed"
    error = status["error"]
    assert (error["type"], error["message"], error["reason"]) == ("ValueError", "boom", "JobFailed")
    assert 'boom.py", line 7, in run' in error["traceback"]
    assert error["remedy"]
    assert status["log"]["counts"]["warning"] == 1
    assert "it ticks" in messages(status)
    assert condition(status, "Stalled")["status"] == "True"
    assert condition(status, "Ready")["status"] == "False"


def test_a_job_that_dies_names_the_signal(place: Place) -> None:
    place.serve({"boom.py": BOOM})
    place.enable("jobs.crash")
    status = place.run("crashes", "jobs.crash")
    assert (status["phase"], status["error"]["reason"]) == ("Failed", "JobCrashed")
    assert "SIGSEGV" in status["error"]["message"]
    assert status["attempts"][0]["exitCode"] == 128 + 11


def test_a_long_log_leaves_its_end_and_its_counts(place: Place) -> None:
    place.serve({"boom.py": BOOM})
    place.enable("jobs.chatty")
    status = place.run("talks", "jobs.chatty")
    assert status["phase"] == "Succeeded"
    assert status["log"]["counts"]["debug"] == 1000
    assert "line 0999" in messages(status)
    sequences = [line["sequence"] for line in status["log"]["tail"]]
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))
    assert status["resultTruncated"] is True
    assert "incomplete" not in status["log"]
