"""What pods print that speak of jobs: parts of documents, descriptions and problems."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from tests.builders import CLASS_PATH, STARTED, printed

from davit_contract import JobDescription, PartRecord, PartType, encode


def part(
    data: str, number: int = 1, of: int = 1, *, kind: PartType = PartType.RESULT, sequence: int = 1
) -> PartRecord:
    return PartRecord(type=kind, sequence=sequence, time=STARTED, part=number, parts=of, data=data)


def described(class_path: str = CLASS_PATH, **changes: Any) -> str:
    return encode(JobDescription(class_path=class_path, name="x", grouping="y", **changes))


def descriptions(*texts: str) -> bytes:
    return printed(*(part(text, kind=PartType.DESCRIPTION) for text in texts))


def changed(told: Any, **changes: Any) -> str:
    return json.dumps({**json.loads(encode(told)), **changes})


def numbered(*records: Any) -> bytes:
    """Return what a pod prints that says ``records``, numbered in their order."""
    return printed(*(replace(each, sequence=n) for n, each in enumerate(records, start=1)))
