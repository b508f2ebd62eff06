from __future__ import annotations

import base64
import html
import json
import os
import re
import time
import urllib.parse
from collections.abc import Callable, Iterator
from tempfile import TemporaryFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.runner.pods import Pod

from davit._runner.budget import run_budget
from davit._runner.credentials import redacted, redacted_data
from davit._runner.fork import Child
from davit._runner.frames import FrameWriter
from davit._runner.hearing import Hearing
from davit._runner.lines import MAX_PENDING_BYTES, LineSplitter
from davit._runner.output import Output
from davit._runner.records import RecordWriter
from davit._runner.redact import Redactor
from davit._runner.supervise import concluded
from davit._runner.verdict import Verdict, fitted
from davit_contract import OutcomeReason

MARKER = b"\x1edavit-7 "


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
    few = min(seconds(1_000) for _ in range(3))
    assert min(seconds(16_000) for _ in range(2)) < 64 * few + 0.005


def encoded(secret: str, before: bytes = b"", after: bytes = b"") -> bytes:
    return base64.b64encode(before + secret.encode() + after)


# The forms in which programs show what they hold.
DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": lambda s: s,
    "JSON": json.dumps,
    "JSON as UTF-8": lambda s: json.dumps(s, ensure_ascii=False),
    "repr": repr,
    "repr beside quotes": lambda s: repr(f"'{s}\""),
    "JSON in JSON": lambda s: json.dumps(json.dumps([s])),
    "repr of JSON": lambda s: repr(json.dumps(s)),
    "JSON of repr": lambda s: json.dumps(repr([s])),
    "repr in a list": lambda s: repr([s, "'"]),
    "repr of bytes": lambda s: repr(s.encode()),
    "ascii": ascii,
    "an exception": lambda s: str(KeyError(s)),
    "Base64": lambda s: encoded(s).decode(),
    "Base64 for URLs": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "Base64 without padding": lambda s: encoded(s).decode().rstrip("="),
    "Base64 in lines": lambda s: base64.encodebytes(s.encode()).decode(),
    "Base64 of a file": lambda s: encoded(s, after=b"\n").decode(),
    "percent": lambda s: urllib.parse.quote(s, safe=""),
    "percent in a path": urllib.parse.quote,
    "percent in small letters": lambda s: re.sub(
        "%..", lambda found: found[0].lower(), urllib.parse.quote(s)
    ),
    "plus": urllib.parse.quote_plus,
    "a form": lambda s: urllib.parse.urlencode({"q": s}),
    "HTML": html.escape,
    "XML": lambda s: html.escape(s, quote=False),
    "lines of Windows": lambda s: s.replace("\n", "\r\n"),
}
HARD_SECRETS = [
    "hunter2", "Zu 100 % geheim?", "a'b\"c\\d", "<&>'\"", "päßwörd+/=", "tab\tand\x01", "two words",
    "日本語のパス", "~.-_!*'()", "one\n two\n3\n4",
    "-----BEGIN KEY-----\nMIIEow\nAQ==\n-----END KEY-----",
]  # fmt: skip


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


def shares(text: str, other: str, size: int) -> bool:
    """Return whether a piece of ``other`` of that size stands in ``text``."""
    return any(other[at : at + size] in text for at in range(len(other) - size + 1))


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


secrets = st.sampled_from(HARD_SECRETS)
disguises = st.sampled_from(sorted(DISGUISES))
cuts = st.lists(st.integers(min_value=1, max_value=30), max_size=30)


def pieces_of(data: bytes, cuts: list[int]) -> Iterator[bytes]:
    for cut in cuts:
        yield data[:cut]
        data = data[cut:]
    yield data


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


def said(acts: Callable[[FrameWriter, int], None], cuts: list[int], *known: str) -> str:
    """Return all that is written of what ``acts`` sends, read in pieces of these sizes."""
    # Of any size, unlike a pipe.
    with TemporaryFile() as file:
        acts(FrameWriter(file.fileno(), MARKER), file.fileno())
        file.seek(0)
        data = file.read()
    lines: list[bytes] = []
    writer = RecordWriter(Output(lines.append), run_budget(), lambda: "now")
    writer.redactor.add(known)
    hearing = Hearing(writer, Child(os.getpid(), MARKER, {}), lambda _: False)
    for piece in pieces_of(data, cuts):
        hearing.take(piece, b"")
    hearing.end()
    verdict = hearing.verdict or Verdict(reason=OutcomeReason.SUCCEEDED)
    outcome = concluded("uid", verdict, 0, ("", ""), writer)
    assert [json.loads(line)["sequence"] for line in lines] == list(range(1, len(lines) + 1))
    return b"".join(lines).decode() + fitted(outcome)


def print_in_pieces(writer: FrameWriter, _: int, text: str) -> None:
    data = (text + "\n").encode()
    for start in range(0, len(data), 3):
        writer.send("output", "stdout", data[start : start + 3].decode("latin-1"))


def write_in_pieces(_: FrameWriter, fd: int, text: str) -> None:
    data = (text + "\n").encode()
    for start in range(0, len(data), 5):
        os.write(fd, data[start : start + 5])


def print_and_write(writer: FrameWriter, fd: int, text: str) -> None:
    data = (text + "\n").encode()
    writer.send("output", "stdout", data[:4].decode("latin-1"))
    os.write(fd, data[4:])


# Everything that reaches a supervisor from a job.
WAYS: dict[str, Callable[[FrameWriter, int, str], None]] = {
    "a log": lambda writer, _, text: writer.send_log("info", "run", f"x {text} x", ""),
    "a grouping that was cut": lambda writer, _, text: writer.send_log(
        "info", f"{'g' * 90}{text}"[:100], "m", ""
    ),
    "an object that was cut": lambda writer, _, text: writer.send_log(
        "info", "run", "m", f"{'o' * 190}{text}"[:200]
    ),
    "a log that was cut": lambda writer, _, text: writer.send("log", "info", "run", text, "", 5),
    "a log over several records": lambda writer, _, text: writer.send_log(
        "error", "run", f"{'é' * 8100}{text}{'é' * 9000}", ""
    ),
    "prints": print_in_pieces,
    "writes": write_in_pieces,
    "a print and a write": print_and_write,
    "a result": lambda writer, _, text: writer.send(
        "document", "result", json.dumps({text: [text, {"a": f"x{text}"}]})
    ),
    "the name of a file": lambda writer, _, text: writer.send(
        "document", "file", json.dumps({"name": f"{text}.txt", "data": "eA=="})
    ),
    "an error": lambda writer, _, text: writer.send(
        "verdict", "JobFailed", [text, f"bad {text}", f"trace\n  {text}\n"]
    ),
}


@given(
    secret=secrets,
    ways=st.lists(st.tuples(st.sampled_from(sorted(WAYS)), disguises), min_size=1, max_size=4),
    cuts=cuts,
)
def test_a_canary_gets_through_nowhere(
    secret: str, ways: list[tuple[str, str]], cuts: list[int]
) -> None:
    def acts(writer: FrameWriter, fd: int) -> None:
        writer.send("secrets", [secret])
        for way, disguise in ways:
            WAYS[way](writer, fd, DISGUISES[disguise](secret))

    written = said(acts, cuts)
    for text in strings_in(written):
        clean = text.replace("(redacted)", "")
        for _, disguise in ways:
            assert not shares(clean, DISGUISES[disguise](secret), 9), text


def strings_in(written: str) -> Iterator[str]:
    """Return every text in the records and the outcome, results and files decoded."""
    documents = {"result": "", "file": ""}
    for line in written.splitlines():
        record = json.loads(line)
        yield from (value for value in record.values() if isinstance(value, str))
        yield from (value for value in (record.get("error") or {}).values())
        if record.get("type") in documents:
            documents[record["type"]] = record["data"]
    for text in documents.values():
        if text:
            yield json.dumps(json.loads(text), ensure_ascii=False)


def test_a_result_stays_json_and_keeps_what_became_one_key() -> None:
    def acts(writer: FrameWriter, _: int) -> None:
        writer.send("secrets", ["hunter2", '","b":"', "12345"])
        value = {"hunter2": 1, "hunter2!": 2, 'x","b":"y': "hunter2", "n": 12345, "f": [0.5, None]}
        writer.send("document", "result", json.dumps(value))

    record = json.loads(said(acts, []).splitlines()[0])
    assert json.loads(record["data"]) == {
        "(redacted)": 1, "(redacted)!": 2, "x(redacted)y": "(redacted)",
        "n": 12345, "f": [0.5, None],
    }  # fmt: skip


def test_the_content_of_a_file_is_left_alone() -> None:
    data = base64.b64encode(b"hunter2").decode()

    def acts(writer: FrameWriter, _: int) -> None:
        content = json.dumps({"name": "of hunter2", "data": data})
        writer.send("document", "file", content)

    record = json.loads(said(acts, [], "hunter2").splitlines()[0])
    assert json.loads(record["data"]) == {"name": "of (redacted)", "data": data}


def test_a_process_of_the_jobs_own_says_no_verdict_and_no_result() -> None:
    def acts(writer: FrameWriter, fd: int) -> None:
        writer.send("verdict", "Succeeded", None)
        forged = b"%s%d 1 0 %s\n"
        other = os.getpid() + 1
        os.write(fd, forged % (MARKER, other, b'["verdict", "JobFailed", null]'))
        os.write(fd, forged % (MARKER, other, b'["document", "result", "1"]'))
        os.write(fd, forged % (MARKER, other, b'["log", "info", "fork", "heard", ""]'))

    *records, outcome = map(json.loads, said(acts, []).splitlines())
    assert [record.get("message") for record in records] == ["heard"]
    assert outcome["reason"] == "Succeeded"


BODY = """
import base64, json, logging
logging.getLogger('some.library').warning('logged %s', password)
print('printed', password)
print('printed', repr(password), file=sys.stderr)
for letter in password + '\\n':
    os.write(1, letter.encode())
    sys.stderr.write(letter)
encoded = base64.b64encode(password.encode()).decode()
self.logger.error('in Base64 %s', encoded, extra={'object': password})
self.logger.info('grouped', extra={'grouping': password})
subprocess.run(['echo', json.dumps({'p': password})])
self.create_file(f'of {password}.txt', 'content')
self.logger.debug('connect to https://ada:%s@host with token=abc', 'other')
if fails:
    raise ValueError(f'refused: {password}')
return {'password': password, password: [password]}
"""
CANARY = "c4n'ry é&?"


@pytest.mark.parametrize("fails", [False, True])
def test_a_sensitive_value_is_seen_nowhere(pod: Pod, fails: bool) -> None:
    members = "    password = StringVar(sensitive=True)\n    fails = BooleanVar()\n"
    body = "password, fails = inputs['password'], inputs['fails']" + BODY
    inputs = {"password": CANARY, "fails": fails}
    told = pod.run(body, members=members, inputs=inputs)
    assert told.outcome.reason == ("JobFailed" if fails else "Succeeded")
    everything = (
        json.dumps(told.records, ensure_ascii=False) + (pod.folder / "termination").read_text()
    )
    for disguise in DISGUISES.values():
        assert disguise(CANARY) not in everything
    assert len(told.logs) == 10
    assert ("debug", "run", "connect to https://(redacted)@host with token=(redacted)") in told.logs
    [file] = told.documents("file")
    assert file["name"] == "of (redacted).txt"
    if fails:
        assert told.error == "refused: (redacted)"
    else:
        assert told.documents("result") == [
            {"password": "(redacted)", "(redacted)": ["(redacted)"]}
        ]


def test_a_refused_sensitive_value_is_not_quoted(pod: Pod) -> None:
    members = "    password = ChoiceVar(choices=(('a', 'A'),), sensitive=True)\n"
    told = pod.run("pass", members=members, inputs={"password": "hunter2"})
    assert told.outcome.reason == "InvalidInputs"
    assert "(redacted) is not one of the available choices" in told.error
