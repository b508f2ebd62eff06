"""How the pods look that run authors' code."""

from __future__ import annotations

from typing import Any

import pytest

from davit_operator.api.runner import RunnerSettings
from davit_operator.plan.pods import pod_template

NOT_READY, UNREACHABLE = "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"


def borne(*tolerations: dict[str, Any]) -> dict[str, list[int | None]]:
    """Return for how many seconds a pod bears the taints, by key."""
    settings = RunnerSettings.model_validate({"image": "x", "tolerations": list(tolerations)})
    template = pod_template(verb="run", request="{}", digest="", parts=0, settings=settings)
    found: dict[str, list[int | None]] = {}
    for each in template["spec"]["tolerations"]:
        found.setdefault(each.get("key", ""), []).append(each.get("tolerationSeconds"))
    return found


def test_a_node_that_does_not_answer_is_borne_for_half_a_minute() -> None:
    assert borne() == {NOT_READY: [30], UNREACHABLE: [30]}


@pytest.mark.parametrize(
    ("toleration", "expected"),
    [
        (
            {"key": UNREACHABLE, "operator": "Exists", "tolerationSeconds": 5},
            {UNREACHABLE: [5], NOT_READY: [30]},
        ),
        (
            {"key": UNREACHABLE, "operator": "Exists", "effect": "NoExecute"},
            {UNREACHABLE: [None], NOT_READY: [30]},
        ),
        ({"operator": "Exists"}, {"": [None]}),
        (
            {"key": NOT_READY, "operator": "Exists", "effect": "NoSchedule"},
            {NOT_READY: [None, 30], UNREACHABLE: [30]},
        ),
    ],
    ids=["shorter", "for ever", "all taints", "another effect"],
)
def test_what_the_settings_say_of_such_a_node_stands(
    toleration: dict[str, Any], expected: dict[str, list[int | None]]
) -> None:
    assert borne(toleration) == expected
