"""Input that makes no sense: refused with its field, or answered with what to do."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from tests.integration.conftest import CHECKOUT
from tests.integration.kube import Object, RefusedError, eventually, path_of
from tests.integration.place import CLASS_PATH, DIGEST, Place, condition, phase_of

KINDS = ("JobRepository", "JobDefinition", "JobRun")
PLURALS = {kind: path_of(kind).rpartition("/")[2] for kind in KINDS}
SOURCE = {"git": {"url": "https://git.example.com/netops/jobs.git"}}
RIGHT: dict[str, Object] = {
    "JobRepository": {"source": SOURCE},
    "JobDefinition": {"repositoryRef": {"name": "netops"}, "classPath": CLASS_PATH},
    "JobRun": {"definitionRef": {"name": "hello"}},
}
FAR_TOO_MUCH = 10**17

Path = tuple[str, ...]


def numbers(kind: str) -> Iterator[tuple[Path, Object]]:
    """Yield where a kind's spec has numbers, and their schema; ``*`` is any item of a list."""
    crd = yaml.safe_load((CHECKOUT / "crds" / f"davit.dev_{PLURALS[kind]}.yaml").read_text())
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    yield from _within(schema["properties"]["spec"], ())


def _within(schema: Object, path: Path) -> Iterator[tuple[Path, Object]]:
    if schema.get("type") in ("integer", "number"):
        yield path, schema
    for name, each in schema.get("properties", {}).items():
        yield from _within(each, (*path, name))
    if "items" in schema:
        yield from _within(schema["items"], (*path, "*"))


NUMBERS = [(kind, path, schema) for kind in KINDS for path, schema in numbers(kind)]
FIELDS = pytest.mark.parametrize(
    ("kind", "path", "schema"),
    NUMBERS,
    ids=[f"{kind} {'.'.join(path)}" for kind, path, _ in NUMBERS],
)


def given(kind: str, path: Path, value: float) -> Object:
    """Return a spec that is right but for one number."""
    inner: Any = value
    for name in reversed(path[1:]):
        inner = [inner] if name == "*" else {name: inner}
    return {**RIGHT[kind], path[0]: inner}


@FIELDS
def test_a_number_that_makes_no_sense_is_refused_with_its_field(
    place: Place, kind: str, path: Path, schema: Object
) -> None:
    for value in (schema["minimum"] - 1, -1, schema["maximum"] + 1, FAR_TOO_MUCH, 0.5):
        with pytest.raises(RefusedError) as refused:
            place.create(kind, "odd", spec=given(kind, path, value))
        field = ".".join(("spec", *path)).replace(".*", "[0]")
        assert refused.value.status == 422
        assert field in refused.value.message


@pytest.mark.usefixtures("operator")
def test_a_run_of_a_definition_that_is_being_deleted_says_so_and_waits(place: Place) -> None:
    place.installed(startDeadlineSeconds=3)
    held = {"metadata": {"finalizers": ["example.com/holds"]}}
    place.patch("JobDefinition", "hello", held)
    place.delete("JobDefinition", "hello")
    place.run("ada")
    waits = place.until(
        "JobRun", "ada", lambda r: "is being deleted" in condition(r).get("message", ""), "says so"
    )
    assert condition(waits)["reason"] == "DefinitionNotFound"
    assert "Create it again" in condition(waits)["message"]
    found = place.ended("ada")
    assert (phase_of(found), condition(found)["reason"]) == ("Rejected", "DefinitionNotFound")
    assert not place.all("Job")
    place.patch("JobDefinition", "hello", {"metadata": {"finalizers": []}})


@pytest.mark.usefixtures("operator")
def test_a_run_starts_as_soon_as_its_definition_stands_again(place: Place) -> None:
    place.installed()
    held = {"metadata": {"finalizers": ["example.com/holds"]}}
    place.patch("JobDefinition", "hello", held)
    place.delete("JobDefinition", "hello")
    place.run("ada")
    place.phase("ada", "Pending")
    place.patch("JobDefinition", "hello", {"metadata": {"finalizers": []}})
    eventually(lambda: place.find("JobDefinition", "hello") is None, "it is gone")
    place.installed()
    assert place.pod_of("ada")


ORDERS = list(itertools.permutations(("repository", "definition", "run")))


@pytest.mark.usefixtures("operator")
@pytest.mark.parametrize("order", ORDERS, ids=[", ".join(order) for order in ORDERS])
def test_the_order_in_which_the_three_are_applied_does_not_matter(
    place: Place, order: tuple[str, ...]
) -> None:
    apply = {
        "repository": lambda: place.create(
            "JobRepository", "netops", spec={"source": SOURCE, "suspend": True}
        ),
        "definition": lambda: place.create(
            "JobDefinition", "hello", spec={**RIGHT["JobDefinition"], "enabled": True}
        ),
        "run": lambda: place.run("ada", who="Ada"),
    }
    for each in order:
        apply[each]()
        if each == "definition":
            place.discover("hello")
    place.start("ada")
    place.finish("ada")
    found = place.phase("ada", "Succeeded")
    assert found["status"]["definition"]["digest"] == DIGEST
    assert len(place.batch_jobs_of("ada")) == 1
