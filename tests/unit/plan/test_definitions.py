"""From what discovery said to definitions: facts in status, and never a word in an admin's spec."""

from __future__ import annotations

from itertools import permutations
from typing import Any

from tests.builders import (
    CLASS_PATH,
    DEFINITION_UID,
    NEXT_COMMIT,
    NOW,
    a_definition,
    an_artifact,
    as_stored,
    fetched,
    later,
    seen_repository,
)

from davit_contract import ChoiceDescription, JobDescription, VariableDescription
from davit_operator.api.conditions import Reason
from davit_operator.api.jobdefinition import JobDefinition, JobDefinitionStatus
from davit_operator.plan.definition import plan_definition
from davit_operator.plan.definitions import DefinitionWrite, plan_definitions, plan_orphans
from davit_operator.plan.observed import Discovered


def described(class_path: str = CLASS_PATH, **changes: Any) -> JobDescription:
    return JobDescription(class_path=class_path, name="Sync VLANs", grouping="Net", **changes)


def planned(
    *descriptions: JobDescription,
    definitions: tuple[JobDefinition, ...] = (),
    taken: frozenset[str] = frozenset(),
) -> tuple[DefinitionWrite, ...]:
    return plan_definitions(
        seen_repository(definitions=definitions, names_taken=taken),
        fetched(),
        an_artifact(),
        Discovered(descriptions=descriptions),
    )


def with_status(definition: JobDefinition, status: JobDefinitionStatus) -> JobDefinition:
    read = JobDefinitionStatus.model_validate(as_stored(status))
    return definition.model_copy(update={"status": read})


def reason(status: JobDefinitionStatus) -> tuple[str, str]:
    ready = status.conditions[0]
    return ready.status, ready.reason


def test_a_new_class_becomes_a_disabled_definition() -> None:
    [write] = planned(described())
    assert write.create is not None
    assert write.create["metadata"]["name"] == "netops.sync-vlans"
    assert write.create["spec"] == {
        "repositoryRef": {"name": "netops"},
        "classPath": CLASS_PATH,
        "enabled": False,
    }
    assert (write.status.installed, write.status.commit) == (True, NEXT_COMMIT)
    assert reason(write.status) == ("True", Reason.DISABLED)


def test_two_new_classes_of_one_name_get_two_names() -> None:
    writes = planned(described("netops.jobs.a.Sync"), described("netops.jobs.b.Sync"))
    names = [write.create["metadata"]["name"] for write in writes if write.create]
    assert names == ["netops.sync", "netops.b.sync"]


def test_names_do_not_depend_on_the_order_in_which_a_pod_speaks() -> None:
    paths = ["netops.jobs.a.Sync", "netops.jobs.b.Sync", "other.a.Sync", "other.c.SYNC"]
    expected = [
        ("netops.jobs.a.Sync", "netops.sync"),
        ("netops.jobs.b.Sync", "netops.b.sync"),
        ("other.a.Sync", "netops.a.sync"),
        ("other.c.SYNC", "netops.c.sync"),
    ]
    for order in permutations(paths):
        writes = planned(*(described(path) for path in order))
        given = [(w.definition.spec.class_path, w.definition.metadata.name) for w in writes]
        assert given == expected


def test_a_name_that_was_given_stays_when_a_better_one_gets_free() -> None:
    known = a_definition(name="netops.vlans.sync-vlans", status={"installed": False})
    [write] = planned(described(), definitions=(known,))
    assert (write.create, write.definition.metadata.name) == (None, "netops.vlans.sync-vlans")


def test_jobs_of_one_display_name_are_two_definitions() -> None:
    writes = planned(described("netops.jobs.a.One"), described("netops.jobs.a.Two"))
    assert [write.status.name for write in writes] == ["Sync VLANs", "Sync VLANs"]


def test_a_name_that_somebody_took_is_not_given_again() -> None:
    [write] = planned(described(), taken=frozenset({"netops.sync-vlans"}))
    assert write.definition.metadata.name == "netops.vlans.sync-vlans"


def test_a_definition_that_an_admin_wrote_beforehand_is_adopted_under_its_own_name() -> None:
    mine = a_definition(name="my-vlans", status={"installed": None})
    [write] = planned(described(), definitions=(mine,))
    assert (write.create, write.definition) == (None, mine)
    assert reason(write.status) == ("True", Reason.ENABLED)


def test_a_class_that_is_gone_leaves_its_definition_uninstalled() -> None:
    definition = a_definition()
    [write] = planned(definitions=(definition,))
    assert write.create is None
    assert (write.status.installed, write.status.name) == (False, definition.status.name)
    assert write.status.commit == definition.status.commit
    assert reason(write.status) == ("False", Reason.NOT_INSTALLED)


def test_what_stands_already_is_not_written_again() -> None:
    [once] = planned(described(), definitions=(a_definition(),))
    stands = with_status(a_definition(), once.status)
    assert planned(described(), definitions=(stands,)) == ()


def test_definitions_of_a_repository_that_is_gone_stay_uninstalled() -> None:
    gone = a_definition(name="gone", status={"installed": False})
    writes = plan_orphans((a_definition(), gone), NOW)
    assert [write.definition.metadata.uid for write in writes] == [DEFINITION_UID]
    assert writes[0].status.installed is False


def test_limits_that_the_api_server_cannot_hold_are_left_to_the_runner() -> None:
    huge = VariableDescription(name="n", type="IntegerVar", min=-(10**30), max=10, max_length=2**60)
    [write] = planned(described(variables=[huge], time_limit_seconds=10**12, source_line=-1))
    [variable] = write.status.variables
    assert (variable.min, variable.max, variable.max_length) == (None, 10, None)
    assert write.status.time_limit_seconds == 604_800
    assert write.status.source.line == 0


def test_more_than_a_definition_can_hold_is_left_to_the_runner() -> None:
    choices = [ChoiceDescription(value=str(number), label="") for number in range(1_001)]
    many = VariableDescription(name="v", type="ChoiceVar", choices=choices)
    texts = [str(number) for number in range(300)]
    [write] = planned(
        described(variables=[many], task_queues=texts, field_order=texts, notes=texts)
    )
    assert write.status.variables[0].choices is None
    assert (len(write.status.task_queues), len(write.status.notes)) == (64, 64)
    assert len(write.status.field_order) == 256


def test_enabling_a_definition_changes_its_condition_and_nothing_else() -> None:
    [write] = planned(described(), definitions=(a_definition(spec={"enabled": False}),))
    enabled = with_status(a_definition(generation=2), write.status)
    status = plan_definition(enabled, None, later(60))
    assert status is not None
    assert reason(status) == ("True", Reason.ENABLED)
    assert status.observed_generation == 2
    assert status.conditions[0].last_transition_time == "2026-11-22T06:30:00Z"
    assert plan_definition(with_status(enabled, status), None, later(99)) is None


def test_before_discovery_has_spoken_a_definition_says_what_it_waits_for() -> None:
    written = a_definition(status={"installed": None, "observedGeneration": -1})
    status = plan_definition(written, None, NOW)
    assert status is not None
    assert reason(status) == ("Unknown", Reason.NOT_DISCOVERED)
    assert 'JobRepository "netops"' in status.conditions[0].message
    assert plan_definition(with_status(written, status), None, later(60)) is None


def test_of_a_definition_that_it_just_made_discovery_speaks_itself() -> None:
    [write] = planned(described())
    assert write.create is not None
    unspoken = {"installed": None, "observedGeneration": -1}
    made = a_definition(labels=write.create["metadata"]["labels"], status=unspoken)
    assert plan_definition(made, None, NOW) is None
