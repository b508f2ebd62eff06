"""Conditions: one for each verdict, dated by the change of its status."""

from __future__ import annotations

from typing import Literal

from davit_operator.api.conditions import (
    MAX_MESSAGE,
    Condition,
    ConditionType,
    Reason,
    Verdict,
    conditions_after,
)

THEN, NOW = "2026-11-22T06:00:00Z", "2026-11-22T06:30:00Z"
Status = Literal["True", "False", "Unknown"]


def ready(status: Status, message: str = "m") -> Verdict:
    return Verdict(type=ConditionType.READY, status=status, reason=Reason.STARTING, message=message)


def after(before: list[Condition], *verdicts: Verdict, now: str = NOW) -> list[Condition]:
    return conditions_after(before, verdicts, generation=3, now=now)


def test_a_new_condition_is_dated_now_and_speaks_of_the_generation() -> None:
    [condition] = after([], ready("True"))
    assert (condition.last_transition_time, condition.observed_generation) == (NOW, 3)


def test_a_date_stays_while_the_status_stays_though_reason_and_message_change() -> None:
    before = after([], ready("True", "old"), now=THEN)
    [condition] = after(before, ready("True", "new"))
    assert (condition.last_transition_time, condition.message) == (THEN, "new")


def test_a_date_moves_when_the_status_changes() -> None:
    before = after([], ready("True"), now=THEN)
    assert after(before, ready("False"))[0].last_transition_time == NOW


def test_a_condition_without_verdict_is_gone_and_the_order_is_that_of_the_verdicts() -> None:
    stalled = ready("True").model_copy(update={"type": ConditionType.STALLED})
    before = after([], ready("True"), stalled, now=THEN)
    assert [condition.type for condition in after(before, stalled)] == ["Stalled"]
    assert [condition.type for condition in after(before, stalled, ready("True"))] == [
        "Stalled",
        "Ready",
    ]


def test_a_message_is_cut_to_what_the_api_takes() -> None:
    [condition] = after([], ready("True", "x" * 40_000))
    assert len(condition.message) == MAX_MESSAGE


def test_reasons_are_single_words_as_the_api_wants_them() -> None:
    assert [reason for reason in Reason if not (reason.isalnum() and reason[0].isupper())] == []
