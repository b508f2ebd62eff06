"""Cases of FileVar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.contract.input_cases.case import (
    NOT_GIVEN,
    REQUIRED,
    InputCase,
    cases_of,
    only_python,
)

_NO_FILE: Final = (
    "No file was submitted. Check the encoding type on the form.",
    "A file cannot stand in spec.inputs: name a key of a Secret or ConfigMap in spec.inputsFrom, "
    "or a path in --file of davit run.",
)
_EMPTY: Final = "The submitted file is empty."
_file, _bad_file = cases_of("FileVar")


@dataclass(frozen=True)
class Received:
    """An uploaded file, compared by what is in it."""

    name: str
    content: bytes


CASES: Final[list[InputCase]] = [
    only_python(_file("typical", "bytes", b"a,b\n", Received("file", b"a,b\n"))),
    only_python(
        _file("edge", "bytes that are no text", b"\xff\x00", Received("file", b"\xff\x00"))
    ),
    only_python(_bad_file("wrong", "no bytes", b"", _EMPTY)),
    only_python(
        _file("missing", "a default is taken", NOT_GIVEN, Received("file", b"x"), default=b"x")
    ),
    _bad_file("wrong", "text", "a,b", *_NO_FILE),
    _bad_file("wrong", "a path as text", "/etc/passwd", *_NO_FILE),
    _bad_file("wrong", "a number", 5, *_NO_FILE),
    _bad_file("wrong", "zero", 0, *_NO_FILE),
    _bad_file("wrong", "true", True, *_NO_FILE),
    _bad_file("wrong", "a list", ["a"], *_NO_FILE),
    _bad_file("wrong", "what looks like a file", {"name": "a", "size": 1}, *_NO_FILE),
    _bad_file("wrong", "text where optional", "a,b", *_NO_FILE, required=False),
    _bad_file("missing", "it must be given", NOT_GIVEN, REQUIRED),
    _bad_file("empty", "it may not be null", None, REQUIRED),
    _bad_file("empty", "it may not be empty text", "", REQUIRED),
    _bad_file("empty", "false takes the file away", False, REQUIRED),
    _file("missing", "left out where optional", NOT_GIVEN, None, required=False),
    _file("empty", "null where optional", None, None, required=False),
    _file("empty", "empty text where optional", "", None, required=False),
]
