from __future__ import annotations

import json
import os
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.runner.disguised import MARKER, said

from davit._runner.frames import FrameWriter

WORDS = [
    "log", "output", "document", "progress", "secrets", "busy", "verdict", "limits", "result",
    "file", "stdout", "info", "Succeeded",
]  # fmt: skip
anything = st.recursive(
    st.sampled_from([*WORDS, None, True, 0, -1, 10**400, 1.5, float("nan"), "\ud800", "x" * 5000])
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
frames = st.tuples(st.sampled_from(WORDS) | anything, st.lists(anything, max_size=6))


@given(forged=st.lists(st.tuples(st.booleans(), frames), max_size=4), junk=st.binary(max_size=20))
def test_no_frame_breaks_the_supervisor(
    forged: list[tuple[bool, tuple[Any, list[Any]]]], junk: bytes
) -> None:
    def acts(writer: FrameWriter, fd: int) -> None:
        for own, (word, rest) in forged:
            sender = os.getpid() if own else 7
            frame = json.dumps([word, *rest]).encode()
            os.write(fd, b"%s%d 1 0 %s\n" % (MARKER, sender, frame))
            os.write(fd, MARKER + junk)
        writer.send_log("info", "run", "still heard", "")

    assert "still heard" in said(acts, [])


def test_a_process_of_the_jobs_own_says_no_verdict_and_no_result() -> None:
    def acts(writer: FrameWriter, fd: int) -> None:
        writer.send("verdict", "Succeeded", None)
        forged = b"%s%d 1 0 %s\n"
        other = os.getpid() + 1
        os.write(fd, forged % (MARKER, other, b'["verdict", "JobFailed", null]'))
        os.write(fd, forged % (MARKER, other, b'["document", "result", "1"]'))
        os.write(fd, forged % (MARKER, other, b'["log", "info", "fork", "heard", ""]'))

    *records, outcome = map(json.loads, said(acts, []).splitlines())
    assert [record.get("message") for record in records] == ["heard"]
    assert outcome["reason"] == "Succeeded"
