"""The logs of live runs leave room for everything else."""

from __future__ import annotations

from davit_contract import places
from davit_operator.effects.connect import CONNECTIONS
from davit_operator.handlers.log_limits import LogLimits
from davit_operator.settings import Settings


def test_streams_leave_a_connection_for_each_worker() -> None:
    kinds = 4
    assert LogLimits().streams + kinds * Settings(runner_image="x").workers <= CONNECTIONS


def test_all_that_a_runner_prints_is_read_at_once_and_again() -> None:
    assert LogLimits().burst_bytes >= 4 * places.LOG_BUDGET_BYTES


def test_a_run_that_rested_may_be_read_whole() -> None:
    limits = LogLimits()
    assert limits.rest_seconds * limits.bytes_a_second >= places.LOG_BUDGET_BYTES
