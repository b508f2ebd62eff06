"""``kubectl davit list``: what kubectl shows, and what it is asked for."""

from __future__ import annotations

import re
import subprocess

import pytest
import yaml
from tests.cluster.binaries import binaries
from tests.integration.place import Place
from tests.integration.plugin import Plugin
from tests.integration.told import a_told_run

AGE = re.compile(r"\b\d+[smh](\d+s)?\b")


@pytest.mark.parametrize("form", [[], ["-o", "wide"]], ids=["narrow", "wide"])
@pytest.mark.parametrize(
    ("kind", "plural"),
    [("definitions", "jobdefinitions"), ("runs", "jobruns"), ("repositories", "jobrepositories")],
)
def test_list_shows_what_kubectl_get_shows(
    place: Place, davit: Plugin, kind: str, plural: str, form: list[str]
) -> None:
    a_told_run(place, "ada", who="Ada").end()
    kubectl = [str(binaries() / "kubectl"), "--kubeconfig", str(davit.kubeconfig), "-n", place.name]
    got = subprocess.run(
        [*kubectl, "get", plural, *form], capture_output=True, text=True, check=True
    ).stdout
    assert alike(davit("list", kind, *form).out) == alike(got)


def alike(table: str) -> list[str]:
    # Ages differ, and with them the width of their column.
    return [re.sub(r" {3,}", "   ", AGE.sub("AGE", line)).rstrip() for line in table.splitlines()]


def test_list_leaves_out_what_is_hidden_and_says_where_there_is_nothing(
    place: Place, davit: Plugin
) -> None:
    place.discover("hello", effective={"name": "Hello", "hidden": True})
    nothing = davit("list")
    assert (nothing.code, nothing.out) == (0, "")
    assert nothing.err == f"No definitions found in {place.name} namespace.\n"
    assert "hello" in davit("list", "definitions", "--hidden").out
    assert davit("list", "--hidden", "-o", "name").out == "jobdefinition.davit.dev/hello\n"


def test_list_chooses_among_runs(place: Place, davit: Plugin) -> None:
    a_told_run(place, "ada").end()
    a_told_run(place, "bob").end("Failed")
    assert davit("list", "runs", "--phase", "Failed", "-o", "name").out == (
        "jobrun.davit.dev/bob\n"
    )
    found = yaml.safe_load(davit("list", "runs", "--definition", "hello", "-o", "yaml").out)
    assert [item["metadata"]["name"] for item in found["items"]] == ["ada", "bob"]
