"""A log of ten thousand lines, and what became of it."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

from tests.kubectl import Kubectl

LINES = 10_000
WHOLE = [f"line {number:05d}" for number in range(LINES)]
TALKS = """\
import os
import signal
import time

from davit import Job, register_jobs

LINES = 10_000


class Talk(Job):
    class Meta:
        abstract = True

    def talk(self, pause=0.0):
        for number in range(LINES):
            self.logger.info("line %05d", number, extra={"grouping": "talk"})
            if pause and number % 100 == 99:
                time.sleep(pause)


class Returns(Talk):
    def run(self):
        self.talk()
        return "said it all"


class Raises(Talk):
    def run(self):
        self.talk()
        raise ValueError("said it all")


class Waits(Talk):
    def run(self):
        self.talk()
        while True:
            time.sleep(60)


class Stays(Talk):
    def run(self):
        self.talk()
        while True:
            try:
                time.sleep(60)
            except BaseException:
                pass


class Eats(Talk):
    def run(self):
        self.talk()
        kept = []
        while True:
            kept.append(bytearray(b"x" * 1024 * 1024))


class Dies(Talk):
    def run(self):
        self.talk()
        os.kill(os.getpid(), signal.SIGKILL)


class Takes_Its_Time(Talk):
    def run(self):
        self.talk(pause=0.2)


register_jobs(Returns, Raises, Waits, Stays, Eats, Dies, Takes_Its_Time)
"""


def kept_log(kubectl: Kubectl, run: str) -> list[dict[str, Any]]:
    """Return the records that the run's JobLogs hold, after a look at how they fit together."""
    found = kubectl.items("joblogs", f"--field-selector=spec.runRef.name={run}")
    logs = sorted((each["spec"] for each in found), key=lambda spec: spec["index"])
    assert [spec["index"] for spec in logs] == list(range(len(logs)))
    records: list[dict[str, Any]] = []
    for spec in logs:
        piece = _records(spec["data"])
        assert spec["firstSequence"] == piece[0]["sequence"]
        assert spec["lastSequence"] >= piece[-1]["sequence"]
        assert not records or records[-1]["sequence"] < spec["firstSequence"]
        records += piece
    return records


def talked(kubectl: Kubectl, run: str) -> list[str]:
    """Return the numbered lines among what the run's JobLogs hold."""
    return [each["message"] for each in kept_log(kubectl, run) if each["grouping"] == "talk"]


def _records(data: str) -> list[dict[str, Any]]:
    lines = gzip.decompress(base64.b64decode(data)).splitlines()
    return [json.loads(line) for line in lines]
