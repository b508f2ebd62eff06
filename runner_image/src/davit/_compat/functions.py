"""The rest of ``nautobot.apps.jobs``."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def enqueue_job_hooks(*_: Any, **__: Any) -> NoReturn:
    """Refuse: nothing here notices changes of objects."""
    raise NotImplementedError(
        "enqueue_job_hooks() needs Nautobot's change log and its job hooks, which are not here. "
        "Create a JobRun of the JobHookReceiver's definition, with the change as object_change."
    )


def get_celery_queues() -> dict[str, int]:
    """Return the queues of Celery and how many workers each has: there are none."""
    return {}


class NautobotKombuJSONEncoder(json.JSONEncoder):
    """Writes what a job may return: sets, exceptions, dates, UUIDs, ... besides plain JSON."""

    def default(self, obj: Any) -> Any:
        """Return the JSON form of ``obj``."""
        from davit._runner.execute import json_form  # noqa: PLC0415 (few need it)

        return json_form(obj)
