"""Every block of the guide is run here, or against a cluster in tests/e2e/test_guide.py."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests import guide
from tests.runner.commands import Commands

import davit as sdk
from davit._meta import ATTRIBUTES
from davit._runner.apps import ENTRY_POINT_GROUP
from davit._runner.watch import Limits
from davit_contract import places

CONSOLES = guide.console_blocks()
# What differs from one run to the next, and what the guide shows for it.
VARYING = (
    (re.compile(r"^\d\d:\d\d:\d\d ", re.MULTILINE), "06:30:00 "),
    (re.compile(r"after \d+\.\d\d s"), "after 0.01 s"),
    (re.compile(r"in \d+\.\d\ds"), "in 0.50s"),
    (re.compile(r"jobrun-\S+\.pstats \([\d,]+ bytes\)"), "jobrun-local.pstats (2,000 bytes)"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return guide.write(tmp_path_factory.mktemp("guide"), guide.files())


def typed(davit: Commands, command: str, folder: Path) -> str:
    """Return what the user sees who types the command."""
    program, *arguments = shlex.split(command)
    if program == "davit":
        printed = davit.run(*arguments, cwd=folder, together=True).out
    else:
        assert program == "pytest"
        printed = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments],
            cwd=folder, check=False, capture_output=True, text=True,
            # What else is installed here takes longer to start than the tests.
            env={**os.environ, "PYTEST_ADDOPTS": "-p no:hypothesispytest -p no:xdist"},
        ).stdout  # fmt: skip
    for varying, shown in VARYING:
        printed = varying.sub(shown, printed)
    return "".join(f"{line.rstrip()}\n" for line in printed.replace(f"{folder}/", "").splitlines())


@pytest.mark.parametrize("command", CONSOLES)
def test_a_command_of_the_guide_prints_what_it_shows(
    davit: Commands, tmp_path: Path, command: str, request: pytest.FixtureRequest
) -> None:
    files, _ = CONSOLES[command]
    printed = typed(davit, command, guide.write(tmp_path, files))
    if request.config.getoption("--update-golden"):
        guide.show(command, printed)
    assert guide.console_blocks()[command][1] == printed


def test_every_block_of_the_guide_is_run() -> None:
    # The shell's lines are typed in tests/e2e/test_guide.py.
    without_title = {block.language for block in guide.blocks() if not block.title}
    assert without_title == {"console", "sh"}
    ways = {".py", ".json", ".txt", ".yaml", ".toml", ".ini"}
    assert {Path(name).suffix for name in guide.files()} <= ways


def test_every_file_of_the_guide_is_used(davit: Commands, folder: Path) -> None:
    """Scripts run; modules of jobs are imported without a problem; manifests: tests/contract."""
    typed(davit, next(command for command in CONSOLES if "--profile" in command), folder)
    for name in guide.files():
        if "/" not in name and name.endswith(".py"):
            ran = subprocess.run(
                [sys.executable, name], cwd=folder, check=True, capture_output=True, text=True
            )
            assert "report.py" in ran.stdout
    for root in ("my-jobs", "netops"):
        code, out, err = davit.run("check", root, cwd=folder)
        assert (code, err) == (0, ""), out


def test_the_guides_entry_point_is_in_davits_group(folder: Path) -> None:
    import tomllib

    read = tomllib.loads((folder / "pyproject.toml").read_text())
    assert [*read["project"]["entry-points"]] == [ENTRY_POINT_GROUP]


def test_every_link_in_the_guide_leads_somewhere() -> None:
    text = guide.PATH.read_text()
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\((.*?)\)", text)
    assert {link.removeprefix("#") for link in links} <= anchors


def rows(heading: str, columns: int = 1) -> list[str]:
    """Return the first cells of the table whose head begins so."""
    text = guide.PATH.read_text()
    table = text[text.index(f"| {heading} |") :].partition("\n\n")[0]
    cells = [line.split("|")[1:][:columns] for line in table.splitlines()[2:]]
    return [cell.strip() for row in cells for cell in row]


def test_the_guide_names_every_variable() -> None:
    assert sorted(re.findall(r"\w+Var", " ".join(rows("Variable")))) == sorted(
        name for name in sdk.__all__ if name.endswith("Var")
    )


def test_the_guide_names_every_attribute_of_meta() -> None:
    named = re.findall(r"`(\w+)`", " ".join(rows("Attribute")))
    assert sorted(named) == sorted(ATTRIBUTES)


def test_the_guide_names_every_option_of_the_command(davit: Commands) -> None:
    out = davit.run("run", "--help").out
    known = set(re.findall(r"(--[a-z-]+)", out)) - {"--help"}
    assert set(re.findall(r"(--[a-z-]+)", " ".join(rows("Option of `davit run`")))) == known


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7 MiB", places.LOG_BUDGET_BYTES),
        ("1 MiB; 1.5 MiB and 64 files", places.MAX_FILE_BYTES),
        ("1.5 MiB and 64 files", places.MAX_FILES_BYTES),
        ("16 KiB", places.MAX_RESULT_BYTES),
        ("64 KiB; 500", places.MAX_DESCRIPTION_BYTES),
        ("448 MiB; 64", Limits().memory_limit_bytes),
    ],
)
def test_the_limits_in_the_guide_are_the_codes(text: str, value: int) -> None:
    number, unit = text.split()[:2]
    size = {"MiB": 1024 * 1024, "KiB": 1024}[unit.strip(";")]
    assert float(number) * size == value
    assert text in guide.PATH.read_text()
    assert (places.MAX_FILES, places.MAX_DESCRIPTIONS, Limits().process_limit) == (64, 500, 64)


def test_the_inputs_in_the_guide_are_those_of_its_jobs(davit: Commands, folder: Path) -> None:
    [inputs] = re.findall(r"`inputs: \{(vid.*?)\}`", guide.PATH.read_text())
    data = {"vid": 20, "sites": ["ber", "tyo"], "prefix": "192.0.2.0/24", "routed": False}
    assert inputs == json.dumps(data).replace('"', "").removeprefix("{").removesuffix("}")
    ended = davit.run("run", "my-jobs", "add_vlan.AddVlan", "--data", json.dumps(data), cwd=folder)
    assert ended.code == 0
