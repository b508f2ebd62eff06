"""The admission policies on disk are those of the models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from davit_operator.api.admission import POLICIES, STAMP, main, policies, stamp, text_of
from davit_operator.api.environment import MAX_ENV_FROM
from davit_operator.api.inputs_from import MAX_INPUTS_FROM
from davit_operator.api.runner import MAX_PULL_SECRETS

MANIFESTS = Path(__file__).parents[3] / "manifests"
# The API server's limits for one expression, and for a policy; and what one check of a right costs.
EXPRESSION_LIMIT, POLICY_LIMIT, CHECK_COST = 1_000_000, 10_000_000, 350_000


def validating() -> Iterator[Any]:
    yield from (each for each in policies() if each["kind"] == "ValidatingAdmissionPolicy")


def checks(validation: dict[str, str]) -> int:
    return validation["expression"].count("authorizer.")


@pytest.mark.parametrize(
    ("name", "manifests"), [(POLICIES, policies()), (STAMP, stamp())], ids=["base", "stamp"]
)
def test_the_policies_on_disk_equal_the_model(name: str, manifests: list[Any]) -> None:
    on_disk = (MANIFESTS / name).read_text()
    assert on_disk == text_of(manifests), "run `make generate`, commit the result"


def test_generating_writes_both_files(tmp_path: Path) -> None:
    for name in (POLICIES, STAMP):
        (tmp_path / name).parent.mkdir(parents=True)
    assert main([str(tmp_path)]) == 0
    assert (tmp_path / POLICIES).read_text() == text_of(policies())
    assert (tmp_path / STAMP).read_text() == text_of(stamp())


def test_generating_without_a_folder_says_how_it_is_used(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 2
    assert "usage:" in capsys.readouterr().err


def test_each_place_of_a_list_is_checked() -> None:
    found = {
        each["metadata"]["name"]: sum(map(checks, each["spec"]["validations"]))
        for each in validating()
    }
    assert found == {
        "davit-run-inputs-from": MAX_INPUTS_FROM,
        "davit-definition-inputs-from": MAX_INPUTS_FROM,
        "davit-runner": 1 + MAX_ENV_FROM + MAX_PULL_SECRETS,
        "davit-repository-secrets": 2,
        "davit-requester": 0,
    }


def test_no_policy_costs_more_than_the_api_server_allows() -> None:
    for policy in validating():
        counts = [checks(each) for each in policy["spec"]["validations"]]
        assert max(counts) * CHECK_COST < EXPRESSION_LIMIT
        assert sum(counts) * CHECK_COST < POLICY_LIMIT


def test_each_policy_is_bound_and_denies() -> None:
    names = {each["metadata"]["name"] for each in validating()}
    bindings = [each for each in policies() if each["kind"].endswith("Binding")]
    assert {each["spec"]["policyName"] for each in bindings} == names
    assert all(each["spec"]["validationActions"] == ["Deny"] for each in bindings)
