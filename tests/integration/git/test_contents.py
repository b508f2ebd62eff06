"""What commits may hold that is large, many, or made by nobody's git."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
from tests.gitserver.running import RemoteRepository
from tests.integration.git.conftest import Reading

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Stalled
from davit_operator.effects.git import GitSettings
from davit_operator.plan.artifact import pack

Push = Callable[[str], RemoteRepository]
MIB = 2**20


def bare(reading: Reading, name: str, *words: str, stdin: bytes = b"") -> str:
    """Run git in the server's own repository ``name``: no client looks at what is made."""
    path = reading.server.root / f"{name}.git"
    done = subprocess.run(
        ["git", f"--git-dir={path}", *words], check=True, capture_output=True, input=stdin
    )
    return done.stdout.decode().strip()


def imported(reading: Reading, name: str, entries: list[bytes]) -> None:
    """Make branch main of the repository ``name``, as fast-import says it."""
    head = b"commit refs/heads/main\ncommitter Ada <ada@example.com> 0 +0000\ndata 1\nx\n"
    bare(reading, name, "fast-import", "--quiet", stdin=head + b"".join(entries))


def planted(reading: Reading, name: str, tree: bytes) -> None:
    """Make branch main of the repository ``name`` with a tree of these very bytes."""
    made = bare(
        reading, name, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=tree
    )
    identity = "Ada <ada@example.com> 0 +0000"
    text = f"tree {made}\nauthor {identity}\ncommitter {identity}\n\nx\n".encode()
    commit = bare(reading, name, "hash-object", "-w", "-t", "commit", "--stdin", stdin=text)
    bare(reading, name, "update-ref", "refs/heads/main", commit)


def refusal(reading: Reading, name: str) -> Blocked:
    with pytest.raises(Blocked) as raised:
        reading.files(reading.request(url=reading.server.url(name)))
    return raised.value


def test_ten_thousand_files_are_served_and_one_more_is_not(reading: Reading, pushing: Push) -> None:
    pushing("many")
    files = [b"M 644 inline d%d/f%d.py\ndata 1\nx\n" % (n % 100, n) for n in range(10_000)]
    imported(reading, "many", files)
    found = reading.files(reading.request(url=reading.server.url("many")))
    assert len(found) == 10_000
    pushing("too-many")
    imported(reading, "too-many", [*files, b"M 644 inline one-more.py\ndata 1\nx\n"])
    refused = refusal(reading, "too-many")
    assert (type(refused), refused.reason) == (Stalled, Reason.ARTIFACT_REFUSED)
    assert "10,000 files" in refused.message
    assert "spec.source.git.path" in refused.message


def test_a_huge_file_that_compresses_well_is_refused_unread(
    reading: Reading, pushing: Push
) -> None:
    pushing("huge")
    zeros = b"M 644 inline zeros\ndata %d\n%s\n" % (65 * MIB, bytes(65 * MIB))
    imported(reading, "huge", [b"M 644 inline jobs/__init__.py\ndata 0\n\n", zeros])
    refused = refusal(reading, "huge")
    assert (type(refused), refused.reason) == (Stalled, Reason.ARTIFACT_REFUSED)
    assert "64 MiB" in refused.message
    inside = reading.request(url=reading.server.url("huge"), path="jobs")
    assert reading.files(inside) == {"__init__.py": b""}


@pytest.mark.parametrize(
    "name", [b"..", b".", b".git", b"a/b", b".GIT", b"git~1", b"\xe2\x80\x8c.git"]
)
def test_a_name_that_git_itself_never_writes_refuses_the_commit(
    reading: Reading, name: bytes
) -> None:
    where = f"name-{name.hex()}"
    reading.server.repository(where).push({"a.py": "x"})
    blob = bytes.fromhex(bare(reading, where, "rev-parse", "main:a.py"))
    planted(reading, where, b"100644 " + name + b"\0" + blob)
    refused = refusal(reading, where)
    assert (type(refused), refused.reason) == (Stalled, Reason.ARTIFACT_REFUSED)
    assert "Git's own check" in refused.message


@pytest.mark.parametrize("target", [b"/etc/passwd", b"../../etc/passwd", b"loop", b"a/../../x"])
def test_a_symlink_that_leads_out_refuses_the_commit(reading: Reading, target: bytes) -> None:
    where = f"link-{target.hex()}"
    reading.server.repository(where)
    link = b"M 120000 inline loop\ndata %d\n%s\n" % (len(target), target)
    imported(reading, where, [link, b"M 644 inline a/b.py\ndata 1\nx\n"])
    tree = reading.reader.fetch(
        reading.reader.resolve(reading.request(url=reading.server.url(where)))
    )
    with pytest.raises(Stalled) as refused:
        pack(tree.files)
    assert refused.value.reason is Reason.ARTIFACT_REFUSED
    assert '"loop"' in refused.value.message


def test_names_with_line_breaks_quotes_and_other_scripts_are_kept(
    reading: Reading, pushing: Push
) -> None:
    names = ["a b.py", "a\nb.py", "q\"uote'.py", "ü/日本.py", "-rf", "--help", "a\\b", "..a", "a.."]
    pushing("names").push({name: name for name in names})
    found = reading.files(reading.request(url=reading.server.url("names")))
    assert found == {name: name.encode() for name in names}


def test_a_name_that_is_not_utf_8_is_refused_with_the_name(reading: Reading, pushing: Push) -> None:
    pushing("latin")
    imported(reading, "latin", [b'M 644 inline "caf\\351.py"\ndata 1\nx\n'])
    refused = refusal(reading, "latin")
    assert refused.reason is Reason.ARTIFACT_REFUSED
    assert "caf" in refused.message


def test_what_takes_more_memory_than_git_may_use_is_refused(
    reading: Reading, pushing: Push
) -> None:
    pushing("wide")
    # One folder of 200,000 long names: Git holds it whole.
    names = b"".join(b"100644 %0230d\0" % n + bytes([1]) * 20 for n in range(200_000))
    planted(reading, "wide", names)
    settings = GitSettings(folder=reading.folder, max_memory_bytes=40 * MIB)
    reader = reading.reader_with(settings)
    with pytest.raises(Stalled, match="larger than the operator downloads") as refused:
        reader.fetch(reader.resolve(reading.request(url=reading.server.url("wide"))))
    assert refused.value.reason is Reason.ARTIFACT_REFUSED
    assert reader.resolve(reading.request()).commit
