"""The pytest plugin that comes with davit, for tests of jobs.

It is loaded before any test module, and importing davit answers for Nautobot's modules: tests, and
the jobs they import, may say ``from nautobot.apps.jobs import Job`` where no Nautobot is installed.
Registered classes stay registered from one test to the next, as modules stay imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from davit.testing import run_job_for_testing

if TYPE_CHECKING:
    from collections.abc import Callable

    from davit.testing import JobResult


@pytest.fixture
def run_job() -> Callable[..., JobResult]:
    """Run a job in this process: ``davit.testing.run_job_for_testing``."""
    return run_job_for_testing
