"""``kubectl davit run`` at a terminal: what is asked for, and what never is."""

from __future__ import annotations

from typing import Any

import pytest
from tests.integration.place import Place
from tests.integration.plugin import Plugin


def test_run_asks_for_what_is_missing_and_for_nothing_else(place: Place, davit: Plugin) -> None:
    terminal = davit.terminal("run", "hello", "-n", place.name, "--name", "ada")
    terminal.wait_for("who: ")
    terminal.press("\n")
    terminal.wait_for("A value is needed.")
    terminal.press("Ada\n")
    assert terminal.ended() == 0
    assert "count" not in terminal.said
    assert terminal.screen[:2] == ["who", "  Whom to greet."]
    assert place.get("JobRun", "ada")["spec"]["inputs"] == {"who": "Ada"}
    terminal.close()


def test_run_asks_for_everything_on_request_but_never_for_secrets(
    place: Place, davit: Plugin
) -> None:
    terminal = davit.terminal("run", "hello", "-n", place.name, "--name", "ada", "--ask")
    answers = (
        ("who: ", "Ada"),
        ("count [1]: ", "12"),
        ("It must be at most 9.", "3"),
        ("loud: ", ""),
        ("about: ", "[1"),
        ('"about" must be JSON', '{"a": 1}'),
        ("where: ", "ber, ams"),
    )
    for prompt, answer in answers:
        terminal.wait_for(prompt)
        terminal.press(f"{answer}\n")
    assert terminal.ended() == 0
    assert "password" not in terminal.said
    assert "How often (count)" in terminal.said
    assert "a whole number, 1 to 9" in terminal.said
    assert "some of: ams (Amsterdam), ber" in terminal.said
    spec = place.get("JobRun", "ada")["spec"]
    assert spec["inputs"] == {"who": "Ada", "count": 3, "about": {"a": 1}, "where": ["ber", "ams"]}
    terminal.close()


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        ({"type": "StringVar", "sensitive": True}, '"key" is missing. It is a secret, which is'),
        ({"type": "FileVar"}, '"key" is missing. It is a file: put it into a Secret or ConfigMap'),
    ],
    ids=["secret", "file"],
)
def test_what_may_not_be_typed_is_not_asked_for(
    place: Place, davit: Plugin, variable: dict[str, Any], sentence: str
) -> None:
    place.discover("hello", variables=[{"name": "key", **variable}])
    terminal = davit.terminal("run", "hello", "-n", place.name)
    assert terminal.ended() == 2
    assert sentence in terminal.said
    assert "--input-from key=secret/OBJECT/KEY" in terminal.said
    terminal.close()
