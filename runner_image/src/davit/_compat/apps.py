"""What ``nautobot.apps`` has for an App that brings jobs."""

from __future__ import annotations


class NautobotAppConfig:
    """An App's description of itself; davit reads nothing of it, layout App names the modules."""

    name = verbose_name = version = author = author_email = description = base_url = ""
    jobs = "jobs.jobs"
    provides_dynamic_jobs = False

    def ready(self) -> None:
        """Do nothing: there is no server to make ready."""


__all__ = ["NautobotAppConfig"]
