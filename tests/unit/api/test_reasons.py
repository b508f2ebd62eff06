"""The reasons that users read about are those that there are."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from davit_operator.api import conditions
from davit_operator.api.conditions import Reason
from davit_operator.api.jobrun import Phase

GUIDE = Path(__file__).parents[3] / "operator" / "README.md"
HEADING = re.compile(r"^### Reasons of a (\w+)$", re.MULTILINE)
# Reasons that a kind shares with the one whose section of the enum has them.
SHARED = {
    "JobRun": {
        Reason.SUSPENDED,
        Reason.SECRET_NOT_FOUND,
        Reason.CONFIG_MAP_NOT_FOUND,
        Reason.DISABLED,
        Reason.NOT_INSTALLED,
        Reason.DUPLICATE,
    },
    "JobDefinition": {Reason.NOT_DISCOVERED},
    "JobRepository": set[Reason](),
}


def reasons_of(kind: str) -> set[str]:
    """Return the reasons of a kind, by the sections of the enum."""
    source = inspect.getsource(conditions.Reason)
    sections = re.split(r"^    # --- (\w+).*$", source, flags=re.MULTILINE)[1:]
    names = [
        name
        for title, text in zip(sections[::2], sections[1::2], strict=True)
        if title == kind
        for name in re.findall(r"^    ([A-Z_]+) = ", text, re.MULTILINE)
    ]
    return {Reason[name].value for name in names} | {each.value for each in SHARED[kind]}


def rows_of(kind: str) -> list[list[str]]:
    """Return the cells of the guide's table of a kind's reasons."""
    sections = HEADING.split(GUIDE.read_text())[1:]
    [text] = [
        body for title, body in zip(sections[::2], sections[1::2], strict=True) if title == kind
    ]
    table = text.partition("\n## ")[0].partition("\n### ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("kind", SHARED)
def test_each_reason_of_a_kind_has_one_row_and_each_row_a_reason(kind: str) -> None:
    told = [row[0].strip("`") for row in rows_of(kind)]
    assert sorted(told) == sorted(reasons_of(kind))


def test_the_kinds_have_all_reasons_between_them() -> None:
    assert set().union(*map(reasons_of, SHARED)) == {reason.value for reason in Reason}


@pytest.mark.parametrize("kind", SHARED)
def test_each_row_says_what_a_reason_means_and_what_to_do(kind: str) -> None:
    good = {"Succeeded", "Enabled", "ArtifactServed"}
    for reason, *_, means, remedy in rows_of(kind):
        assert means
        assert remedy or reason.strip("`") in good, reason


def test_each_row_of_a_run_names_the_phases_that_it_is_seen_in() -> None:
    phases = [phase for row in rows_of("JobRun") for phase in row[1].split(", ")]
    assert set(phases) == {phase.value for phase in Phase}
