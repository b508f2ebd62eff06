"""The resources that we call the API server for, and their paths."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from davit_operator.api.base import ObjectKey
from davit_operator.api.kinds import (
    GROUP,
    JOB_DEFINITION,
    JOB_FILE,
    JOB_LOG,
    JOB_REPOSITORY,
    JOB_RUN,
    VERSION,
)

# Where resources begin in a path, by its first part.
_ROOTS = {"api": 2, "apis": 3}


@dataclass(frozen=True, slots=True)
class Resource:
    """A namespaced resource; ``group`` is empty for the core."""

    group: str
    version: str
    plural: str

    def everywhere(self) -> str:
        """Return the path of all objects of the cluster."""
        root = f"/apis/{self.group}" if self.group else "/api"
        return f"{root}/{self.version}/{self.plural}"

    def within(self, namespace: str) -> str:
        """Return the path of a namespace's objects."""
        root = f"/apis/{self.group}" if self.group else "/api"
        return f"{root}/{self.version}/namespaces/{quote(namespace, safe='')}/{self.plural}"

    def at(self, key: ObjectKey, subresource: str = "") -> str:
        """Return the path of one object."""
        path = f"{self.within(key.namespace)}/{quote(key.name, safe='')}"
        return f"{path}/{subresource}" if subresource else path


RUNS = Resource(GROUP, VERSION, JOB_RUN.plural)
DEFINITIONS = Resource(GROUP, VERSION, JOB_DEFINITION.plural)
REPOSITORIES = Resource(GROUP, VERSION, JOB_REPOSITORY.plural)
LOGS = Resource(GROUP, VERSION, JOB_LOG.plural)
FILES = Resource(GROUP, VERSION, JOB_FILE.plural)
BATCH_JOBS = Resource("batch", "v1", "jobs")
PODS = Resource("", "v1", "pods")
CONFIG_MAPS = Resource("", "v1", "configmaps")
SECRETS = Resource("", "v1", "secrets")
EVENTS = Resource("", "v1", "events")
NETWORK_POLICIES = Resource("networking.k8s.io", "v1", "networkpolicies")
LEASES = Resource("coordination.k8s.io", "v1", "leases")


def resource_in(path: str) -> str:
    """Return which resource a path of the API server is about, such as ``jobruns/status``.

    What is about none is called after its first part, such as ``version``. No name of an object and
    no namespace is part of it.
    """
    parts = path.partition("?")[0].strip("/").split("/")
    rest = parts[_ROOTS.get(parts[0], len(parts)) :]
    within = rest[2:] if rest[:1] == ["namespaces"] else []
    rest = within or rest or parts[:1]
    return "/".join(rest[:1] + rest[2:3])
