"""Cases of BooleanVar and DryRunVar."""

from __future__ import annotations

from typing import Final

from tests.contract.input_cases.case import NOT_GIVEN, InputCase, cases_of

_truth, _ = cases_of("BooleanVar")
_dryrun, _ = cases_of("DryRunVar")

CASES: Final[list[InputCase]] = [
    _truth("typical", "true", True, True),
    _truth("typical", "false", False, False),
    _truth("missing", "left out", NOT_GIVEN, False),
    _truth("missing", "it is never required", NOT_GIVEN, False, required=True),
    _truth("empty", "null", None, False),
    _truth("empty", "empty text", "", False),
    _truth("empty", "an empty list", [], False),
    _truth("edge", "the word false", "false", False),
    _truth("edge", "the word False", "False", False),
    _truth("edge", "zero as text", "0", False),
    _truth("edge", "zero", 0, False),
    _truth("edge", "the word yes", "yes", True),
    _truth("edge", "the word no", "no", True),
    _truth("edge", "a blank", " ", True),
    _truth("edge", "a number", 1, True),
    _truth("edge", "an object", {"a": 1}, True),
    _truth("missing", "a default of true", NOT_GIVEN, True, default=True),
    _truth("edge", "false beats a default of true", False, False, default=True),
    _truth("empty", "null beats a default of true", None, False, default=True),
    _dryrun("typical", "true", True, True),
    _dryrun("typical", "false", False, False),
    _dryrun("missing", "left out", NOT_GIVEN, False),
    _dryrun("missing", "its default is always false", NOT_GIVEN, False, default=True),
    _dryrun("empty", "null", None, False),
    _dryrun("edge", "the word false", "false", False),
    _dryrun("edge", "the word yes", "yes", True),
]
