"""No secret leaves the module by another way than the request to its own server."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.gitserver.relay import relay
from tests.gitserver.running import RemoteRepository
from tests.integration.git.conftest import Reading, assert_no_canary, failure

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked


def processes() -> dict[str, str]:
    """Return command line and environment of all processes, by number."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            text = (path / "cmdline").read_bytes() + b"\0" + (path / "environ").read_bytes()
        except OSError:
            continue
        found[path.name] = text.decode(errors="replace")
    return found


def test_credentials_stand_in_no_argv_environment_log_or_file(
    reading: Reading,
    pushing: Callable[[str], RemoteRepository],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("DAVIT_TEST_INHERITED", "inherited-canary")
    pushing("secret").push({"noise": hashlib.shake_256(b"davit").digest(400_000)})
    with relay(reading.server.port) as between:
        between.passes = 100_000
        url = f"https://127.0.0.1:{between.port}/secret.git"
        raised: list[Blocked] = []
        thread = threading.Thread(target=lambda: raised.append(failure(reading, url=url)))
        thread.start()
        assert between.struck.wait(30)
        seen = {text for text in processes().values() if f":{between.port}/secret" in text}
        between.cut.set()
        thread.join()
    ours = "\n".join(text for text in seen if text.startswith(("git\0", "/usr")))
    assert "fetch" in ours
    assert "remote-https" in ours
    assert "inherited-canary" not in ours
    assert_no_canary(ours)
    assert_no_canary("\n".join(record.getMessage() for record in caplog.records))
    for path in reading.folder.rglob("*"):
        if path.is_file():
            assert_no_canary(path.read_bytes().decode(errors="replace"))
    assert raised
    assert raised[0].reason is Reason.FETCH_FAILED


def test_no_process_outlives_a_timeout(
    reading: Reading, pushing: Callable[[str], RemoteRepository]
) -> None:
    pushing("late").push({"noise": hashlib.shake_256(b"davit").digest(400_000)})
    with relay(reading.server.port) as between:
        between.passes = 100_000
        failure(reading, url=f"https://127.0.0.1:{between.port}/late.git", timeout_seconds=2)
        assert not [text for text in processes().values() if f":{between.port}/late" in text]


def test_credentials_are_hidden_in_their_repr(reading: Reading) -> None:
    contact = reading.reader.resolve(reading.request())
    assert_no_canary(repr(contact) + str(contact) + repr(reading.credentials))
