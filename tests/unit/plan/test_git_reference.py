"""Which branches, tags, commits and folders are let through, and what is said of the others."""

from __future__ import annotations

import pytest

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Stalled, Waiting
from davit_operator.plan.git_reference import (
    GitRef,
    RefKind,
    commit_named,
    git_path,
    git_ref,
    is_ref_name,
)

COMMIT = "9f3c" * 10
OTHER = "1a2b" * 10


@pytest.mark.parametrize(
    "name",
    ["main", "feature/x", "v1.0", "ü", "a@b", "@", "refs/heads/main", "x.lock.y", "HEAD", "a-"],
)
def test_names_that_git_allows_are_allowed(name: str) -> None:
    assert is_ref_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("", "-x", "--upload-pack=x", "a b", "a..b", ".a", "a/.b", "a.lock", "a.lock/b", "/a"),
        *("a/", "a//b", "a.", "a~1", "a^", "a:b", "a?", "a*", "a[", "a\\b", "a@{1}", "a\nb"),
        *("a\x7f", "a" * 256),
    ],
)
def test_names_that_git_refuses_are_refused(name: str) -> None:
    with pytest.raises(Stalled) as refused:
        git_ref(branch=name)
    assert refused.value.reason is Reason.INVALID_SPEC
    assert refused.value.message.startswith("spec.source.git.ref.branch: ")


def test_no_reference_means_branch_main() -> None:
    assert git_ref() == GitRef(kind=RefKind.BRANCH, name="main")


def test_two_references_are_refused() -> None:
    with pytest.raises(Stalled, match="at most one"):
        git_ref(branch="main", tag="v1")


@pytest.mark.parametrize("commit", ["main", "9f3c", COMMIT.upper(), COMMIT + "0", "--all"])
def test_what_is_no_full_hash_is_no_commit(commit: str) -> None:
    with pytest.raises(Stalled, match=r"spec\.source\.git\.ref\.commit.*40 hexadecimal"):
        git_ref(commit=commit)


@pytest.mark.parametrize(
    ("path", "clean"),
    [("", ""), ("jobs", "jobs"), ("./a//b/", "a/b"), ("ü/x y", "ü/x y"), ("-x", "-x")],
)
def test_a_path_is_written_in_one_way(path: str, clean: str) -> None:
    assert git_path(path) == clean


@pytest.mark.parametrize("path", ["/etc", "..", "a/../../b", ".git", "a/.GIT/b", "a\nb", "a\0"])
def test_a_path_that_leaves_the_repository_is_refused(path: str) -> None:
    with pytest.raises(Stalled, match=r"spec\.source\.git\.path") as refused:
        git_path(path)
    assert refused.value.reason is Reason.INVALID_SPEC


def named(ref: GitRef, hashes: dict[str, str], head: str = "refs/heads/master") -> str:
    return commit_named(ref, hashes, head, "https://git.example.com/x")


def test_an_annotated_tag_names_the_commit_that_it_is_about() -> None:
    hashes = {"refs/tags/v1": OTHER, "refs/tags/v1^{}": COMMIT}
    assert named(git_ref(tag="v1"), hashes) == COMMIT
    assert named(git_ref(tag="v1"), {"refs/tags/v1": OTHER}) == OTHER


def test_a_commit_names_itself() -> None:
    assert named(git_ref(commit=COMMIT), {}) == COMMIT


@pytest.mark.parametrize(
    ("ref", "hashes", "words"),
    [
        (git_ref(branch="main"), {"HEAD": OTHER}, 'whose default branch is "master"'),
        (git_ref(branch="v1"), {"refs/tags/v1": OTHER}, r"spec\.source\.git\.ref\.tag"),
        (git_ref(tag="main"), {"refs/heads/main": OTHER}, r"spec\.source\.git\.ref\.branch"),
        (git_ref(branch="main"), {"refs/tags/main^{}": OTHER}, "Push it, or correct"),
    ],
    ids=["default branch", "a tag instead", "a branch instead", "nothing"],
)
def test_a_missing_reference_says_what_there_is(
    ref: GitRef, hashes: dict[str, str], words: str
) -> None:
    with pytest.raises(Waiting, match=words) as missing:
        named(ref, hashes)
    assert missing.value.reason is Reason.REFERENCE_NOT_FOUND
    assert ref.field in missing.value.message


def test_hashes_of_sha256_are_refused() -> None:
    with pytest.raises(Blocked, match="SHA-256"):
        named(git_ref(), {"refs/heads/main": "a" * 64})


def test_revisions_are_written_as_flux_writes_them() -> None:
    assert git_ref().revision(COMMIT) == f"main@sha1:{COMMIT}"
    assert git_ref(commit=COMMIT).revision(COMMIT) == f"sha1:{COMMIT}"
