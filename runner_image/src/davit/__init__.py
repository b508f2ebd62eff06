"""davit: write Nautobot-style Python jobs, and run them here or on Kubernetes."""

from davit._compat import install as _install_compat
from davit._job import Job
from davit._registry import get_job, get_jobs, register_jobs
from davit._variables import BooleanVar, IntegerVar, ScriptVariable, StringVar
from davit.exceptions import RunJobTaskFailed

__all__ = [
    "BooleanVar",
    "IntegerVar",
    "Job",
    "RunJobTaskFailed",
    "ScriptVariable",
    "StringVar",
    "get_job",
    "get_jobs",
    "register_jobs",
]

_install_compat()
