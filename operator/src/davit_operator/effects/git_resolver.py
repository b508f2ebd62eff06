"""Looks up the addresses of a Git host, within a time."""

from __future__ import annotations

import queue
import socket
import threading
from typing import Final

_MAX_ADDRESSES: Final = 16


def addresses_of(host: str, port: int, timeout_seconds: float) -> tuple[str, ...]:
    """Return the addresses that the system's resolver gives for ``host``, without repetitions.

    The resolver has no time limit of its own that fits; it is left alone in its thread when late.

    Raises:
        OSError: There are none.
        TimeoutError: It took too long.
    """
    answers: queue.SimpleQueue[tuple[str, ...] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        # A label of the name is empty or too long.
        except UnicodeError as error:
            answers.put(OSError(str(error)))
        except OSError as error:
            answers.put(error)
        else:
            answers.put(tuple(dict.fromkeys(str(each[4][0]) for each in found)))

    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    return answer[:_MAX_ADDRESSES]
