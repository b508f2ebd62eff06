"""Patterns that leave files out mean what they mean to Git, and none takes for ever."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from davit_operator.plan.ignore import Ignored

PATHS = [
    *("a.md", "docs/a.md", "docs/deep/b.txt", "docs.py", "build/x", "src/build/x", "src/build.py"),
    *("a", "a/b", "a/b/c", "x/a/b", "foo", "foo/bar", "#x", "!x", "space ", "space", "a*b", "axb"),
    *("k.pyc", "k.pyd", "k.pye", "k-c", "k]c", "kbc", "kdc", "x/y/z/end", "x/end", "end", "a\\b"),
    *("tests/unit/x.json", "tests/x.json", "tests/keep/x.json", "deep/a/b", "[ab]", "star", "s*"),
]
CASES = {
    "a name anywhere": "*.md",
    "a folder anywhere": "build/",
    "a folder is no file": "docs.py/",
    "bound to the top": "/build",
    "bound by a slash within": "a/b",
    "what is in a folder, brought back in vain": "docs/\n!docs/a.md",
    "brought back": "tests/**\n!tests/keep/\n!tests/keep/**",
    "the last one decides": "*.md\n!a.md\ndocs/*.md",
    "any folders before": "**/end",
    "any folders between": "x/**/end",
    "all that is in a folder": "a/**",
    "everything": "*",
    "everything twice": "**",
    "one star stays in its folder": "docs/*.txt",
    "one character": "k.py?",
    "a range": "k.py[c-d]",
    "not a range": "k.py[!c-d]",
    "not a range, in another spelling": "k.py[^c-d]",
    "a bracket in brackets": "k[]]c",
    "a hyphen at the end": "k[b-]c",
    "an escape in brackets": "k[\\]d]c",
    "an open bracket": "k[b",
    "escaped": "a\\*b\n\\#x\n\\!x\n\\[ab\\]",
    "a backslash": "a\\\\b",
    "a backslash at the end": "a\\",
    "a comment": "# *.md",
    "spaces at the end": "space   ",
    "a space that is meant": "space\\ ",
    "empty lines": "\n\n/\n!\n*.md\n\n",
    "stars": "*a*b*\ns*r\n*ar*",
    "lines as Windows ends them": "*.md\r\nbuild/\r",
}


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("git")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True, env=_environment(folder))
    return folder


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.defpath, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}


def ignored_by_git(work: Path, patterns: str) -> set[str]:
    (work / ".git" / "info" / "exclude").write_bytes(patterns.encode())
    asked = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin", "-z"],
        cwd=work,
        env=_environment(work),
        input="\0".join(PATHS).encode(),
        check=False,
        capture_output=True,
    )
    # 1: none of them.
    assert asked.returncode in {0, 1}, asked.stderr
    return set(asked.stdout.decode().split("\0")) - {""}


@pytest.mark.parametrize("case", CASES)
def test_patterns_leave_out_what_git_leaves_out(work: Path, case: str) -> None:
    is_ignored = Ignored(CASES[case])
    assert {path for path in PATHS if is_ignored(path)} == ignored_by_git(work, CASES[case])


def test_no_patterns_leave_nothing_out() -> None:
    assert not any(map(Ignored(""), PATHS))


@pytest.mark.parametrize(
    "patterns",
    ["*a*a*a*a*a*a*a*a*a*b", "**/a/**/a/**/a/**/a/**/a/**/a/**/b", "[!b]*" * 800],
    ids=["stars in a name", "stars between folders", "as long as it may be"],
)
def test_a_hostile_pattern_and_path_take_no_time_to_speak_of(patterns: str) -> None:
    # With backtracking the first one alone would not end within the test's time limit.
    long_name, deep_path = "a" * 255, "/".join(["a"] * 1_500)
    assert not Ignored(patterns.removesuffix("*"))(long_name + "/" + deep_path)
