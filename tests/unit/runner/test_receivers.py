"""Jobs that a change, or a button, starts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from davit import Job, JobButtonReceiver, JobHookReceiver
from davit._receivers import ObjectChange, ObjectReference
from davit._variables import ValueRefused
from davit.testing import JobResult, run_job_for_testing

DEVICE = {"id": "77", "name": "r1", "status": "active", "last_updated": "now"}
CHANGE: dict[str, Any] = {
    "action": "update",
    "changed_object_type": "dcim.device",
    "changed_object_id": "77",
    "object_data": DEVICE,
    "user_name": "ada",
    "request_id": "r-1",
    "snapshots": {"prechange": {**DEVICE, "status": "planned", "last_updated": "then"}},
}
# As Nautobot's webhooks say it.
WEBHOOK = {"event": "updated", "model": "device", "username": "ada", "data": DEVICE}


class Notice(JobHookReceiver):
    def receive_job_hook(self, change: Any, action: str, changed_object: Any) -> Any:
        name = changed_object and changed_object.name
        return [str(change), action, name, str(changed_object)]


class Press(JobButtonReceiver):
    def receive_job_button(self, obj: Any) -> Any:
        self.logger.info("Pressed", extra={"object": obj})
        return [obj.pk, obj.id, obj.model_name]


def test_a_hook_receives_what_changed() -> None:
    ended = run_job_for_testing(Notice, object_change=CHANGE)
    assert ended.result == ["dcim.device r1 updated by ada", "update", "r1", "r1"]


def test_a_hook_takes_the_body_of_a_webhook_as_text() -> None:
    ended = run_job_for_testing(Notice, object_change=json.dumps(WEBHOOK))
    assert ended.result == ["device r1 updated by ada", "update", "r1", "r1"]


def test_a_deleted_object_is_none() -> None:
    ended = run_job_for_testing(Notice, object_change={**CHANGE, "action": "delete"})
    assert ended.result == ["dcim.device r1 deleted by ada", "delete", None, "None"]


def test_handlers_get_the_change_as_the_json_that_it_was() -> None:
    seen: list[Any] = []

    class Watch(Notice):
        def before_start(self, *arguments: Any) -> None:
            seen.append(arguments[-1])

    run_job_for_testing(Watch, object_change=CHANGE)
    assert seen == [{"object_change": CHANGE}]


def test_a_button_receives_its_object() -> None:
    ended = run_job_for_testing(Press, object_pk="77", object_model_name="dcim.device")
    assert ended.result == ["77", "77", "dcim.device"]
    assert [entry.object for entry in ended.logs if entry.message == "Pressed"] == [
        "dcim.device 77"
    ]


@pytest.mark.parametrize(
    ("base", "inputs"),
    [
        (JobHookReceiver, {"object_change": CHANGE}),
        (JobButtonReceiver, {"object_pk": "77", "object_model_name": "dcim.device"}),
    ],
    ids=["a hook", "a button"],
)
def test_a_receiver_without_its_method_fails(base: type[Job], inputs: dict[str, Any]) -> None:
    ended = run_job_for_testing(type("Empty", (base,), {}), job_kwargs=inputs)
    assert ended.result == {"exc_type": "NotImplementedError", "exc_message": ""}


def test_receivers_have_their_own_variables_and_take_more() -> None:
    assert [*JobHookReceiver._get_vars()] == ["object_change"]
    assert [*JobButtonReceiver._get_vars()] == ["object_pk", "object_model_name"]


def refused(change: Any) -> str:
    ended: JobResult = run_job_for_testing(Notice, object_change=change)
    assert ended.result["exc_type"] == "InvalidInputs"
    return str(ended.result["exc_message"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (None, "object_change: This field is required."),
        ({}, "object_change: This field is required."),
        ("{", "object_change: Enter a valid JSON."),
        ([1], "object_change: A change is a JSON object with an action, at least."),
        (
            {"changed_object_id": "77"},
            "object_change: The action of a change is one of create, update, delete, not None.",
        ),
        (
            {"action": "explode"},
            "object_change: The action of a change is one of create, update, delete, "
            "not 'explode'.",
        ),
        ({"action": ["create"]}, "not ['create']."),
    ],
    ids=["None", "an empty object", "no JSON", "a list", "no action", "another", "a list of them"],
)
def test_what_is_no_change_is_refused(change: Any, words: str) -> None:
    assert refused(change).endswith(words)


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("create", "create"),
        ("created", "create"),
        ({"value": "delete", "label": "Deleted"}, "delete"),
    ],
    ids=["as ObjectChange", "as a webhook", "as the REST API"],
)
def test_an_action_is_known_however_nautobot_says_it(action: Any, expected: str) -> None:
    assert ObjectChange({"action": action}).action == expected


BEFORE, AFTER = {"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4, "last_updated": "now"}
DIFFERENCES = {"removed": {"b": 2, "c": None}, "added": {"b": 3, "c": 4}}


@pytest.mark.parametrize(
    ("change", "before", "after", "differences"),
    [
        (
            {"action": "update", "object_data": AFTER, "snapshots": {"prechange": BEFORE}},
            BEFORE, AFTER, DIFFERENCES,
        ),
        (
            {"action": "update", "prechange": BEFORE, "postchange": AFTER},
            BEFORE, AFTER, DIFFERENCES,
        ),
        (
            {"action": "update", "object_data": {"a": 0}, "object_data_v2": AFTER},
            None, AFTER, {"removed": None, "added": AFTER},
        ),
        (
            {"action": "create", "object_data": AFTER},
            None, AFTER, {"removed": None, "added": AFTER},
        ),
        (
            {"action": "delete", "object_data": BEFORE},
            BEFORE, None, {"removed": BEFORE, "added": None},
        ),
        (
            {"action": "update", "snapshots": {"differences": {"removed": 1, "added": 2}}},
            None, None, {"removed": 1, "added": 2},
        ),
        ({"action": "update"}, None, None, {"removed": None, "added": None}),
    ],
    ids=[
        "the state before in snapshots", "both states", "the newer form of the data", "created",
        "deleted", "the differences as they were said", "nothing known",
    ],
)  # fmt: skip
def test_snapshots_tell_what_differs(
    change: dict[str, Any], before: Any, after: Any, differences: Any
) -> None:
    assert ObjectChange(change).get_snapshots() == {
        "prechange": before, "postchange": after, "differences": differences,
    }  # fmt: skip


def test_a_change_has_the_fields_of_nautobots() -> None:
    change = ObjectChange({**CHANGE, "id": 5, "time": "2026-11-22", "change_context": "web"})
    found = (change.id, change.pk, change.time, change.request_id, change.change_context)
    assert found == ("5", "5", "2026-11-22", "r-1", "web")
    assert (change.changed_object_type, change.changed_object_id) == ("dcim.device", "77")
    assert (change.object_repr, change.user_name, change.object_data) == ("r1", "ada", DEVICE)


def test_an_objects_fields_are_attributes_and_unknown_ones_named() -> None:
    thing = ObjectReference("dcim.device", "77", {"name": "r1"})
    assert (thing.name, str(thing)) == ("r1", "r1")
    with pytest.raises(AttributeError) as refused:
        _ = thing.serial
    assert str(refused.value) == "The object has no field 'serial' here. Known fields: name."
    with pytest.raises(ValueRefused):
        ObjectChange({})
