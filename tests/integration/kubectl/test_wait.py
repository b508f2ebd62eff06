"""``kubectl davit run --wait`` and ``--follow``: until the run has ended, and how."""

from __future__ import annotations

import json
import signal

import pytest
from tests.integration.live_node import LiveNode
from tests.integration.place import Place
from tests.integration.plugin import Plugin
from tests.integration.running import OperatorThread
from tests.integration.told import lines, told_of


@pytest.mark.parametrize(
    ("phase", "reason", "code"),
    [
        ("Succeeded", "Succeeded", 0),
        ("Failed", "JobFailed", 1),
        ("Failed", "InvalidInputs", 2),
        ("Rejected", "Disabled", 2),
        ("Cancelled", "Cancelled", 3),
    ],
)
@pytest.mark.parametrize("option", ["--wait", "--follow"])
def test_the_exit_code_is_the_runs_outcome(
    place: Place, davit: Plugin, option: str, phase: str, reason: str, code: int
) -> None:
    name = f"ada-{reason.lower()}"
    error = {} if code == 0 else {"error": {"message": "It is so.", "reason": reason}}
    with davit.live("run", "hello", "-i", "who=Ada", "--name", name, option) as live:
        live.wait_for("created")
        run = told_of(place, name)
        run.end(phase, reason=reason, result={"a": 1}, **error)
        assert live.ended() == code
        assert live.lines[1:] == ['Result: {"a": 1}', f"{reason} after 2.50 s: nothing logged"]
        assert live.errors == ([] if code == 0 else ["It is so."])


def test_waiting_prints_the_run_as_json_when_asked(place: Place, davit: Plugin) -> None:
    arguments = ["-i", "who=Ada", "--name", "ada", "--wait", "-o", "json"]
    with davit.live("run", "hello", *arguments) as live:
        live.wait_for("created")
        told_of(place, "ada").end(result=42)
        assert live.ended() == 0
        assert json.loads("\n".join(live.lines))["status"]["result"] == 42


def test_a_run_that_is_deleted_ends_the_wait(place: Place, davit: Plugin) -> None:
    with davit.live("run", "hello", "-i", "who=Ada", "--name", "ada", "--wait") as live:
        live.wait_for("created")
        place.delete("JobRun", "ada")
        assert live.ended() == 1
        assert live.errors == ['kubectl davit: JobRun "ada" was deleted.']


def test_ctrl_c_while_waiting_says_that_the_run_goes_on(place: Place, davit: Plugin) -> None:
    with davit.live("run", "hello", "-i", "who=Ada", "--name", "ada", "--wait") as live:
        live.wait_for("created")
        live.process.send_signal(signal.SIGINT)
        assert live.ended() == 130
        assert live.errors == [
            f"ada goes on. To cancel it: kubectl davit cancel ada -n {place.name}"
        ]


def test_a_real_operator_s_run_is_followed_to_its_end(
    place: Place, davit: Plugin, node: LiveNode, operators: OperatorThread
) -> None:
    operators.start()
    with davit.live("run", "hello", "-i", "who=Ada", "--name", "ada", "--follow") as live:
        live.wait_for("created")
        log = node.take(place, place.pod_of("ada"))
        log.print(*lines(1, 20))
        place.start("ada")
        live.wait_for("line 20")
        log.print(*lines(21, 25))
        log.end()
        place.finish("ada", last_sequence=25)
        assert live.ended() == 0
        assert [line for line in live.lines if " line " in line] == [
            f"06:30:{number // 10:02d} INFO    run: line {number}" for number in range(1, 26)
        ]
        assert live.lines[-1].startswith("Succeeded after 1.25 s: 25 info")
