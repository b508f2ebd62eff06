"""What a server says in packets is read, or refused, whatever its bytes are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davit_operator.effects.git_packets import NotAPacketError, advertised, offers, question

COMMIT, TAG = "9f3c" * 10, "1a2b" * 10
MAIN = ("refs/heads/main", "refs/tags/main", "refs/tags/main^{}")
FLUSH = b"0000"


def packet(text: str) -> bytes:
    return b"%04x%s" % (len(text.encode()) + 4, text.encode())


OFFER = b"".join(
    (
        packet("# service=git-upload-pack\n"),
        FLUSH,
        packet("version 2\n"),
        packet("agent=git/2.39.5\n"),
        packet("ls-refs=unborn\n"),
        packet("object-format=sha1\n"),
        FLUSH,
    )
)


def test_a_server_of_version_2_offers_references() -> None:
    assert offers(OFFER, "git-upload-pack")["agent"] == "git/2.39.5"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        OFFER.replace(b"version 2", b"version 1"),
        OFFER.replace(b"ls-refs", b"xx-refs"),
        OFFER.replace(b"=sha1", b"=sha2"),
        OFFER.replace(b"# service", b"# another"),
        packet(f"{COMMIT} HEAD\0multi_ack\n") + FLUSH,
        b"<html>not Git</html>",
        OFFER[:-6],
    ],
    ids=["empty", "1", "no references", "hashes", "service", "version 0", "a page", "cut"],
)
def test_another_offer_is_left_to_git(body: bytes) -> None:
    with pytest.raises(NotAPacketError):
        offers(body, "git-upload-pack")


def test_no_more_is_asked_than_was_offered() -> None:
    asked = question(MAIN, {"object-format": "sha1"})
    assert packet("object-format=sha1\n") in asked
    assert packet("ref-prefix refs/heads/main\n") in asked
    assert asked.count(b"ref-prefix refs/tags/main\n") == 1
    assert b"^{}" not in asked
    assert b"object-format" not in question(MAIN, {})


def test_references_head_and_peeled_tags_are_read() -> None:
    body = b"".join(
        (
            packet(f"{COMMIT} HEAD symref-target:refs/heads/main\n"),
            packet(f"{COMMIT} refs/heads/main\n"),
            packet(f"{COMMIT} refs/heads/main-2\n"),
            packet(f"{TAG} refs/tags/main peeled:{COMMIT}\n"),
            FLUSH,
        )
    )
    said = advertised(body, MAIN)
    assert said.head == "refs/heads/main"
    assert said.hashes == {
        "HEAD": COMMIT,
        "refs/heads/main": COMMIT,
        "refs/tags/main": TAG,
        "refs/tags/main^{}": COMMIT,
    }


def test_an_empty_repository_has_no_references() -> None:
    assert advertised(FLUSH, MAIN).hashes == {}


@pytest.mark.parametrize(
    "body",
    [
        packet(f"{COMMIT} refs/heads/main\n"),
        packet("ERR go away\n") + FLUSH,
        packet(f"{COMMIT[:-1]} refs/heads/main\n") + FLUSH,
        packet(f"{COMMIT * 2} refs/heads/main\n") + FLUSH,
        packet(f"{TAG} refs/tags/main peeled:--upload-pack=x\n") + FLUSH,
        b"fffe" + FLUSH,
        b"00zz" + FLUSH,
    ],
    ids=["no end", "an error", "short", "long", "no hash", "a wrong length", "no length"],
)
def test_another_answer_is_left_to_git(body: bytes) -> None:
    with pytest.raises((NotAPacketError, ValueError)):
        advertised(body, MAIN)


@given(body=st.binary(max_size=200) | st.text("0123456789abcdef HEAD\n").map(str.encode))
def test_no_bytes_bring_it_down(body: bytes) -> None:
    try:
        said = advertised(body + FLUSH, MAIN)
    except (NotAPacketError, ValueError):
        return
    assert all(len(value) == 40 for value in said.hashes.values())
