"""The jobs of this repository, each in a module of its own."""

from davit import register_jobs

from .provision import Provision

register_jobs(Provision)
