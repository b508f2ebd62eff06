"""The objects that the job author's guide shows are objects of ours, with no field too many."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from tests import guide
from tests.samples import SAMPLES

from davit_operator.api.base import ApiModel
from davit_operator.api.jobdefinition import JobDefinition
from davit_operator.api.jobrepository import JobRepository
from davit_operator.api.jobrun import JobRun

KINDS: dict[str, type[ApiModel]] = {
    "JobDefinition": JobDefinition,
    "JobRepository": JobRepository,
    "JobRun": JobRun,
}
OBJECTS = {
    name: yaml.safe_load(text) for name, text in guide.files().items() if name.endswith(".yaml")
} | {
    str(path.relative_to(SAMPLES)): yaml.safe_load(path.read_text())
    for path in SAMPLES.glob("*/*.yaml")
    if path.name != "kustomization.yaml"
}


@pytest.mark.parametrize("name", OBJECTS)
def test_an_object_that_is_shown_has_only_fields_of_ours(name: str) -> None:
    shown: dict[str, Any] = OBJECTS[name]
    assert shown["apiVersion"] == "davit.dev/v1alpha1"
    # The API server gives what a created object lacks.
    given = {"namespace": "ns", "name": "x", "uid": "1", "resourceVersion": "1"}
    metadata = {**given, **shown["metadata"]}
    read = KINDS[shown["kind"]].model_validate({**shown, "metadata": metadata})
    said = read.model_dump(by_alias=True, exclude_unset=True, mode="json")
    assert said["spec"] == shown["spec"]
