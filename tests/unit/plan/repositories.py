"""What a plan of a repository says, and what is seen once it was written."""

from __future__ import annotations

from dataclasses import replace

from tests.builders import (
    as_stored,
)

from davit_contract import JobDescription
from davit_operator.api.jobrepository import JobRepositoryStatus
from davit_operator.plan.observed import Discovered, SeenRepository
from davit_operator.plan.repository import RepositoryPlan

FOUND = Discovered(
    descriptions=(JobDescription(class_path="netops.jobs.vlans.SyncVlans", name="x", grouping="y"),)
)


def written(plan: RepositoryPlan) -> JobRepositoryStatus:
    assert plan.status is not None
    return plan.status


def said(plan: RepositoryPlan) -> dict[str, tuple[str, str]]:
    """Return status and reason of each condition that the plan writes."""
    return {item.type: (item.status, item.reason) for item in written(plan).conditions}


def message(plan: RepositoryPlan) -> str:
    return written(plan).conditions[0].message


def stored(seen: SeenRepository, plan: RepositoryPlan) -> SeenRepository:
    """Return what is seen after the plan's status was written."""
    repository = seen.repository
    if plan.status is not None:
        status = JobRepositoryStatus.model_validate(as_stored(plan.status))
        repository = repository.model_copy(update={"status": status})
    return replace(seen, repository=repository)
