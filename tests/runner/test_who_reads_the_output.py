"""A pod's standard output: whoever reads it or does not, the run ends."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.runner.pods import Pod, job_file

from davit_contract import Outcome, decode


def test_a_run_that_nobody_reads_any_more_still_leaves_its_outcome(
    pod: Pod, tmp_path: Path
) -> None:
    body = "print('ready')\nfor n in range(2000): self.logger.info('x' * 1000)\nreturn 'done'"
    runner = pod.start("run", {"j.py": job_file(body)}, class_path="j.J")
    runner.wait_for(b"ready")
    runner.output.close()
    assert runner.exit_code() == 0
    outcome = decode(Outcome, (tmp_path / "termination").read_text())
    assert outcome.reason == "Succeeded"
    assert outcome.counts["info"] == 2002  # type: ignore[index]
    # Lines of the log, one more of the runner's own, and the result.
    assert outcome.last_sequence + outcome.dropped_records == 2004


def test_a_reader_that_stands_still_holds_up_neither_the_job_nor_its_cancel(
    pod: Pod, tmp_path: Path
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    body = (
        f"with open({str(fifo)!r}, 'w', buffering=1) as file:\n"
        "    for n in range(2000): self.logger.info('x' * 1000)\n"
        "    print('said', file=file)\n"
        "    try: signal.pause()\n"
        "    except BaseException:\n"
        "        print('cancelled', file=file)\n"
        "        raise\n"
    )
    runner = pod.start("run", {"j.py": job_file(body)}, class_path="j.J")
    with fifo.open() as file:
        assert file.readline() == "said\n"
        runner.send_signal(signal.SIGTERM)
        assert file.readline() == "cancelled\n"
    said = pod.said(runner)
    assert said.outcome.reason == "Cancelled"
    assert said.logs == [("info", "run", "x" * 1000)] * 2000


def test_a_line_that_may_begin_a_secret_is_shown_when_nothing_follows(pod: Pod) -> None:
    members = "    secret = TextVar(sensitive=True)\n"
    text = job_file("print('one')\nsignal.pause()", members=members)
    inputs = {"secret": "one\ntwo\nthree"}
    runner = pod.start("run", {"j.py": text}, class_path="j.J", inputs=inputs)
    runner.wait_for(b"(redacted)")
    runner.send_signal(signal.SIGTERM)
    runner.ended()
