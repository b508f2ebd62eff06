"""Commits that move, are named by hash, or stand on no branch any more."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.gitserver.running import RemoteRepository, git_server
from tests.integration.git.conftest import Reading

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Waiting
from davit_operator.plan.git_reference import git_ref

Push = Callable[[str], RemoteRepository]


def objects_of(reading: Reading) -> list[str]:
    """Return the hashes of the commits that the only mirror holds."""
    (mirror,) = reading.folder.glob("mirrors/*.git")
    words = ["cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)"]
    printed = subprocess.run(
        ["git", f"--git-dir={mirror}", *words], check=True, capture_output=True, text=True
    ).stdout
    pairs = [line.split() for line in printed.splitlines()]
    return [name for kind, name in pairs if kind == "commit"]


def test_a_tag_that_moves_is_followed(reading: Reading, pushing: Push) -> None:
    made = pushing("moving")
    request = reading.request(git_ref(tag="v1"), url=made.url)
    for text, message in (("one", ""), ("two", "Annotated"), ("three", "")):
        commit = made.push({"a.py": text})
        made.tag("v1", message=message)
        assert reading.reader.resolve(request).revision == f"v1@sha1:{commit}"
        assert reading.files(request) == {"a.py": text.encode()}


def test_a_tag_that_is_deleted_is_missing(reading: Reading, pushing: Push) -> None:
    made = pushing("untagged")
    made.push({"a.py": "x"})
    made.tag("v1")
    request = reading.request(git_ref(tag="v1"), url=made.url)
    assert reading.files(request)
    made.delete("refs/tags/v1")
    with pytest.raises(Waiting, match=r"spec\.source\.git\.ref\.tag") as missing:
        reading.reader.resolve(request)
    assert missing.value.reason is Reason.REFERENCE_NOT_FOUND


def test_a_branch_that_is_deleted_after_it_was_served_is_missing(
    reading: Reading, pushing: Push
) -> None:
    made = pushing("vanishing")
    made.push({"a.py": "x"}, branch="old")
    made.push({"a.py": "y"})
    request = reading.request(git_ref(branch="old"), url=made.url)
    assert reading.files(request) == {"a.py": b"x"}
    made.delete("refs/heads/old")
    with pytest.raises(Waiting) as missing:
        reading.reader.resolve(request)
    assert missing.value.reason is Reason.REFERENCE_NOT_FOUND


def test_an_old_commit_is_fetched_alone(reading: Reading, pushing: Push) -> None:
    made = pushing("history")
    commits = [made.push({"a.py": str(number)}) for number in range(5)]
    request = reading.request(git_ref(commit=commits[2]), url=made.url)
    assert reading.reader.resolve(request).revision == f"sha1:{commits[2]}"
    assert reading.files(request) == {"a.py": b"2"}
    # Shallow: neither what was before nor what came after.
    assert objects_of(reading) == [commits[2]]


def test_a_commit_that_stands_on_no_branch_any_more_is_read_where_the_server_gives_it(
    reading: Reading, pushing: Push
) -> None:
    made = pushing("orphaned")
    lost = made.push({"a.py": "lost"})
    made.push({"a.py": "kept"}, force=True)
    assert reading.files(reading.request(git_ref(commit=lost), url=made.url)) == {"a.py": b"lost"}


def test_a_commit_that_the_server_does_not_give_any_more_says_so(tmp_path: Path) -> None:
    with git_server(tmp_path, speaks_v2=False, any_hash=False) as server:
        made = server.repository("jobs")
        lost = made.push({"a.py": "lost"})
        made.push({"a.py": "kept"}, force=True)
        reading = Reading(tmp_path / "state", server)
        with pytest.raises(Waiting, match="is no commit of a branch or tag") as missing:
            reading.files(reading.request(git_ref(commit=lost)))
    assert missing.value.reason is Reason.REFERENCE_NOT_FOUND


@pytest.mark.parametrize("kind", ["tree", "blob", "tag"])
def test_the_hash_of_something_else_is_no_commit(
    reading: Reading, pushing: Push, kind: str
) -> None:
    made = pushing(f"kinds-{kind}")
    made.push({"a.py": "x"})
    made.tag("v1", message="Version 1")
    named = {"tree": "HEAD^{tree}", "blob": "HEAD:a.py", "tag": "v1"}[kind]
    request = reading.request(git_ref(commit=made.git("rev-parse", named)), url=made.url)
    with pytest.raises(Waiting) as missing:
        reading.files(request)
    assert missing.value.reason is Reason.REFERENCE_NOT_FOUND
