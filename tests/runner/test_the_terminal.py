from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.runner.terminal import Terminal

from davit._command.terminal import progress_text

VARYING = re.compile(r"\d\d:\d\d:\d\d|\d+\.\d\d s")
JOB = """
import time
from davit import *

class Slow(Job):
    how = StringVar()

    def run(self, *, how):
        self.progress(1, 4)
        self.logger.info("begun")
        self.progress(2, 4)
        try:
            while how != "quick":
                time.sleep(0.02)
        finally:
            self.logger.warning("cleaned up")
            while how == "deaf":
                try:
                    time.sleep(0.02)
                except BaseException:
                    pass
        self.progress(4, 4)

register_jobs(Slow)
"""
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
HALF = "[===============>              ]  50 % (2 of 4)"
FULL = "[==============================] 100 % (4 of 4)"


Start = Callable[..., Terminal]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    (tmp_path / "slow.py").write_text(JOB)
    command = [sys.executable, "-m", "davit", "run", str(tmp_path), "slow.Slow"]
    terminals = []

    def run_slow(how: str, *, columns: int = 80, **environment: str) -> Terminal:
        terminals.append(Terminal([*command, f"--input=how={how}"], columns=columns, **environment))
        return terminals[-1]

    yield run_slow
    for terminal in terminals:
        terminal.close()


def alike(lines: list[str]) -> list[str]:
    return [VARYING.sub("N", line) for line in lines]


def test_a_terminal_shows_the_log_and_below_it_the_progress(start: Start) -> None:
    terminal = start("quick")
    assert terminal.ended() == 0
    assert alike(terminal.screen) == [
        "N INFO    initialization: Running job",
        "N INFO    run: begun",
        "N WARNING run: cleaned up",
        "N SUCCESS post_run: Job completed",
        FULL,
        "Succeeded after N: 2 info, 1 success, 1 warning",
        "",
    ]
    assert "\x1b[33mWARNING\x1b[0m" in terminal.said


def test_the_progress_stays_the_last_line_while_a_job_runs(start: Start) -> None:
    terminal = start("slowly", NO_COLOR="1")
    terminal.wait_for("begun")
    terminal.wait_for(HALF)
    assert alike(terminal.screen)[-2:] == ["N INFO    run: begun", HALF]
    assert not COLOUR.search(terminal.said)
    terminal.press("\x03")
    assert terminal.ended() == 1


@pytest.mark.parametrize(("columns", "shown"), [(40, " 50 % (2 of 4)"), (12, " 50 % (2 of")])
def test_the_progress_never_wraps(start: Start, columns: int, shown: str) -> None:
    terminal = start("slowly", columns=columns)
    terminal.wait_for("50 % (2 of")
    assert terminal.screen[-1] == shown
    terminal.press("\x03")
    terminal.ended()


def test_ctrl_c_cancels_and_lets_the_job_clean_up(start: Start) -> None:
    terminal = start("slowly", TERM="dumb")
    terminal.wait_for("begun")
    terminal.press("\x03")
    assert terminal.ended() == 1
    shown = alike(terminal.screen)
    assert "Cancelling: the job has 30 seconds to clean up. Ctrl-C again kills it." in shown
    assert shown.index("N WARNING run: cleaned up") > shown.index("N INFO    run: begun")
    assert "davit.exceptions.JobCancelled: The job was cancelled." in shown
    assert shown[-2] == "Cancelled after N: 2 info, 1 warning"
    assert "\x1b" not in terminal.said


def test_a_second_ctrl_c_kills(start: Start) -> None:
    terminal = start("deaf")
    terminal.wait_for("begun")
    terminal.press("\x03")
    terminal.wait_for("cleaned up")
    terminal.press("\x03")
    assert terminal.ended() == 1
    assert terminal.screen[-2].startswith("Cancelled after")


@pytest.mark.parametrize("verb", ["check", "discover"])
def test_ctrl_c_ends_a_look_at_the_modules(tmp_path: Path, verb: str) -> None:
    (tmp_path / "endless.py").write_text("import time\nprint('begun')\ntime.sleep(60)\n")
    terminal = Terminal([sys.executable, "-m", "davit", verb, str(tmp_path)])
    terminal.wait_for("begun")
    terminal.press("\x03")
    assert terminal.ended() == 1
    assert terminal.screen[-2] == "^Cdavit: Cancelled before every module was looked at."
    terminal.close()


@pytest.mark.parametrize(
    ("done", "total", "text"),
    [
        (0, 10, "[>                             ]   0 % (0 of 10)"),
        (999, 1000, "[=============================>]  99 % (999 of 1,000)"),
        (2.5, 10, "[=======>                      ]  25 % (2.50 of 10)"),
        (11, 10, "[==============================] 100 % (11 of 10)"),
        (3, 0, "3 of 0"),
    ],
)
def test_progress_is_a_bar_a_share_and_its_numbers(done: float, total: float, text: str) -> None:
    assert progress_text(done, total) == text
