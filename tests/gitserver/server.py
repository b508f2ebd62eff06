"""Serves bare Git repositories over HTTPS: ``git http-backend`` behind Python's own HTTP server.

Standard library only, and one import of its own, so that it also runs in a pod that mounts it:

    python -m gitserver.server --root /data --port 8443 --cert tls.crt --key tls.key \\
        --auth-file users --seed jobs=/seed/jobs.json

``--root`` is the only folder that is written to. ``/healthz`` answers 200 to everybody. An
``--auth-file`` has lines of ``user:password``; without one everybody reads and pushes.
``--seed NAME=PATH`` makes NAME.git with one commit on branch main, unless it is there; PATH is a
JSON map from path to text.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import hmac
import http.server
import os
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from .repositories import seed

_COPY_BYTES = 64 * 1024
_MAX_CHUNK_LINE = 1024
_IDLE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """How one server serves.

    ``users`` are passwords by name, ``tokens`` what a bearer shows; without both everybody is let
    in. ``speaks_v2``: False leaves clients with version 0 of the protocol, in which
    ``uploadpack.allowAnySHA1InWant`` means something.
    """

    root: Path
    users: Mapping[str, str]
    tokens: frozenset[str] = frozenset()
    speaks_v2: bool = True
    any_hash: bool = True


class GitServer(http.server.ThreadingHTTPServer):
    """Listens at once; ``serve_forever`` answers, one thread for each connection."""

    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], serving: Serving, tls: ssl.SSLContext | None = None
    ) -> None:
        self.serving = serving
        self._tls = tls
        super().__init__(address, Handler)

    def get_request(self) -> tuple[object, object]:  # type: ignore[override]  # a socket either way
        connection, client = super().get_request()
        connection.settimeout(_IDLE_SECONDS)
        # Answers are several small writes: each would wait for the last one's acknowledgement.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is None:
            return connection, client
        # The handshake waits for the first read, in the connection's own thread.
        return (
            self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False),
            client,
        )

    def handle_error(
        self,
        request: object,  # noqa: ARG002 (socketserver's signature)
        client_address: object,
    ) -> None:
        """Print a line for connections that end early; scanners and tests make many."""
        kind, error, _ = sys.exc_info()
        name = kind.__name__ if kind else "error"
        print(f"{client_address}: {name}: {error}", file=sys.stderr, flush=True)  # noqa: T201 (a server's log)


class Handler(http.server.BaseHTTPRequestHandler):
    """Turns each request into one run of ``git http-backend``."""

    protocol_version = "HTTP/1.1"
    server: GitServer

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's name)
        """Print the request line: no header, and so no password."""
        print(f"{self.address_string()} {format % args}", file=sys.stderr, flush=True)  # noqa: T201 (a server's log)

    def _answer(self) -> None:
        if urlsplit(self.path).path == "/healthz":
            self._say(HTTPStatus.OK, "ok\n")
            return
        # The body goes first: a kept-alive connection must stand at the next request.
        with tempfile.TemporaryFile(dir=self.server.serving.root) as body:
            try:
                for piece in self._body():
                    body.write(piece)
            except ValueError:
                self.close_connection = True
                self._say(HTTPStatus.BAD_REQUEST, "the body's length or chunks are wrong\n")
                return
            user = self._user()
            if user is None:
                self._say(HTTPStatus.UNAUTHORIZED, "who are you?\n")
                return
            self._run_backend(body, user)

    def _user(self) -> str | None:
        """Return who asks: the empty string where nobody is asked; None for a wrong password."""
        users, tokens = self.server.serving.users, self.server.serving.tokens
        if not users and not tokens:
            return ""
        kind, _, encoded = self.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            return "bearer" if encoded in tokens else None
        try:
            pair = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
        name, _, password = pair.partition(":")
        expected = users.get(name, "")
        right = hmac.compare_digest(password.encode(), expected.encode())
        return name if right and expected and kind.lower() == "basic" else None

    def _body(self) -> Iterator[bytes]:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            yield from self._chunks()
        else:
            yield from self._exactly(int(self.headers.get("Content-Length") or 0))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline(_MAX_CHUNK_LINE).partition(b";")[0], 16):
            yield from self._exactly(size)
            self.rfile.readline(_MAX_CHUNK_LINE)
        # Trailers end with an empty line.
        while self.rfile.readline(_MAX_CHUNK_LINE).strip():
            pass

    def _exactly(self, size: int) -> Iterator[bytes]:
        while size > 0:
            piece = self.rfile.read(min(size, _COPY_BYTES))
            if not piece:
                raise ValueError("the body ends early")
            size -= len(piece)
            yield piece

    def _run_backend(self, body: IO[bytes], user: str) -> None:
        environment = self._environment(body, user)
        # http-backend reads from where the descriptor stands.
        body.seek(0)
        with subprocess.Popen(
            ["git", "http-backend"], stdin=body, stdout=subprocess.PIPE, env=environment
        ) as backend:
            output = backend.stdout
            if output is None:
                raise TypeError("no pipe")
            status, headers = _cgi_headers(output)
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            while piece := output.read(_COPY_BYTES):
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")

    def _environment(self, body: IO[bytes], user: str) -> dict[str, str]:
        serving = self.server.serving
        parts = urlsplit(self.path)
        asked = self.headers.get("Git-Protocol", "") if serving.speaks_v2 else ""
        options = {
            "http.receivepack": "true",
            "uploadpack.allowAnySHA1InWant": "true" if serving.any_hash else "false",
        }
        environment = {
            "PATH": os.defpath + ":/usr/local/bin",
            "HOME": str(serving.root),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": str(len(options)),
            "GIT_PROJECT_ROOT": str(serving.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": unquote(parts.path),
            "QUERY_STRING": parts.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            # http-backend itself unpacks gzip.
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "CONTENT_LENGTH": str(body.seek(0, os.SEEK_END)),
            "REMOTE_ADDR": str(self.client_address[0]),
            "REMOTE_USER": user,
            "GIT_PROTOCOL": asked,
        }
        for number, (key, value) in enumerate(options.items()):
            environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return {key: value for key, value in environment.items() if value}

    def _say(self, status: HTTPStatus, text: str) -> None:
        self.send_response(status)
        if status == HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


def tls_context(cert: Path, key: Path) -> ssl.SSLContext:
    """Return what a server needs to speak TLS with the PEM files ``cert`` and ``key``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def _cgi_headers(output: IO[bytes]) -> tuple[int, list[tuple[str, str]]]:
    status, headers = int(HTTPStatus.OK), []
    while line := output.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        if name.lower() == "status":
            status = int(value.split()[0])
        else:
            headers.append((name, value.strip()))
    return status, headers


def _users(path: Path | None) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines() if path else []
    pairs = (line.partition(":") for line in lines if line.strip())
    return {name: password for name, _, password in pairs}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Serve bare Git repositories over HTTPS.")
    parser.add_argument("--root", type=Path, required=True, help="writable folder")
    parser.add_argument("--host", default="0.0.0.0", help="address to listen at")  # noqa: S104 (a pod's)
    parser.add_argument("--port", type=int, default=8443)
    parser.add_argument("--cert", type=Path, help="PEM; without it plain http is served")
    parser.add_argument("--key", type=Path)
    parser.add_argument("--auth-file", type=Path, help="lines of user:password")
    parser.add_argument("--seed", action="append", default=[], metavar="NAME=PATH")
    return parser


def main() -> None:
    """Serve until killed."""
    options = _parser().parse_args()
    options.root.mkdir(parents=True, exist_ok=True)
    for each in options.seed:
        name, _, source = each.partition("=")
        seed(options.root, name, Path(source))
    serving = Serving(root=options.root, users=_users(options.auth_file))
    tls = tls_context(options.cert, options.key) if options.cert else None
    with GitServer((options.host, options.port), serving, tls) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
