"""The test cases of ``nautobot.apps.testing``, without a database."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

from davit._identity import User

if TYPE_CHECKING:
    from davit.testing import JobResult


class TestCase(unittest.TestCase):
    """A test case with Nautobot's assertion about jobs."""

    databases = ("default", "job_logs")

    def setUp(self) -> None:
        """Set who asks for the runs."""
        super().setUp()
        self.user = User("test-user")

    def assertJobResultStatus(  # noqa: N802 (Nautobot's name)
        self, job_result: JobResult, expected_status: str = "SUCCESS"
    ) -> None:
        """Fail unless the job ended so, and then show its traceback and its log."""
        lines = [f"{entry.level} {entry.grouping}: {entry.message}" for entry in job_result.logs]
        told = "\n".join([job_result.traceback, *lines])
        self.assertEqual(job_result.status, expected_status, told)  # noqa: PT009 (it is a TestCase)


class TransactionTestCase(TestCase):
    """The same: there is no database whose changes could be undone."""
