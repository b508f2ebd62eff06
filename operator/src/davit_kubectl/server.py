"""The API server, as this command speaks to it: raw JSON in and out, sentences for errors."""

from __future__ import annotations

import http.client
import json
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from davit_kubectl.failures import ApiError, Unreachable, api_error
from davit_kubectl.transport import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from davit_kubectl.access import Access

Object = dict[str, Any]

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
TABLE = f"{JSON};as=Table;g=meta.k8s.io;v=v1,{JSON}"
FIELD_MANAGER = "kubectl-davit"
_CALL_SECONDS = 60
_CONNECT_SECONDS = 20
_FIRST_ERROR = 400
_UNAUTHORIZED = 401
_TOO_MANY = 429
_PAUSES = (0.5, 1.0, 2.0)
_PIECE_BYTES = 64 * 1024


class Server:
    """Calls of one API server; streams may be read by other threads than the one that calls."""

    def __init__(self, access_now: Callable[[], Access]) -> None:
        self._access_now = access_now
        self._access = access_now()
        self._renewing = threading.Lock()
        self._kept: http.client.HTTPConnection | None = None

    @property
    def namespace(self) -> str:
        """Return the namespace that is meant where none is named."""
        return self._access.namespace

    def get(self, path: str, *, accept: str = JSON, **query: str) -> Object:
        """Return what stands at ``path``; ``query`` are its parameters, empty ones left out."""
        return self._said("GET", _with(path, query), None, {"Accept": accept})

    def create(self, path: str, manifest: Mapping[str, Any]) -> Object:
        """Create an object of the kind that ``path`` lists, and return it."""
        query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
        return self._said("POST", _with(path, query), manifest, {"Content-Type": JSON})

    def merge(self, path: str, change: Mapping[str, Any]) -> Object:
        """Merge ``change`` into the object at ``path``, and return it."""
        query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
        return self._said("PATCH", _with(path, query), change, {"Content-Type": MERGE_PATCH})

    @contextmanager
    def stream(self, path: str, **query: str) -> Iterator[Stream]:
        """Yield what the server says at ``path``, piece by piece, for as long as it says something.

        Raises:
            ApiError: the server refuses.
            Unreachable: it does not answer, or the connection broke.
        """
        opened = connection(self._access, _CONNECT_SECONDS)
        try:
            with _reached(self._access):
                answer = self._send(opened, "GET", _with(path, query), None, {})
                if answer.status == _UNAUTHORIZED:
                    opened.close()
                    self._renew()
                    opened = connection(self._access, _CONNECT_SECONDS)
                    answer = self._send(opened, "GET", _with(path, query), None, {})
                if answer.status >= _FIRST_ERROR:
                    raise api_error(answer.status, _message(answer.read()))
            opened.wait_without_limit()
            with answer:
                yield Stream(answer, self._access)
        finally:
            opened.close()

    def _said(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> Object:
        status, text = self._call(method, path, body, headers)
        for pause in _PAUSES:
            if status == _UNAUTHORIZED:
                self._renew()
            elif status == _TOO_MANY:
                # The server has not looked at it: for a moment after a CRD came it cannot.
                time.sleep(pause)
            else:
                break
            status, text = self._call(method, path, body, headers)
        if status >= _FIRST_ERROR:
            raise api_error(status, _message(text))
        try:
            said: Object = json.loads(text)
        except ValueError as error:
            raise ApiError(status, f"{self._access.host} does not answer with JSON.") from error
        return said

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        # One that was idle may be closed by now. To ask twice is harmless, to create twice is not.
        kept, self._kept = self._kept, None
        if kept is not None and method == "GET":
            try:
                return self._exchange(kept, method, path, body, headers)
            except (OSError, http.client.HTTPException):
                kept.close()
        with _reached(self._access):
            opened = connection(self._access, _CALL_SECONDS)
            return self._exchange(opened, method, path, body, headers)

    def _exchange(
        self,
        opened: http.client.HTTPConnection,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
    ) -> tuple[int, bytes]:
        answer = self._send(opened, method, path, body, headers)
        text = answer.read()
        self._kept = opened
        return answer.status, text

    def _send(
        self,
        opened: http.client.HTTPConnection,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
    ) -> http.client.HTTPResponse:
        access = self._access
        opened.putrequest(method, f"{access.path}{path}")
        content = b"" if body is None else json.dumps(body).encode()
        told = {"User-Agent": "kubectl-davit", **headers, "Content-Length": str(len(content))}
        for name, value in (*told.items(), *access.headers):
            opened.putheader(name, value)
        opened.endheaders(content or None)
        return opened.getresponse()

    def _renew(self) -> None:
        """Ask for the credentials again: they have expired."""
        with self._renewing:
            self._access = self._access_now()
            self._kept = None


class Stream:
    """An answer that has no end yet."""

    def __init__(self, answer: http.client.HTTPResponse, access: Access) -> None:
        self._answer = answer
        self._access = access

    def pieces(self) -> Iterator[bytes]:
        """Yield what arrives, as it arrives; raise Unreachable where the connection breaks."""
        while True:
            with _reached(self._access):
                piece = self._answer.read1(_PIECE_BYTES)
            if not piece:
                return
            yield piece

    def lines(self) -> Iterator[bytes]:
        """Yield the lines of the answer, each without its end; raise Unreachable likewise."""
        rest = b""
        for piece in self.pieces():
            *ended, rest = (rest + piece).split(b"\n")
            yield from ended


@contextmanager
def _reached(access: Access) -> Iterator[None]:
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        cause = getattr(error, "verify_message", "") or getattr(error, "strerror", None) or error
        raise Unreachable(
            f"The API server {access.host}:{access.port} does not answer: "
            f"{cause or type(error).__name__}."
        ) from error


def _with(path: str, query: Mapping[str, str]) -> str:
    given = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def _message(said: bytes) -> str:
    """Return the message of a Status object, or what else was said, as one line."""
    try:
        return str(json.loads(said)["message"])
    except (ValueError, KeyError, TypeError):
        return " ".join(said.decode(errors="replace").split())[:500] or "no reason was given"
