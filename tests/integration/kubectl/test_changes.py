"""``kubectl davit enable``, ``disable`` and ``cancel``: what changes, and what did not."""

from __future__ import annotations

from tests.integration.place import Place
from tests.integration.plugin import Plugin
from tests.integration.told import a_told_run


def test_enable_and_disable_say_whether_something_changed(place: Place, davit: Plugin) -> None:
    said = "jobdefinition.davit.dev/hello"
    assert davit("enable", "hello").out == f"{said} enabled (unchanged)\n"
    assert davit("disable", "hello").out == f"{said} disabled\n"
    assert place.get("JobDefinition", "hello")["spec"]["enabled"] is False
    ended = davit("enable", "nobody", "hello")
    assert (ended.code, ended.out) == (1, f"{said} enabled\n")
    assert ended.err.startswith("nobody: There is no JobDefinition")


def test_cancel_asks_for_the_end_of_a_run_that_lives(place: Place, davit: Plugin) -> None:
    a_told_run(place, "ada").status("Starting")
    assert davit("cancel", "ada").out == "jobrun.davit.dev/ada cancel requested\n"
    assert place.get("JobRun", "ada")["spec"]["cancel"] is True
    a_told_run(place, "bob").end()
    ended = davit("cancel", "bob")
    assert ended.code == 1
    assert ended.err == (
        "kubectl davit: bob has ended already: Succeeded. There is nothing to cancel.\n"
    )
