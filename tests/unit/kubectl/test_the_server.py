"""What the plugin makes of a server's answers that a healthy API server rarely gives."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from davit_kubectl.access import Access
from davit_kubectl.failures import Forbidden, NotFound, Unreachable
from davit_kubectl.server import Server


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers["Authorization"] == "Bearer old":
            return self.say(401, b'{"message": "Unauthorized"}')
        status, text = {
            "/closing": (200, b"one\ntwo\n"),
            "/html": (200, b"<html>"),
            "/proxy": (403, b"<html>\n  go away </html>"),
        }.get(self.path, (404, b'{"message": "not found"}'))
        return self.say(status, text)

    def say(self, status: int, text: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text) + 5 * (self.path == "/short")))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (theirs)
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def a_server(port: int, *tokens: str) -> Server:
    """Return a server to which each login brings the next of ``tokens``."""
    left = iter(tokens or ("new",))

    def access_now() -> Access:
        return Access(
            host="127.0.0.1",
            port=port,
            path="",
            tls=None,
            tls_server_name="",
            proxy="",
            headers=(("Authorization", f"Bearer {next(left)}"),),
            namespace="netops",
        )

    return Server(access_now)


def streamed(server: Server) -> list[bytes]:
    with server.stream("/closing") as stream:
        return list(stream.lines())


def test_a_stream_of_a_server_that_closes_each_connection_is_read(port: int) -> None:
    assert streamed(a_server(port)) == [b"one", b"two"]


def test_an_expired_token_is_asked_for_again(port: int) -> None:
    assert streamed(a_server(port, "old", "new")) == [b"one", b"two"]
    with pytest.raises(NotFound):
        a_server(port, "old", "new").get("/nothing")


def test_an_answer_that_is_no_api_server_s_is_a_sentence(port: int) -> None:
    with pytest.raises(Forbidden, match=r"^<html> go away </html>$"):
        a_server(port).get("/proxy")
    with pytest.raises(Exception, match="does not answer with JSON"):
        a_server(port).get("/html")
    with pytest.raises(Unreachable, match="does not answer"):
        a_server(port).get("/short")
