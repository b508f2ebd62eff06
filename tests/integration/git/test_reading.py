"""Commits are found and read as they were pushed."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.gitserver.running import HOST_NAME, RemoteRepository, git_server
from tests.integration.git.conftest import Reading, assert_no_canary, credentials

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Stalled, Waiting
from davit_operator.effects.git import GitRequest, GitSettings
from davit_operator.plan.artifact import pack
from davit_operator.plan.artifact_tree import ArtifactLimits, FileMode
from davit_operator.plan.git_reference import git_ref, is_ref_name

Push = Callable[[str], RemoteRepository]


def url(repository: RemoteRepository) -> str:
    return repository.url


def test_a_branch_is_followed(reading: Reading, pushing: Push) -> None:
    made = pushing("followed")
    request = reading.request(url=made.url)
    for text in ("one", "two"):
        commit = made.push({"a.py": text})
        contact = reading.reader.resolve(request)
        assert (contact.commit, contact.revision) == (commit, f"main@sha1:{commit}")
        assert reading.files(request) == {"a.py": text.encode()}


def test_a_force_push_is_followed(reading: Reading, pushing: Push) -> None:
    made = pushing("forced")
    request = reading.request(url=made.url)
    made.push({"a.py": "one"})
    assert reading.files(request) == {"a.py": b"one"}
    made.push({"b.py": "two"}, force=True)
    assert reading.files(request) == {"b.py": b"two"}


def test_tags_and_commits_are_read(reading: Reading, pushing: Push) -> None:
    made = pushing("tagged")
    first = made.push({"a.py": "one"})
    made.tag("light")
    made.tag("v1", message="Version 1")
    made.push({"a.py": "two"})
    for ref in (git_ref(tag="light"), git_ref(tag="v1"), git_ref(commit=first)):
        request = reading.request(ref, url=made.url)
        assert reading.reader.resolve(request).commit == first
        assert reading.files(request) == {"a.py": b"one"}


def test_a_branch_named_like_a_tag_is_not_mixed_up(reading: Reading, pushing: Push) -> None:
    made = pushing("twins")
    made.push({"a.py": "tag"})
    made.tag("v1")
    made.push({"a.py": "branch"}, branch="v1")
    made.push({"a.py": "longer"}, branch="x/refs/heads/v1")
    assert reading.files(reading.request(git_ref(tag="v1"), url=made.url)) == {"a.py": b"tag"}
    assert reading.files(reading.request(git_ref(branch="v1"), url=made.url)) == {"a.py": b"branch"}


def test_a_host_name_is_contacted_at_the_address_that_was_checked(reading: Reading) -> None:
    # The name is in no DNS: without pinning git could not find it.
    request = reading.request(url=reading.server.url("jobs", HOST_NAME))
    assert "jobs/hello.py" in reading.files(request)


def test_a_folder_is_the_root(reading: Reading) -> None:
    assert reading.files(reading.request(path="jobs")) == {
        "__init__.py": b"",
        "hello.py": b"x = 1\n",
    }


@pytest.mark.parametrize("path", ["job", "README", "jobs/hello.py", "--all", ":(glob)*"])
def test_a_folder_that_is_none_is_named(reading: Reading, path: str) -> None:
    with pytest.raises(Stalled, match=r"spec\.source\.git\.path") as missing:
        reading.files(reading.request(path=path))
    assert missing.value.reason is Reason.INVALID_SPEC
    assert path in missing.value.message


def test_modes_symlinks_and_odd_names_are_kept(reading: Reading, pushing: Push) -> None:
    made = pushing("modes")
    made.push({"run.sh": "#!/bin/sh\n", "jobs/a b\tü\n.py": "x", "bytes": bytes(range(256))})
    (made.work / "run.sh").chmod(0o755)
    (made.work / "jobs/link").symlink_to("../run.sh")
    made.push_work()
    tree = reading.reader.fetch(reading.reader.resolve(reading.request(url=made.url)))
    found = {file.path: (file.mode, file.data) for file in tree.files}
    assert found == {
        "run.sh": (FileMode.EXECUTABLE, b"#!/bin/sh\n"),
        "jobs/link": (FileMode.SYMLINK, b"../run.sh"),
        "jobs/a b\tü\n.py": (FileMode.REGULAR, b"x"),
        "bytes": (FileMode.REGULAR, bytes(range(256))),
    }
    assert pack(tree.files).files == 4


def test_attributes_hooks_and_filters_of_the_repository_do_nothing(
    reading: Reading, pushing: Push, tmp_path: Path
) -> None:
    made = pushing("filters")
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    hook = f"#!/bin/sh\ntouch {tmp_path}/ran\n"
    files = {
        ".gitattributes": "* filter=evil eol=crlf export-ignore\nbig filter=lfs\n",
        "a.py": "x = 1\n",
        "big": pointer,
        "hooks/post-checkout": hook,
    }
    made.push(files)
    tree = reading.reader.fetch(reading.reader.resolve(reading.request(url=made.url)))
    assert {file.path: file.data.decode() for file in tree.files} == files
    assert [note for note in tree.notes if "big" in note and "LFS" in note]
    assert not (tmp_path / "ran").exists()


def test_submodules_are_left_out_with_a_note(reading: Reading, pushing: Push) -> None:
    made = pushing("modules")
    commit = made.push({"a.py": "x"})
    made.git("update-index", "--add", "--cacheinfo", f"160000,{commit},vendor/lib")
    made.git("commit", "--quiet", "--message", "Add a submodule")
    made.git("push", "--quiet", "origin", "HEAD:refs/heads/main")
    tree = reading.reader.fetch(reading.reader.resolve(reading.request(url=made.url)))
    assert [file.path for file in tree.files] == ["a.py"]
    assert tree.notes == ('"vendor/lib" is a submodule: it is left out.',)


def test_a_symlink_out_of_the_tree_refuses_the_commit(reading: Reading, pushing: Push) -> None:
    made = pushing("links")
    made.push({"a.py": "x"})
    (made.work / "evil").symlink_to("/etc/passwd")
    made.push_work()
    tree = reading.reader.fetch(reading.reader.resolve(reading.request(url=made.url)))
    with pytest.raises(Stalled, match=r'"evil" leads to "/etc/passwd"'):
        pack(tree.files)


@pytest.mark.parametrize(
    "limits",
    [ArtifactLimits(files=2), ArtifactLimits(unpacked_bytes=3)],
    ids=["files", "bytes"],
)
def test_too_much_is_refused_before_it_is_read(reading: Reading, limits: ArtifactLimits) -> None:
    reader = reading.reader_with(GitSettings(folder=reading.folder, limits=limits))
    with pytest.raises(Stalled, match=r"spec\.source\.git\.path") as refused:
        reader.fetch(reader.resolve(reading.request()))
    assert refused.value.reason is Reason.ARTIFACT_REFUSED


def test_what_is_ignored_is_neither_read_nor_counted(reading: Reading, pushing: Push) -> None:
    made = pushing("ignoring")
    made.push({"jobs/a.py": "x", "jobs/data/big.csv": "1" * 5_000, "jobs/data/keep.csv": "2"})
    (made.work / "jobs/evil").symlink_to("/etc/passwd")
    made.push_work()
    limits = ArtifactLimits(files=2, unpacked_bytes=100)
    reader = reading.reader_with(GitSettings(folder=reading.folder, limits=limits))
    ignore = "# not served\ndata/*\n!data/keep.csv\n/evil\n"
    request = replace(reading.request(url=made.url, path="jobs"), ignore=ignore)
    tree = reader.fetch(reader.resolve(request))
    assert [file.path for file in tree.files] == ["a.py", "data/keep.csv"]
    assert pack(tree.files).files == 2


def test_more_files_than_are_looked_through_are_refused(reading: Reading) -> None:
    settings = GitSettings(folder=reading.folder, limits=ArtifactLimits(listed=2))
    reader = reading.reader_with(settings)
    with pytest.raises(Stalled, match=r"more than 2 files.*spec\.source\.git\.path") as refused:
        reader.fetch(reader.resolve(replace(reading.request(), ignore="*")))
    assert refused.value.reason is Reason.ARTIFACT_REFUSED


def test_a_download_beyond_the_limit_is_stopped(reading: Reading, pushing: Push) -> None:
    made = pushing("large")
    made.push({"noise": hashlib.shake_256(b"davit").digest(300_000)})
    settings = GitSettings(folder=reading.folder, max_fetch_bytes=100_000)
    reader = reading.reader_with(settings)
    with pytest.raises(Blocked, match="larger than the operator downloads") as refused:
        reader.fetch(reader.resolve(reading.request(url=made.url)))
    assert refused.value.reason is Reason.ARTIFACT_REFUSED


def test_an_empty_repository_has_no_branch(reading: Reading, pushing: Push) -> None:
    with pytest.raises(Waiting, match='Branch "main" does not exist') as missing:
        reading.reader.resolve(reading.request(url=pushing("empty").url))
    assert missing.value.reason is Reason.REFERENCE_NOT_FOUND


def test_a_deleted_branch_is_missing(reading: Reading, pushing: Push) -> None:
    made = pushing("deleted")
    made.push({"a.py": "x"})
    made.push({"a.py": "y"}, branch="old")
    made.delete("refs/heads/old")
    with pytest.raises(Waiting, match='default branch is "main"'):
        reading.reader.resolve(reading.request(git_ref(branch="old"), url=made.url))


def test_a_commit_that_is_nowhere_is_missing(reading: Reading) -> None:
    contact = reading.reader.resolve(reading.request(git_ref(commit="ab" * 20)))
    with pytest.raises(Waiting, match=r"spec\.source\.git\.ref\.commit") as missing:
        reading.reader.fetch(contact)
    assert missing.value.reason is Reason.REFERENCE_NOT_FOUND


@pytest.mark.parametrize("pinned", [False, True], ids=["a branch", "an old commit"])
def test_a_server_that_gives_no_bare_hashes_is_read(tmp_path: Path, pinned: bool) -> None:
    with git_server(tmp_path, speaks_v2=False, any_hash=False) as server:
        made = server.repository("jobs")
        commits = [made.push({"a.py": text}) for text in ("one", "two")]
        reading = Reading(tmp_path / "state", server)
        ref = git_ref(commit=commits[0]) if pinned else git_ref()
        assert reading.files(reading.request(ref)) == {"a.py": b"one" if pinned else b"two"}
        with pytest.raises(Waiting) as missing:
            reading.files(reading.request(git_ref(commit="ab" * 20)))
        assert missing.value.reason is Reason.REFERENCE_NOT_FOUND


def test_a_broken_mirror_heals(reading: Reading) -> None:
    expected = reading.files(reading.request())
    for pack_file in reading.folder.glob("mirrors/*.git/objects/pack/*.pack"):
        pack_file.chmod(0o600)
        pack_file.write_bytes(b"PACK")
    for name in ("shallow.lock", "objects/pack/tmp_pack_x"):
        (next(reading.folder.glob("mirrors/*.git")) / name).touch()
    outcomes = []
    for _ in range(2):
        try:
            outcomes.append(reading.files(reading.request()))
        except Waiting as waiting:
            outcomes.append({str(waiting.reason): b""})
    assert outcomes[-1] == expected


def test_one_contact_serves_all_that_have_the_same_credentials(reading: Reading) -> None:
    contact = reading.reader.resolve(reading.request())
    same = credentials(reading.server, uid="uid-of-another-namespace")
    other = replace(reading.request(path="jobs", credentials=same), namespace="other")
    assert other.contact_key == contact.request.contact_key
    tree = reading.reader.fetch(contact.sighting.contact(other))
    assert [file.path for file in tree.files] == ["__init__.py", "hello.py"]
    assert len(list(reading.folder.glob("mirrors/*"))) == 1


@pytest.mark.parametrize("other", ["password", "reference", "url"])
def test_a_contact_is_not_shared_with_others(reading: Reading, other: str) -> None:
    requests = {
        "password": reading.request(credentials=credentials(reading.server, password="guess")),  # noqa: S106 (a wrong one)
        "reference": reading.request(git_ref(branch="other")),
        "url": reading.request(url=reading.server.url("others")),
    }
    sighting = reading.reader.resolve(reading.request()).sighting
    assert_no_canary(repr(sighting))
    with pytest.raises(ValueError, match="belongs to"):
        sighting.contact(requests[other])


def test_mirrors_that_nobody_uses_are_removed(reading: Reading) -> None:
    kept = reading.request()
    other = GitRequest(
        address=kept.address,
        ref=kept.ref,
        namespace="other",
        timeout_seconds=30,
        credentials=kept.credentials,
    )
    reading.files(kept)
    reading.files(other)
    assert reading.reader.prune({kept.mirror_name}) == 1
    assert [path.name for path in reading.folder.glob("mirrors/*")] == [kept.mirror_name]


@pytest.mark.parametrize(
    "name",
    [
        *("main", "a/b", "@", "HEAD", "ü", "a@b", "a{b", "a}", "x.lock.y", "a-", "a.b", "a'b"),
        *("", "a..b", ".a", "a/.b", "a.lock", "a.lock/b", "a b", "a~", "a^", "a:", "a?", "a*"),
        *("a[", "a\\", "a@{", "/a", "a/", "a//b", "a.", "a\x7f", "a\x01", "a\tb"),
    ],
)
def test_git_agrees_on_the_names_of_references(repository: RemoteRepository, name: str) -> None:
    asked = ["git", "check-ref-format", f"refs/heads/{name}"]
    said = subprocess.run(asked, check=False, cwd=repository.work)
    assert is_ref_name(name) == (said.returncode == 0)
