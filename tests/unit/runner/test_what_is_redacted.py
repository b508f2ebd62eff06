from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.runner.disguised import (
    DISGUISES,
    HARD_SECRETS,
    cuts,
    disguises,
    pieces_of,
    secrets,
    shares,
)

from davit._runner.credentials import redacted, redacted_data
from davit._runner.lines import MAX_PENDING_BYTES, LineSplitter
from davit._runner.redact import Redactor


# What Nautobot redacts ...
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://user:password@localhost", "http://(redacted)@localhost"),
        ("HTTPS://:password@EXAMPLE.COM", "HTTPS://(redacted)@EXAMPLE.COM"),
        ("username ada, password x1", "username (redacted) password (redacted)"),
        ("Username: me Password: you", "Username: (redacted) Password: (redacted)"),
        ("My username is ada", "My username is (redacted)"),
        ("My password is: x!1", "My password is: (redacted)"),
        (
            "as username FOO and password BAR at https://FOO:BAR@example.com",
            "as username (redacted) and password (redacted) at https://(redacted)@example.com",
        ),
        ("Password is1234", "Password (redacted)"),
        ("Password: is1234", "Password: (redacted)"),
        ("Password is is1234", "Password is (redacted)"),
        ("secret is: x", "secret is: (redacted)"),
        ("the secrets is x", "the secrets is (redacted)"),
        ("pwd x passwd y", "pwd (redacted) passwd (redacted)"),
        ("admin:hunter2@10.0.0.1", "(redacted)@10.0.0.1"),
    ],
)
def test_what_nautobot_redacts_is_redacted(text: str, expected: str) -> None:
    assert redacted(text) == expected
    assert redacted(expected) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("password=x", "password=(redacted)"),
        ("password = x", "password = (redacted)"),
        ("token: x", "token: (redacted)"),
        ("TOKEN=x next", "TOKEN=(redacted) next"),
        ("AWS_SECRET_ACCESS_KEY=x", "AWS_SECRET_ACCESS_KEY=(redacted)"),
        ("api-key => x", "api-key => (redacted)"),
        ("X-Auth-Token: x", "X-Auth-Token: (redacted)"),
        ('{"password": "x y", "a": 1}', '{"password": "(redacted)", "a": 1}'),
        ('{"username": "x"}', '{"username": "(redacted)"}'),
        ("{'secret': 'x', 'a': 1}", "{'secret': '(redacted)', 'a': 1}"),
        (r'passphrase: "x \" y" z', 'passphrase: "(redacted)" z'),
        ("Authorization: Bearer x", "Authorization: Bearer (redacted)"),
        ("authorization: x", "authorization: (redacted)"),
        (
            "{'Authorization': 'Basic eDp5', 'b': 2}",
            "{'Authorization': 'Basic (redacted)', 'b': 2}",
        ),
        ("('Authorization', 'Bearer abcdefghijklmnop')", "('Authorization', 'Bearer (redacted)')"),
        ("postgres://user:p@ss@db/x", "postgres://(redacted)@db/x"),
        ("one password: x\ntwo token=y", "one password: (redacted)\ntwo token=(redacted)"),
    ],
)
def test_what_nautobot_misses_is_redacted_too(text: str, expected: str) -> None:
    assert redacted(text) == expected
    assert redacted(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        "mail to bob@example.com",
        "From:bob@example.com",
        "git@github.com:org/repo",
        "https://example.com/@scope/package",
        "nginx:1.25@sha256:0123",
        "a passwordless login of a secretary",
        "3 tokens left, monkey business",
        "password:",
    ],
)
def test_what_is_no_credential_stays(text: str) -> None:
    assert redacted(text) == text


def test_a_sentence_in_a_result_stays_and_a_credential_in_it_does_not() -> None:
    assert redacted_data("password changed for username ada") == "password changed for username ada"
    assert (
        redacted_data("see ftp://a:b@host, token=x")
        == "see ftp://(redacted)@host, token=(redacted)"
    )


UNITS = [
    "a", " ", "@", ":", "/", "'", '"', "\\", "=", "a:", '"a:', "'a:", "://", "x://y", " is",
    "password", "password ", "password=", 'password="', "password is ", "password:\n", "secrets'",
    "authorization ", "authorization: ", "bearer ", "token", "user:", "a.b:c,", "s3cret!", "s3cre",
]  # fmt: skip
STARTS = ["", "password", 'password="', "://", "@", "authorization: "]


@pytest.mark.parametrize("unit", UNITS)
def test_redaction_is_linear_in_the_length_of_the_text(unit: str) -> None:
    redactor = Redactor(["s3cret!", "a" * 500 + "b", "://" * 100, "x\ny\n" * 50 + "z"])

    def seconds(size: int) -> float:
        begun = time.process_time()
        for start in STARTS:
            text = start + unit * (size // len(unit))
            redactor.redact(text, cut=True)
            redactor.split(text)
        return time.process_time() - begun

    # Of sixteen times the text by its square: 256 times as long.
    few = min(seconds(500) for _ in range(3))
    assert min(seconds(8_000) for _ in range(2)) < 64 * few + 0.005


@pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES.keys())
def test_a_secret_is_known_in_every_disguise(disguise: Callable[[str], str]) -> None:
    for secret in HARD_SECRETS:
        text = f"before {disguise(secret)} after"
        clean = Redactor([secret]).redact(text)
        assert clean.startswith("before "), secret
        assert clean.endswith(" after"), secret
        assert "(redacted)" in clean, secret
        left = clean.replace("(redacted)", "")
        assert not shares(left, disguise(secret), 9), (secret, clean)


@given(
    secret=st.text(min_size=6, max_size=40).filter(lambda s: len(s.strip()) >= 6),
    before=st.binary(max_size=7),
    after=st.binary(max_size=7),
    urlsafe=st.booleans(),
)
def test_a_secret_is_known_in_the_base64_of_what_holds_it(
    secret: str, before: bytes, after: bytes, urlsafe: bool
) -> None:
    secret = secret.strip()
    data = before + secret.encode("utf-8", "ignore") + after
    text = (base64.urlsafe_b64encode if urlsafe else base64.b64encode)(data).decode()
    clean = Redactor([secret.encode("utf-8", "ignore").decode()]).redact(text)
    assert "(redacted)" in clean
    for part in clean.split("(redacted)"):
        # One character of Base64 is shared with what stands beside the secret.
        assert len(part) <= len(max(before, after, key=len)) * 4 // 3 + 4


def test_secrets_that_overlap_leave_nothing_of_either() -> None:
    assert Redactor(["abcdef", "defghi"]).redact("xabcdefghix") == "x(redacted)x"
    assert Redactor(["abcdef", "abcdefghi"]).redact("abcdefghi") == "(redacted)"


def test_a_secret_of_three_characters_is_not_looked_for() -> None:
    assert Redactor(["abc", ""]).redact("abc") == "abc"


@pytest.mark.parametrize("count", [1, 400])
def test_many_secrets_are_found_like_few(count: int) -> None:
    redactor = Redactor(f"secret-{number:04}" for number in range(count))
    assert redactor.redact("no such thing") == "no such thing"
    assert redactor.redact(f"it was secret-{count - 1:04}.") == "it was (redacted)."


def test_a_very_long_secret_is_found_in_whole_and_in_large_parts() -> None:
    secret = "".join(f"{number:07}" for number in range(9000))
    redactor = Redactor([secret])
    assert redactor.redact(f"[{secret}]") == "[(redacted)]"
    assert "0005000" not in redactor.redact(secret[:50_000])


def test_the_cut_end_of_a_text_does_not_show_how_a_secret_begins() -> None:
    redactor = Redactor(["hunter2-and-more"])
    assert redactor.redact("it is hunter2-an", cut=True) == "it is (redacted)"
    assert redactor.redact("it is hunter2-an") == "it is hunter2-an"


@given(secret=secrets, disguise=disguises, cuts=cuts, ends=st.booleans())
def test_a_secret_in_a_stream_is_found_however_it_arrives(
    secret: str, disguise: str, cuts: list[int], ends: bool
) -> None:
    splitter = LineSplitter(Redactor([secret]))
    shown = DISGUISES[disguise](secret)
    data = f"before {shown}".encode() + (b" after\n" if ends else b"")
    found = [line for piece in pieces_of(data, cuts) for line, _ in splitter.feed(piece)]
    found += [line for line, _ in splitter.end()]
    text = "\n".join(found)
    assert "(redacted)" in text
    assert not shares(text.replace("(redacted)", ""), shown, 9)


@given(secret=secrets, offset=st.integers(min_value=-60, max_value=60))
def test_a_secret_at_the_cut_of_an_endless_line_is_found(secret: str, offset: int) -> None:
    splitter = LineSplitter(Redactor([secret]))
    shown = json.dumps(secret)[1:-1]
    before = "x" * (MAX_PENDING_BYTES + offset)
    found = splitter.feed(f"{before}{shown}".encode()) + splitter.feed(b"y" * MAX_PENDING_BYTES)
    found += splitter.end()
    text = "".join(line for line, _ in found)
    assert text.strip("xy") == "(redacted)"
