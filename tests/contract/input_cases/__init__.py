"""One list of inputs and verdicts, for everyone who checks inputs: the runner and the operator.

A case says which variable a class has, what a requester gives, and what must come of it. Everybody
refuses the same cases; the texts are the runner's, which are Nautobot's.
"""

from __future__ import annotations

from typing import Final

from tests.contract.input_cases import (
    addresses,
    booleans,
    choices,
    documents,
    files,
    numbers,
    objects,
    text,
)
from tests.contract.input_cases.case import KINDS, NOT_GIVEN, InputCase

__all__ = ["ADDRESSES", "CASES", "KINDS", "NOT_GIVEN", "InputCase"]

ADDRESSES: Final = addresses.CASES
CASES: Final = [
    *text.CASES,
    *numbers.CASES,
    *booleans.CASES,
    *choices.CASES,
    *objects.CASES,
    *files.CASES,
    *addresses.CASES,
    *documents.CASES,
]
