"""What the API server's refusals mean."""

from __future__ import annotations

import json
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import pytest

from davit_operator.effects.answers import refused
from davit_operator.effects.errors import (
    ApiError,
    Conflict,
    NamespaceTerminating,
    NotFound,
    pause_after,
)

TERMINATING = {
    "kind": "Status",
    "reason": "Forbidden",
    "message": "namespace a is being terminated",
    "details": {"causes": [{"reason": "NamespaceTerminating", "field": "metadata.namespace"}]},
}


def error_of(status: int, said: Any, **headers: str) -> ApiError:
    answer: Any = SimpleNamespace(status=status, headers=headers)
    return refused(answer, said if isinstance(said, bytes) else json.dumps(said).encode())


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        (404, {"message": "no"}, NotFound),
        (409, {"message": "no"}, Conflict),
        (403, {"message": "no"}, ApiError),
        (
            403,
            {"message": "no", "details": {"causes": [{"reason": "FieldValueInvalid"}]}},
            ApiError,
        ),
        (403, {"message": "no", "details": {"causes": None}}, ApiError),
        (403, TERMINATING, NamespaceTerminating),
        (503, b"upstream connect error", ApiError),
        (500, b"[1]", ApiError),
    ],
)
def test_an_answer_is_told_by_its_status_and_its_causes(
    status: int, said: Any, kind: type[ApiError]
) -> None:
    error = error_of(status, said)
    assert type(error) is kind
    assert error.status == status


def test_what_is_no_status_object_is_shown_as_it_came() -> None:
    assert error_of(502, b"<html>bad gateway</html>").message == "<html>bad gateway</html>"


def test_a_namespace_that_is_being_deleted_is_asked_again_without_a_traceback() -> None:
    assert pause_after(error_of(HTTPStatus.FORBIDDEN, TERMINATING)) == 0
