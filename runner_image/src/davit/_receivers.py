"""Jobs that a change of an object, or a button on it, starts.

There is no Nautobot here to start them and no database of objects: whoever creates the run says
what changed as JSON, in the words of Nautobot's REST API and webhooks.
"""

from __future__ import annotations

import sys
from typing import Any

from davit._job import Job
from davit._variables import ValueRefused
from davit._variables.documents import JSONVar
from davit._variables.text import StringVar

ACTIONS = ("create", "update", "delete")
# What Nautobot's webhooks call the actions.
_EVENTS = {"created": "create", "updated": "update", "deleted": "delete"}
# Changes with every change, so that it tells nothing.
_UNTOLD = "last_updated"


class ObjectReference:
    """An object in another system: its model, its id, and what is known of its fields.

    The fields are attributes: ``changed_object.name``.
    """

    def __init__(self, model_name: str, pk: str, data: dict[str, Any] | None = None) -> None:
        self.model_name = model_name
        self.pk = self.id = pk
        self.data = data or {}

    def __str__(self) -> str:
        shown = self.data.get("display") or self.data.get("name")
        return str(shown or f"{self.model_name} {self.pk}")

    def __getattr__(self, name: str) -> Any:
        """Return the field ``name``."""
        data = self.__dict__.get("data", {})
        if name not in data:
            known = ", ".join(data) or "none"
            raise AttributeError(f"The object has no field {name!r} here. Known fields: {known}.")
        return data[name]


class ObjectChange:
    """What happened to an object.

    Made of a dict with ``action`` (create, update or delete) and, as far as known,
    ``changed_object_type`` (``dcim.device``), ``changed_object_id``, ``object_data`` (its fields
    after the change, or before it was deleted), ``snapshots`` (``prechange``, ``postchange``),
    ``object_repr``, ``user_name``, ``time``, ``request_id``, ``change_context`` and
    ``change_context_detail``. The body of a webhook of Nautobot's will do as well.
    """

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given
        self.id = self.pk = str(given.get("id") or "")
        self.action = _action(given)
        self.changed_object_type = _text(given, "changed_object_type", "model")
        data = given.get("object_data", given.get("data"))
        self.object_data: dict[str, Any] = data if isinstance(data, dict) else {}
        own_id = self.object_data.get("id")
        self.changed_object_id = _text(given, "changed_object_id") or str(own_id or "")
        self.object_data_v2 = given.get("object_data_v2")
        self.user_name = _text(given, "user_name", "username")
        self.object_repr = _text(given, "object_repr") or str(self._reference())
        self.time = _text(given, "time", "timestamp")
        self.request_id = _text(given, "request_id")
        self.change_context = _text(given, "change_context")
        self.change_context_detail = _text(given, "change_context_detail")

    def __str__(self) -> str:
        done = next(event for event, action in _EVENTS.items() if action == self.action)
        by = f" by {self.user_name}" if self.user_name else ""
        return f"{self.changed_object_type} {self.object_repr} {done}{by}"

    @property
    def changed_object(self) -> ObjectReference | None:
        """The object after the change; None where it was deleted."""
        return None if self.action == "delete" else self._reference()

    def get_snapshots(self) -> dict[str, Any]:
        """Return the object's fields before and after the change, and what differs.

        Returns:
            ``prechange``, ``postchange`` and ``differences``, which has ``removed`` and ``added``;
            each is None where there is nothing, or it was not said.
        """
        given = self.given.get("snapshots")
        said: dict[str, Any] = given if isinstance(given, dict) else {}
        before = said.get("prechange", self.given.get("prechange"))
        after = said.get("postchange", self.given.get("postchange"))
        if after is None and self.action != "delete":
            after = self.object_data_v2 or self.object_data or None
        if before is None and self.action == "delete":
            before = self.object_data_v2 or self.object_data or None
        return {
            "prechange": before,
            "postchange": after,
            "differences": said.get("differences") or _differences(before, after),
        }

    def _reference(self) -> ObjectReference:
        return ObjectReference(self.changed_object_type, self.changed_object_id, self.object_data)


def _action(given: dict[str, Any]) -> str:
    value = given.get("action", given.get("event"))
    if isinstance(value, dict):
        # The REST API gives a choice with its label.
        value = value.get("value")
    action = _EVENTS.get(str(value), value)
    if action not in ACTIONS:
        raise ValueRefused(f"The action of a change is one of {', '.join(ACTIONS)}, not {value!r}.")
    return str(action)


def _text(given: dict[str, Any], *names: str) -> str:
    value = next((given[name] for name in names if given.get(name) is not None), "")
    return str(value)


def _differences(before: Any, after: Any) -> dict[str, Any]:
    """Return what was removed and what added, looking at the first level of fields only."""
    if not before or not after:
        return {"removed": before or None, "added": after or None}
    added = {
        name: value
        for name, value in after.items()
        if name != _UNTOLD and before.get(name) != value
    }
    return {"removed": {name: before.get(name) for name in added}, "added": added}


class ObjectChangeVar(JSONVar):
    """A change of an object: ``run()`` receives an ObjectChange."""

    def coerced(self, value: Any) -> Any:
        """Return the change that the JSON object ``value`` tells."""
        if isinstance(value, ObjectChange):
            return value
        given = super().coerced(value)
        if given is None:
            return None
        if not isinstance(given, dict):
            raise ValueRefused("A change is a JSON object with an action, at least.")
        return ObjectChange(given)

    def serialized(self, value: Any) -> Any:
        """Return the JSON that the change was given as."""
        return value.given if isinstance(value, ObjectChange) else value


class JobHookReceiver(Job):
    """A job that runs when an object changed: define ``receive_job_hook()``."""

    object_change = ObjectChangeVar(
        description="What happened: a JSON object with an action and what is known of the object."
    )

    def run(self, object_change: ObjectChange) -> Any:
        """Call ``receive_job_hook()``; subclasses generally need not override this."""
        return self.receive_job_hook(
            change=object_change,
            action=object_change.action,
            changed_object=object_change.changed_object,
        )

    def receive_job_hook(self, change: ObjectChange, action: str, changed_object: Any) -> Any:
        """Do the work.

        Args:
            change: What happened.
            action: ``create``, ``update`` or ``delete``.
            changed_object: The object after the change; None where it was deleted.
        """
        raise NotImplementedError


class JobButtonReceiver(Job):
    """A job that runs for one object, by a button on its page: define ``receive_job_button()``."""

    object_pk = StringVar()
    object_model_name = StringVar()

    def run(self, object_pk: str, object_model_name: str) -> Any:
        """Call ``receive_job_button()``; subclasses generally need not override this."""
        return self.receive_job_button(obj=_object(object_model_name, object_pk))

    def receive_job_button(self, obj: Any) -> Any:
        """Do the work for ``obj``: an ObjectReference, or the model where Django is set up."""
        raise NotImplementedError


def _object(model_name: str, pk: str) -> Any:
    """Return the object: from Django, where the job has set it up, else a reference to it."""
    registry = getattr(sys.modules.get("django.apps"), "apps", None)
    if registry is None or not registry.ready:
        return ObjectReference(model_name, pk)
    return registry.get_model(model_name).objects.get(pk=pk)
