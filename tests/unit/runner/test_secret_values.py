"""Which texts no log may show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.contract.input_cases.objects import Device

import davit
from davit._inputs import cleaned_inputs, secret_values, sensitive_names


def secrets_of(variable: davit.ScriptVariable, given: Any) -> tuple[str, ...]:
    attributes = {"value": variable, "open": davit.JSONVar()}
    job_class: type[davit.Job] = type("Secretive", (davit.Job,), attributes)
    inputs = {"value": given, "open": '"no secret"'}
    return secret_values(job_class, inputs, cleaned_inputs(job_class._get_vars(), inputs))


@pytest.mark.parametrize(
    ("variable", "given", "expected"),
    [
        (davit.StringVar(sensitive=True), "hunter2", ("hunter2",)),
        (davit.StringVar(sensitive=True), " hunter2\n", (" hunter2\n", "hunter2")),
        (davit.StringVar(sensitive=True), "abc", ()),
        (davit.IntegerVar(sensitive=True), "12345", ("12345",)),
        (davit.IntegerVar(sensitive=True), 5, ()),
        (davit.BooleanVar(sensitive=True), "False", ("False",)),
        (davit.BooleanVar(sensitive=True), True, ()),
        (
            davit.JSONVar(sensitive=True),
            {"a": ["first", None], "b": {"c": 2.55}},
            ("first", "2.55"),
        ),
        (davit.JSONVar(sensitive=True), '["first"]', ('["first"]', "first")),
        (davit.TextVar(sensitive=True), "first\n  second", ("first\n  second", "first", "second")),
        (davit.FileVar(sensitive=True), b"token=xyz", ("token=xyz",)),
        (davit.IPAddressVar(sensitive=True), "::0:1234", ("::0:1234", "::1234")),
        (davit.MultiChoiceVar([("alpha", "A")], sensitive=True), ["alpha"], ("alpha",)),
        (davit.ObjectVar(Device, sensitive=True), {"name": "spine"}, ("spine",)),
        (davit.StringVar(), "hunter2", ()),
    ],
)
def test_a_secret_is_known_as_given_and_as_the_job_receives_it(
    variable: davit.ScriptVariable, given: Any, expected: tuple[str, ...]
) -> None:
    assert secrets_of(variable, given) == expected


def test_a_file_is_secret_by_its_content_and_not_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "login.txt").write_text("hunter2")
    assert secrets_of(davit.FileVar(sensitive=True), tmp_path / "login.txt") == ("hunter2",)


def test_secrets_are_known_before_they_are_checked() -> None:
    class Login(davit.Job):
        file = davit.FileVar(sensitive=True)
        pin = davit.IntegerVar(sensitive=True)

    inputs = {"file": Path("/etc/hosts"), "pin": "no number"}
    assert secret_values(Login, inputs, {}) == ("no number",)


def test_bytes_that_are_no_text_are_no_error() -> None:
    assert any("\ufffd" in text for text in secrets_of(davit.FileVar(sensitive=True), b"abc\xff"))


def test_a_text_of_very_many_lines_counts_as_a_whole() -> None:
    text = "\n".join(f"line {number}" for number in range(1_001))
    assert secrets_of(davit.TextVar(sensitive=True), text) == (text,)


def test_a_default_is_as_secret_as_a_value() -> None:
    class Login(davit.Job):
        password = davit.StringVar(default="hunter2", sensitive=True)

    assert secret_values(Login, {}, cleaned_inputs(Login._get_vars(), {})) == ("hunter2",)


def test_what_meta_declares_makes_every_variable_secret() -> None:
    class Base(davit.Job):
        a = davit.StringVar()
        b = davit.StringVar(sensitive=True)

        class Meta:
            has_sensitive_variables = True

    class Inherits(Base):
        pass

    class Declares(Base):
        class Meta:
            name = "A Meta of its own"

    assert sensitive_names(Base) == sensitive_names(Inherits) == {"a", "b"}
    assert sensitive_names(Declares) == {"b"}
