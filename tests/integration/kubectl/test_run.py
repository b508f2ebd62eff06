"""``kubectl davit run``: what becomes of inputs, and what is refused."""

from __future__ import annotations

import json

import pytest
from tests.integration.kube import Kube, eventually
from tests.integration.place import Place
from tests.integration.plugin import Ended, Plugin
from tests.integration.rights import POLICIES, installed
from tests.integration.told import allow


def test_run_reads_each_value_as_its_variable_says(place: Place, davit: Plugin) -> None:
    ended = davit(
        "run", "hello", "--name", "ada", "-i", "who= @Ada=1 ", "-i", "count=7", "-i", "loud=yes",
        "-i", 'about={"a": [1]}', "-i", "where=ams,ber",
        "--input-from", "password=secret/login/key",
    )  # fmt: skip
    assert ended == (0, "jobrun.davit.dev/ada created\n", "")
    spec = place.get("JobRun", "ada")["spec"]
    assert spec["inputs"] == {
        "who": " @Ada=1 ",
        "count": 7,
        "loud": True,
        "about": {"a": [1]},
        "where": ["ams", "ber"],
    }
    reference = {"name": "login", "key": "key"}
    assert spec["inputsFrom"] == [{"variable": "password", "secretKeyRef": reference}]


def test_run_names_a_run_after_its_definition(place: Place, davit: Plugin) -> None:
    made = json.loads(davit("run", "hello", "-i", "who=Ada", "-o", "json").out)
    assert made["metadata"]["name"].startswith("hello-")
    assert place.find("JobRun", made["metadata"]["name"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "The job needs who: give -i who=VALUE."),
        (["-i", "who=Ada", "-i", "count=x"], '"count" must be a whole number, not "x".'),
        (["-i", "who=Ada", "-i", "whom=x"], 'The job has no variable "whom". Its variables: who,'),
        (["-i", "password=x"], '"password" is a secret, and whoever may list runs reads'),
        (["-i", "who=Ada", "--ask"], "--ask needs a terminal."),
        (["-i", "who=Ada", "--name", "No!"], "The run was refused: JobRun.davit.dev"),
    ],
    ids=["missing", "no number", "unknown", "a secret", "no terminal", "no name"],
)
def test_run_refuses_what_cannot_be(
    place: Place, davit: Plugin, arguments: list[str], sentence: str
) -> None:
    ended = davit("run", "hello", *arguments)
    assert ended.code == 2
    assert ended.err.startswith(f"kubectl davit: {sentence}")
    assert place.all("JobRun") == []


def test_run_says_who_may_help_where_a_definition_may_not_be_run(davit: Plugin) -> None:
    davit("disable", "hello")
    ended = davit("run", "hello", "-i", "who=Ada")
    assert ended.code == 2
    assert ended.err == (
        "kubectl davit: hello is not enabled. An admin lets it be run with "
        "`kubectl davit enable hello`.\n"
    )
    ended = davit("run", "nobody")
    assert (ended.code, "There is no JobDefinition" in ended.err) == (1, True)


def test_what_an_admission_policy_says_is_passed_on(
    kube: Kube, place: Place, davit: Plugin
) -> None:
    allow(place, "ann", jobruns="create", jobdefinitions="get")
    arguments = ["-i", "who=Ada", "--input-from", "password=secret/login/key"]

    def refused() -> Ended | None:
        ended = davit.acting("ann")("run", "hello", *arguments)
        return ended if ended.code else None

    with installed(kube, POLICIES):
        ended = eventually(refused, "the policy is in force")
    assert (ended.code, ended.out) == (2, "")
    sentence = f"You (ann) may not get Secret login in namespace {place.name}"
    assert ended.err.startswith(f"kubectl davit: The run was refused: {sentence}")
