"""When a source is looked at again, and what is remembered of commits that failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.builders import NOW, a_repository, later

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Stalled, Waiting
from davit_operator.plan.artifact import INSTALLED
from davit_operator.plan.attempt import Attempt, Wish, attempt_for, refused
from davit_operator.plan.polling import (
    Look,
    hurried,
    next_look,
    refresh_pause,
    retry_pause,
    tells_news,
)
from davit_operator.plan.sightings import ConfigMapLook, GitLook, Sighting, look_of

MINUTE = timedelta(minutes=1)
SEEN = Sighting(revision="main@sha1:1", commit="1")
DOWN = Waiting(Reason.FETCH_FAILED, "The server does not answer.")
REFUSED = Stalled(Reason.ARTIFACT_REFUSED, "It leads out of its tree.")
WISH = Wish(uid="1", generation=1, requested_at="", commit="1")


def look(found: Sighting | Blocked = SEEN, failures: int = 0) -> Look:
    return Look(found=found, seen_at=NOW, due=later(60), failures=failures)


def pause(before: Look | None, found: Sighting | Blocked, *intervals: timedelta) -> float:
    """Return after how many seconds the look that found ``found`` is repeated."""
    taken = next_look(before, found, NOW, intervals, 1.0)
    return (taken.due - taken.seen_at).total_seconds()


def test_the_shortest_interval_of_all_that_share_a_look_counts() -> None:
    assert pause(None, SEEN, 5 * MINUTE, MINUTE, 60 * MINUTE) == 60


def test_jitter_keeps_looks_apart() -> None:
    assert next_look(None, SEEN, NOW, [MINUTE], 0.9).due == later(54)


def test_one_more_that_wants_it_often_makes_a_look_due_earlier_and_never_later() -> None:
    assert hurried(look(), timedelta(seconds=10)).due == later(10)
    assert hurried(look(), 5 * MINUTE).due == later(60)


def test_failures_in_a_row_are_looked_at_less_and_less_often() -> None:
    before, pauses = look(), []
    for _ in range(8):
        before = next_look(before, DOWN, NOW, [10 * MINUTE], 1.0)
        pauses.append((before.due - NOW).total_seconds())
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]
    assert next_look(before, SEEN, NOW, [MINUTE], 1.0).failures == 0


@pytest.mark.parametrize(
    ("interval", "longest"),
    [(timedelta(seconds=10), 60), (MINUTE, 60), (2 * MINUTE, 120), (60 * MINUTE, 300)],
    ids=str,
)
def test_a_failure_is_retried_within_minutes_whatever_the_interval(
    interval: timedelta, longest: int
) -> None:
    assert retry_pause(10_000, interval).total_seconds() == longest


def test_what_only_a_user_can_mend_is_looked_at_at_the_interval() -> None:
    assert pause(look(DOWN, failures=3), REFUSED, 2 * MINUTE) == 120


@pytest.mark.parametrize(
    ("before", "found", "is_news"),
    [
        (None, SEEN, True),
        (SEEN, replace(SEEN, proof="another address"), False),
        (SEEN, replace(SEEN, commit="2"), True),
        (SEEN, DOWN, True),
        (DOWN, Waiting(DOWN.reason, DOWN.message), False),
        (DOWN, Stalled(DOWN.reason, DOWN.message), True),
        (DOWN, Waiting(DOWN.reason, "It has no such branch."), True),
    ],
    ids=["first", "the same", "moved", "lost", "still lost", "hopeless", "lost otherwise"],
)
def test_repositories_are_woken_by_news_alone(
    before: Sighting | Blocked | None, found: Sighting | Blocked, is_news: bool
) -> None:
    assert tells_news(look(before) if before else None, look(found)) is is_news


def test_an_image_is_discovered_again_at_most_once_an_hour() -> None:
    assert refresh_pause(MINUTE) == timedelta(hours=1)
    assert refresh_pause(timedelta(days=1)) == timedelta(days=1)


# --- what is shared


def git(namespace: str = "netops", **changes: object) -> object:
    source = {"url": "https://git.example.com/jobs.git", **changes}
    return look_of(a_repository(spec={"source": {"git": source}}, namespace=namespace))


SECRET = {"name": "git"}


def test_one_look_serves_every_folder_of_a_reference() -> None:
    assert git(path="a", ignore="*.md") == git(path="b")
    assert hash(git(path="a")) == hash(git(path="b"))


def test_without_credentials_one_look_serves_all_namespaces() -> None:
    assert git("netops") == git("other")


def test_credentials_vouch_for_their_own_namespace_alone() -> None:
    assert git("netops", secretRef=SECRET) == git("netops", secretRef=SECRET)
    assert git("netops", secretRef=SECRET) != git("other", secretRef=SECRET)
    assert git("netops", secretRef=SECRET) != git("netops")
    assert git("netops", secretRef=SECRET) != git("netops", secretRef={"name": "other"})


def test_another_reference_is_another_look() -> None:
    assert git(ref={"tag": "v1"}) != git(ref={"branch": "v1"})


def test_what_is_logged_of_a_look_shows_no_url() -> None:
    found = git(url="https://ada:canary@git.example.com/jobs.git")
    assert isinstance(found, GitLook)
    assert "canary" not in str(found)


@pytest.mark.parametrize(
    "url",
    ["https://git.example.com:8443/a.git", "git@git.example.com:a.git", "ssh://git@host/a.git"],
)
def test_repositories_of_one_server_are_told_from_those_of_others(url: str) -> None:
    one, same = git(url=url), git(url=url.replace("a.git", "b.git"))
    other = git(url="https://gitlab.example.com/a.git")
    assert isinstance(one, GitLook)
    assert isinstance(same, GitLook)
    assert isinstance(other, GitLook)
    assert one.server == same.server != other.server


def test_a_config_map_is_looked_for_by_name_and_items() -> None:
    items = [{"key": "a", "path": "b/a.py"}]
    spec = {"layout": "JobsRoot", "source": {"configMap": {"name": "jobs", "items": items}}}
    assert look_of(a_repository(spec=spec)) == ConfigMapLook(
        namespace="netops", name="jobs", items=(("a", "b/a.py"),)
    )


def test_an_image_is_not_looked_at() -> None:
    assert look_of(a_repository(spec={"source": {"image": {}}, "layout": "App"})) is None


# --- attempts


def after(attempt: Attempt, cause: Blocked, seconds: float = 0) -> Attempt:
    return refused(attempt, cause, MINUTE, later(seconds), 1.0)


def test_a_fetch_is_no_success_until_its_discovery_was() -> None:
    attempt, pauses, moment = Attempt(wish=WISH), [], NOW
    for _ in range(5):
        # Fetched and published again, and its discovery fails again.
        attempt = replace(attempt_for(WISH, attempt, moment), artifact=INSTALLED)
        attempt = refused(attempt, DOWN, MINUTE, moment, 1.0)
        assert attempt.until is not None
        pauses.append((attempt.until - moment).total_seconds())
        moment = attempt.until
    assert pauses == [5, 10, 20, 40, 60]


def test_a_failure_is_remembered_until_it_is_due() -> None:
    attempt = after(Attempt(wish=WISH), DOWN)
    assert attempt_for(WISH, attempt, later(4)) == attempt
    again = attempt_for(WISH, attempt, later(5))
    assert (again.refused, again.artifact, again.failures) == (None, None, 1)


def test_a_commit_that_is_refused_is_not_fetched_again() -> None:
    attempt = after(Attempt(wish=WISH), REFUSED)
    assert attempt_for(WISH, attempt, later(10_000_000)) == attempt


@pytest.mark.parametrize(
    "change",
    [{"uid": "2"}, {"generation": 2}, {"requested_at": "now"}, {"commit": "2"}],
    ids=["another repository", "another spec", "a request", "another commit"],
)
def test_another_wish_begins_anew(change: dict[str, object]) -> None:
    attempt = after(after(Attempt(wish=WISH), DOWN), REFUSED)
    wish = replace(WISH, **change)  # type: ignore[arg-type]  # a row of fields
    assert attempt_for(wish, attempt, NOW) == Attempt(wish=wish)


def test_a_foreign_config_map_is_looked_after_at_the_interval() -> None:
    conflict = Stalled(Reason.ARTIFACT_CONFLICT, "Delete it; the operator writes it anew.")
    assert after(Attempt(wish=WISH), conflict).until == later(60)


def test_an_image_that_gives_no_jobs_is_tried_again_since_its_name_may_move() -> None:
    wish = replace(WISH, commit="")
    assert after(Attempt(wish=wish), REFUSED).until == later(60)
