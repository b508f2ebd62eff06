"""Pods that discovered are deleted, once each."""

from __future__ import annotations

import pytest
from tests.builders import (
    COMMIT,
    a_discovery_pod,
    a_repository,
    ended,
    fetched,
    seen_repository,
    serving,
)

from davit_operator.plan.observed import SeenRepository
from davit_operator.plan.repository import plan_repository

PODS = (
    a_discovery_pod(ended()),
    a_discovery_pod(ended(), uid="66666666-0000-4000-8000-000000000006", deleting=True),
)


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(
            seen_repository(repository=a_repository(spec={"suspend": True}), pods=PODS),
            id="suspended",
        ),
        pytest.param(
            seen_repository(
                repository=a_repository(status=serving()), source=fetched(COMMIT), pods=PODS
            ),
            id="served",
        ),
    ],
)
def test_a_pod_that_goes_already_is_not_deleted_again(seen: SeenRepository) -> None:
    assert plan_repository(seen).delete_pods == PODS[:1]
