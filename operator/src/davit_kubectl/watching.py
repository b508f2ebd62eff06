"""Hears of each change of one JobRun, until the run is gone or the command ends."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from davit_kubectl.failures import ApiError, Failure, Forbidden, NotFound, Unreachable
from davit_kubectl.resources import RUNS
from davit_kubectl.run_view import RunView

if TYPE_CHECKING:
    from queue import Queue

    from davit_kubectl.server import Server

_GONE = 410
_POLL_SECONDS = 2.0
_FIRST_PAUSE_SECONDS = 0.25
_LONGEST_PAUSE_SECONDS = 5.0


class Seen(NamedTuple):
    """The run as it is now."""

    run: RunView


class Trouble(NamedTuple):
    """The server does not answer for now; it is asked again."""

    error: Failure


class Lost(NamedTuple):
    """Nothing more will be heard."""

    error: Failure


class Watcher:
    """Puts what happens to a run into ``events``, from a thread of its own."""

    def __init__(self, server: Server, run: RunView, events: Queue[object]) -> None:
        self._server = server
        self._run = run
        self._version = run.said["metadata"]["resourceVersion"]
        self._events = events
        self._polls = False
        self._pause = _FIRST_PAUSE_SECONDS
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            try:
                self._poll() if self._polls else self._hear()
                self._pause = _FIRST_PAUSE_SECONDS
            except Forbidden as error:
                if self._polls:
                    return self._events.put(Lost(error))
                # Who may get a run may be denied watching it.
                self._polls = True
            except (ApiError, Unreachable) as error:
                if not self._goes_on_after(error):
                    return self._events.put(Lost(error))
            except Exception as other:  # noqa: BLE001 (a thread's failure must reach the one that waits)
                return self._events.put(Lost(Failure(f"{type(other).__name__}: {other}")))

    def _goes_on_after(self, error: ApiError | Unreachable) -> bool:
        if isinstance(error, ApiError) and error.status == _GONE:
            self._read()
            return True
        if isinstance(error, ApiError) and not error.is_passing:
            return False
        self._events.put(Trouble(error))
        time.sleep(self._pause)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE_SECONDS)
        return True

    def _poll(self) -> None:
        time.sleep(_POLL_SECONDS)
        self._read()

    def _read(self) -> None:
        """Look once; raise NotFound where the run is gone."""
        found = RunView(self._server.get(RUNS.at(self._run.namespace, self._run.name)))
        if found.uid != self._run.uid:
            raise NotFound(404, f'JobRun "{self._run.name}" was deleted, and made anew.')
        self._version = found.said["metadata"]["resourceVersion"]
        self._events.put(Seen(found))

    def _hear(self) -> None:
        """Watch until the server ends it, as it does every few minutes."""
        path = RUNS.within(self._run.namespace)
        query = {"fieldSelector": f"metadata.name={self._run.name}", "watch": "true"}
        with self._server.stream(path, **query, resourceVersion=self._version) as stream:
            for line in stream.lines():
                self._take(json.loads(line))

    def _take(self, event: dict[str, object]) -> None:
        said = event["object"]
        assert isinstance(said, dict)  # noqa: S101 (the API's own form)
        if event["type"] == "ERROR":
            raise ApiError(int(said.get("code", 500)), str(said.get("message", "")))
        self._version = said["metadata"]["resourceVersion"]
        run = RunView(said)
        if event["type"] == "DELETED" or run.uid != self._run.uid:
            raise NotFound(404, f'JobRun "{run.name}" was deleted.')
        self._events.put(Seen(run))
