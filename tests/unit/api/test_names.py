"""Names are valid, stable, and do not collide."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davit_operator.api.names import (
    MAX_LABEL,
    MAX_OBJECT_NAME,
    batch_job_name,
    definition_name,
    discovery_pod_name,
    kebab,
)

DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
DNS_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")

words = st.text("ab0-.", max_size=12)
object_names = st.one_of(
    words.map(lambda text: ".".join(filter(None, (part.strip("-") for part in text.split("."))))),
    st.integers(200, 253).map("a".__mul__),
    st.integers(200, 251).map(lambda n: "a" * n + ".b"),
    st.integers(200, 250).map(lambda n: "a" * n + "--b"),
).filter(bool)
identifiers = st.builds("".join, st.tuples(st.sampled_from("aAbX_"), st.text("aAB1_", max_size=9)))
class_paths = st.lists(identifiers, min_size=2, max_size=4).map(".".join)


@given(name=object_names, uid=st.uuids(), attempt=st.integers(1, 64))
def test_a_batch_jobs_name_is_a_label_for_every_name_of_a_run(
    name: str, uid: object, attempt: int
) -> None:
    found = batch_job_name(name, str(uid), attempt)
    assert DNS_LABEL.fullmatch(found)
    assert len(found) <= MAX_LABEL
    assert found == batch_job_name(name, str(uid), attempt)


def test_two_runs_of_one_name_have_two_batch_jobs() -> None:
    assert batch_job_name("a", "uid-1", 1) != batch_job_name("a", "uid-2", 1)


def test_long_names_that_begin_alike_do_not_collide() -> None:
    one, two = (batch_job_name("a" * 60 + end, end, 1) for end in "xy")
    assert one != two


def test_attempts_have_names_of_their_own() -> None:
    assert len({batch_job_name("a", "uid", attempt) for attempt in range(1, 65)}) == 64


@given(identity=st.lists(st.text(max_size=20), max_size=5))
def test_a_discovery_pods_name_is_a_label(identity: list[str]) -> None:
    name = discovery_pod_name(*identity)
    assert DNS_LABEL.fullmatch(name)
    assert len(name) <= MAX_LABEL


@pytest.mark.parametrize(
    ("class_name", "expected"),
    [
        ("SyncVlans", "sync-vlans"),
        ("SyncVLANs", "sync-vlans"),
        ("VLANsSync", "vlans-sync"),
        ("IPSet", "ip-set"),
        ("HTTPCheck", "http-check"),
        ("Check2Go", "check2-go"),
        ("_Private", "private"),
        ("snake_case", "snake-case"),
        ("___", "job"),
        ("X", "x"),
    ],
)
def test_a_class_name_becomes_kebab_case(class_name: str, expected: str) -> None:
    assert kebab(class_name) == expected


@given(repository=object_names, class_path=class_paths)
def test_a_definitions_name_is_one_for_every_repository_and_class(
    repository: str, class_path: str
) -> None:
    for taken in (set(), everything_short(repository, class_path)):
        name = definition_name(repository, class_path, taken)
        assert DNS_SUBDOMAIN.fullmatch(name)
        assert len(name) <= MAX_OBJECT_NAME
        assert name not in taken
        assert name == definition_name(repository, class_path, taken)


def everything_short(repository: str, class_path: str) -> set[str]:
    """Return the names that a definition would take first."""
    taken: set[str] = set()
    for _ in range(3):
        taken.add(definition_name(repository, class_path, taken))
    return taken


def test_a_name_that_is_taken_gets_the_module_then_a_hash() -> None:
    paths = ["netops.jobs.vlans.Sync", "netops.jobs.ports.Sync", "other.jobs.ports.Sync"]
    taken: set[str] = set()
    for path in paths:
        taken.add(definition_name("netops", path, taken))
    short, longer, hashed = sorted(taken, key=len)
    assert (short, longer) == ("netops.sync", "netops.ports.sync")
    assert hashed.startswith("netops.sync-")


@given(paths=st.lists(class_paths, max_size=8, unique=True), repository=object_names)
def test_no_two_classes_of_a_repository_share_a_name(paths: list[str], repository: str) -> None:
    taken: set[str] = set()
    for path in paths:
        name = definition_name(repository, path, taken)
        assert name not in taken
        taken.add(name)
