"""``kubectl davit describe``: a definition, a run, and which of two."""

from __future__ import annotations

from tests.integration.place import Place
from tests.integration.plugin import Plugin
from tests.integration.told import a_told_run, lines, told_of


def test_describe_shows_a_definition_s_variables_with_their_rules(davit: Plugin) -> None:
    shown = davit("describe", "hello").out
    assert "Job:          Hello\n" in shown
    assert "  who (StringVar)\n      Whom to greet.\n" in shown
    assert "  count How often (IntegerVar, default 1)\n      a whole number, 1 to 9\n" in shown
    assert "  password (StringVar, secret, optional)\n" in shown


def test_describe_shows_why_a_run_failed_and_never_what_a_secret_holds(
    place: Place, davit: Plugin
) -> None:
    place.create("Secret", "login", stringData={"key": "canary-7f3a"})
    davit(
        "run",
        "hello",
        "--name",
        "ada",
        "-i",
        "who=Ada",
        "--input-from",
        "password=secret/login/key",
    )
    run = told_of(place, "ada")
    run.end(
        "Failed",
        reason="OutOfMemory",
        message="It was killed.",
        error={"message": "It was killed.", "reason": "OutOfMemory", "remedy": "Raise the limit."},
        log=run.log(*lines(1, 3), droppedRecords=4),
    )
    shown = davit("describe", "run/ada").out
    for line in (
        "Phase:        Failed (OutOfMemory)",
        "Cause:        It was killed.",
        "Remedy:       Raise the limit.",
        '  who = "Ada"',
        "  password from key key of Secret login",
        "Log:          3 info, 4 records dropped: the log's budget was used up",
    ):
        assert f"{line}\n" in shown, shown
    assert "canary" not in shown


def test_describe_asks_which_one_where_two_bear_a_name(place: Place, davit: Plugin) -> None:
    a_told_run(place, "hello")
    ended = davit("describe", "hello")
    assert (ended.code, "write definition/hello or run/hello" in ended.err) == (2, True)
    assert "Kind:" in davit("describe", "jobrepository.davit.dev/netops").out
    assert davit("describe", "nobody").code == 1
