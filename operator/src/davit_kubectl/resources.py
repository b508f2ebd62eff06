"""The kinds that the command speaks of, and where they stand.

Said here once more, as importing the models takes longer than most of what the command does; a
test compares.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote

GROUP = "davit.dev"
API_VERSION = f"{GROUP}/v1alpha1"
TERMINAL_PHASES = frozenset({"Succeeded", "Failed", "Cancelled", "Rejected"})


class Kind(NamedTuple):
    """A kind of objects; ``group`` is empty for Kubernetes' core."""

    name: str
    plural: str
    short: str = ""
    group: str = GROUP
    version: str = "v1alpha1"

    @property
    def singular(self) -> str:
        """Return the name that kubectl takes."""
        return self.name.lower()

    @property
    def words(self) -> tuple[str, ...]:
        """Return what a user may call it: ``jobruns``, ``jr``, ``runs``, ``run``."""
        brief = self.singular.removeprefix("job")
        return (self.plural, self.singular, self.short, self.plural.removeprefix("job"), brief)

    def all(self) -> str:
        """Return the path of the whole cluster's objects."""
        root = f"/apis/{self.group}" if self.group else "/api"
        return f"{root}/{self.version}/{self.plural}"

    def within(self, namespace: str) -> str:
        """Return the path of a namespace's objects."""
        root = f"/apis/{self.group}" if self.group else "/api"
        return f"{root}/{self.version}/namespaces/{quote(namespace, safe='')}/{self.plural}"

    def at(self, namespace: str, name: str) -> str:
        """Return the path of one object."""
        return f"{self.within(namespace)}/{quote(name, safe='')}"


DEFINITIONS = Kind("JobDefinition", "jobdefinitions", "jd")
RUNS = Kind("JobRun", "jobruns", "jr")
REPOSITORIES = Kind("JobRepository", "jobrepositories", "jrepo")
LOGS = Kind("JobLog", "joblogs", "jlog")
FILES = Kind("JobFile", "jobfiles", "jfile")
PODS = Kind("Pod", "pods", "po", "", "v1")
NAMESPACES = Kind("Namespace", "namespaces", "ns", "", "v1")
LISTED = (DEFINITIONS, RUNS, REPOSITORIES)


def kind_called(word: str) -> Kind | None:
    """Return the kind that a user calls ``word``, of those that can be listed."""
    return next((kind for kind in LISTED if word.lower() in kind.words), None)
