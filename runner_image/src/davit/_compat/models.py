"""What ``nautobot.extras.models`` has for a job: no models, as there is no database."""

from __future__ import annotations

from typing import Any

from davit.exceptions import RegistrationError


class Job:
    """The database record of a job in Nautobot, which authors take for the base class of jobs."""

    __module__ = "nautobot.extras.models"

    def __init_subclass__(cls, **_: Any) -> None:
        raise RegistrationError(
            f"{cls.__module__}.{cls.__qualname__} inherits from nautobot.extras.models.Job, the "
            "record of a job in Nautobot's database. Inherit from nautobot.apps.jobs.Job or "
            "davit.Job."
        )
