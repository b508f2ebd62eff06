"""What an answer of the API server, or none, means in our own words."""

from __future__ import annotations

import json
from typing import Any

import aiohttp

from davit_operator.effects.errors import (
    ApiError,
    Conflict,
    NamespaceTerminating,
    NotFound,
    Unreachable,
)

_TYPED: dict[int, type[ApiError]] = {404: NotFound, 409: Conflict}
_FORBIDDEN = 403


def unreachable(method: str, path: str, error: Exception) -> Unreachable:
    """Return what an HTTP client's error means to us."""
    return Unreachable(f"{method} {path}: {type(error).__name__}: {error}")


def refused(response: aiohttp.ClientResponse, said: bytes) -> ApiError:
    """Return what an answer means that is not the one that was hoped for."""
    # A date, which HTTP allows there too, is nothing that an API server says.
    wish = response.headers.get("Retry-After", "")
    seconds = float(wish) if wish.isdecimal() else 0.0
    status, told = response.status, _told(said)
    kind = _TYPED.get(status, ApiError)
    if status == _FORBIDDEN and _names_cause(told, "NamespaceTerminating"):
        kind = NamespaceTerminating
    message = told.get("message") or said.decode(errors="replace")[:500]
    return kind(status, str(message), seconds)


def _told(said: bytes) -> dict[str, Any]:
    """Return the Status object that was said; empty where it was none."""
    try:
        told = json.loads(said)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _names_cause(told: dict[str, Any], reason: str) -> bool:
    causes = (told.get("details") or {}).get("causes") or ()
    return any(cause.get("reason") == reason for cause in causes)
