from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

JOB = """
from nautobot.apps.jobs import Job, StringVar, register_jobs

class Greet(Job):
    who = StringVar()

    def run(self, *, who):
        self.logger.info("Hello, %s!", who)
        return who

register_jobs(Greet)
"""
TEST = """
from nautobot.apps.jobs import get_jobs
from nautobot.apps.testing import TransactionTestCase, run_job_for_testing
from greet import Greet

def test_it_greets(run_job):
    result = run_job(Greet, who="Ada", username="grace")
    assert (result.status, result.result) == ("SUCCESS", "Ada")
    assert "Hello, Ada!" in [entry.message for entry in result.logs]

def test_it_needs_a_name(run_job):
    assert run_job(Greet).status == "FAILURE"

def test_what_was_registered_stays_so():
    assert get_jobs()["greet.Greet"] is Greet

class GreetTest(TransactionTestCase):
    def test_it_greets_as_nautobots_own_tests_say_it(self):
        self.assertJobResultStatus(run_job_for_testing(Greet, who="Ada"))
"""
# What else is installed here takes longer to start than the test.
OTHERS = ("hypothesispytest", "xdist", "timeout", "cacheprovider")


def test_jobs_for_nautobot_are_imported_and_run_without_davit_in_sight(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini("[pytest]\npythonpath = .\nfilterwarnings = error\n")
    pytester.makepyfile(greet=JOB, test_greet=TEST)
    without = [option for name in OTHERS for option in ("-p", f"no:{name}")]
    pytester.runpytest_subprocess(*without).assert_outcomes(passed=4)
