"""A run whose log is followed: when its silence is a reason to look at its pod."""

from __future__ import annotations

from tests.builders import RUN_UID, a_batch_job, a_pod

from davit_operator.api.base import ObjectKey
from davit_operator.engine.rate import Rate
from davit_operator.handlers.followed import Followed
from davit_operator.plan.run_objects import RunAttempt


def followed() -> Followed:
    attempt = RunAttempt(
        run=ObjectKey("netops", "sync-vlans-x7"),
        uid=RUN_UID,
        batch_job=a_batch_job().key.name,
        number=1,
    )
    return Followed(attempt, a_pod(), 0.0, Rate(1.0), hidden=False)


def test_streams_that_end_without_news_are_a_doubt_more_and_more_seldom() -> None:
    run = followed()
    doubts = [number for number in range(1, 25) if run.stream_ended(news=False)]
    assert doubts == [3, 6, 12, 24]


def test_news_end_the_doubt() -> None:
    run = followed()
    told = [run.stream_ended(news=news) for news in (False, False, True, False, False, False)]
    assert told == [False, False, False, False, False, True]
