"""The archive of a commit: the same bytes for the same files, and nothing outside its tree."""

from __future__ import annotations

import bz2
import hashlib
import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled
from davit_operator.plan.artifact import PackedArtifact, pack
from davit_operator.plan.artifact_tree import (
    MAX_PART_BYTES,
    ArtifactLimits,
    FileMode,
    SourceFile,
)

NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40
).filter(lambda name: name not in {".", ".."} and name.lower() != ".git")


@st.composite
def trees(draw: st.DrawFn) -> list[SourceFile]:
    """Files of which none lies below another; every symlink is to a file of its own folder."""
    folders = draw(st.lists(NAMES, max_size=3, unique=True))
    places = [("", draw(st.lists(NAMES, max_size=4, unique=True)))]
    places += [(f"{f}/", draw(st.lists(NAMES, max_size=4, unique=True))) for f in folders]
    files = []
    for folder, names in places:
        for name in names:
            if not folder and name in folders:
                continue
            mode = draw(st.sampled_from([*FileMode]))
            is_link = mode is FileMode.SYMLINK
            data = f"./{name}.target".encode() if is_link else draw(st.binary(max_size=300))
            files.append(SourceFile(path=f"{folder}{name}", mode=mode, data=data))
    return files


def joined(artifact: PackedArtifact) -> bytes:
    return b"".join(part.data for part in artifact.parts)


def unpacked(artifact: PackedArtifact) -> list[SourceFile]:
    found = []
    with tarfile.open(fileobj=io.BytesIO(joined(artifact)), mode="r:bz2") as tar:
        for member in tar.getmembers():
            assert (member.mtime, member.uid, member.gid) == (0, 0, 0)
            assert (member.uname, member.gname) == ("", "")
            mode = FileMode.EXECUTABLE if member.mode == 0o755 else FileMode.REGULAR
            content = tar.extractfile(member) if member.isreg() else None
            data = content.read() if content else member.linkname.encode()
            mode = FileMode.SYMLINK if member.issym() else mode
            found.append(SourceFile(path=member.name, mode=mode, data=data))
    return found


def file(path: str, data: bytes = b"") -> SourceFile:
    return SourceFile(path=path, data=data)


def noise(size: int) -> bytes:
    """Return bytes that cannot be compressed."""
    return hashlib.shake_256(b"davit").digest(size)


def link(path: str, target: str) -> SourceFile:
    return SourceFile(path=path, mode=FileMode.SYMLINK, data=target.encode())


@given(trees().flatmap(lambda tree: st.tuples(st.just(tree), st.permutations(tree))))
def test_the_order_of_files_does_not_change_the_artifact(
    both: tuple[list[SourceFile], list[SourceFile]],
) -> None:
    tree, shuffled = both
    assert pack(shuffled) == pack(tree)


@given(tree=trees())
def test_unpacking_gives_the_files_back_sorted(tree: list[SourceFile]) -> None:
    assert unpacked(pack(tree)) == sorted(tree, key=lambda each: each.path)


@given(tree=trees())
def test_digest_and_size_are_those_of_the_parts_joined(tree: list[SourceFile]) -> None:
    artifact = pack(tree)
    assert artifact.digest == f"sha256:{hashlib.sha256(joined(artifact)).hexdigest()}"
    assert (artifact.size_bytes, artifact.files) == (len(joined(artifact)), len(tree))


def test_the_same_code_has_the_same_digest_everywhere() -> None:
    # Written down: another machine, Python or bzip2 must find it, too.
    tree = [file("jobs/__init__.py"), file("jobs/ä.py", b"x = 1\n"), link("jobs/b.py", "ä.py")]
    expected = "sha256:25784774d22d1a384eb03481ce8727ea4f907f2817dbbf8fe4fbc23ceb1e6dd8"
    assert pack(tree).digest == expected


def test_a_large_artifact_is_cut_into_parts_named_by_the_whole() -> None:
    artifact = pack([file("data", noise(2 * MAX_PART_BYTES))])
    prefix = f"davit-{artifact.digest.removeprefix('sha256:')[:32]}"
    assert [part.name for part in artifact.parts] == [f"{prefix}-{n}" for n in range(3)]
    assert [len(part.data) for part in artifact.parts[:2]] == [MAX_PART_BYTES] * 2
    assert bz2.decompress(joined(artifact))


def test_an_empty_tree_is_an_artifact() -> None:
    assert unpacked(pack([])) == []
    assert len(pack([]).parts) == 1


def test_names_that_differ_by_case_are_two_files() -> None:
    assert len(unpacked(pack([file("Makefile"), file("makefile")]))) == 2


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ([file("/etc/passwd")], "not a path below"),
        ([file("a/../../b")], "not a path below"),
        ([file("a//b")], "not a path below"),
        ([file("./a")], "not a path below"),
        ([file("")], "not a path below"),
        ([file("a\0b")], "not a path below"),
        ([file(".git/config")], "Git's own"),
        ([file("a/.GIT/hooks/x")], "Git's own"),
        ([file("a" * 256)], "longer name"),
        ([file("/".join(["a" * 200] * 16))], "longer name"),
        ([file("\udcff")], "not UTF-8"),
        ([file("a"), file("a")], "twice"),
        ([file("a"), file("a/b")], "no folder"),
        ([link("a", "b"), file("a/b/c")], "no folder"),
    ],
    ids=[
        *("absolute", "two dots", "an empty component", "a dot", "empty", "a null character"),
        *("Git's folder", "Git's folder in capitals", "a long component", "a long path"),
        *("not UTF-8", "one path twice", "below a file", "below a symlink"),
    ],
)
def test_a_path_refuses_the_commit(tree: list[SourceFile], words: str) -> None:
    with pytest.raises(Stalled, match=words) as refused:
        pack(tree)
    assert refused.value.reason is Reason.ARTIFACT_REFUSED


@pytest.mark.parametrize(
    "tree",
    [
        [link("a", "/etc/passwd")],
        [link("a", "..")],
        [link("jobs/a", "../../x")],
        [link("jobs/a", "b/../../../x"), file("jobs/b/c")],
        # Lexically inside, but "deep" leads to the top.
        [link("x/y/deep", "../.."), link("a", "x/y/deep/../b")],
        [link("a", "b"), link("b", "c"), link("c", "../x")],
        [link("a", "b"), link("b", "/x")],
    ],
    ids=[
        *("absolute", "the root's parent", "above the root", "through a folder"),
        *("through another symlink", "by a chain", "by a chain, absolute"),
    ],
)
def test_a_symlink_out_of_the_tree_refuses_the_commit(tree: list[SourceFile]) -> None:
    with pytest.raises(Stalled, match="leads to") as refused:
        pack(tree)
    assert refused.value.reason is Reason.ARTIFACT_REFUSED
    assert f'"{tree[0].path}"' in refused.value.message or '"a"' in refused.value.message
    assert "spec.source.git.path" in refused.value.message


@pytest.mark.parametrize(
    "target", ["b.py", "../b.py", "./../jobs/./b.py", "missing", "..", "../jobs/../b.py"]
)
def test_a_symlink_inside_the_tree_is_kept(target: str) -> None:
    assert link("jobs/a", target) in unpacked(pack([link("jobs/a", target), file("b.py")]))


def test_symlinks_in_a_circle_refuse_the_commit() -> None:
    with pytest.raises(Stalled, match="without an end"):
        pack([link("a", "b"), link("b", "a")])


@pytest.mark.parametrize("data", [b"", b"a\0b", b"\xff", b"a" * 5000])
def test_a_symlink_without_a_usable_target_refuses_the_commit(data: bytes) -> None:
    with pytest.raises(Stalled, match="is a symlink whose target"):
        pack([SourceFile(path="a", mode=FileMode.SYMLINK, data=data)])


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (ArtifactLimits(files=1), "more than 1 files"),
        (ArtifactLimits(unpacked_bytes=2**20), "more than 1 MiB"),
    ],
    ids=["files", "bytes"],
)
def test_too_much_refuses_the_commit_with_the_limit_and_the_way_out(
    limits: ArtifactLimits, words: str
) -> None:
    with pytest.raises(Stalled, match=words) as refused:
        pack([file("a", bytes(2**20)), file("b", b"x")], limits)
    assert "spec.source.git.path" in refused.value.message


def test_what_does_not_fit_the_parts_is_refused() -> None:
    with pytest.raises(Stalled, match="compressed"):
        pack([file("noise", noise(200_000))], ArtifactLimits(packed_bytes=100_000))


def test_an_error_shows_no_unprintable_name() -> None:
    with pytest.raises(Stalled) as refused:
        pack([link("a\x1b[31m\n", "/x")])
    assert refused.value.message.isprintable()
