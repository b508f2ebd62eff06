"""The objects that a diagnosis speaks of, by name: a remedy names the object and the field."""

from __future__ import annotations

from dataclasses import dataclass

from davit_operator.plan.observed import SeenPod, SeenRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Involved:
    """Names; empty where there is no such object, or none is known."""

    definition: str = ""
    repository: str = ""
    pod: str = ""
    node: str = ""

    def said(self, template: str, **more: str) -> str:
        """Return ``template`` with its fields filled in.

        ``{definition}`` and ``{repository}`` become kind and name, ``{settings}`` those objects
        whose ``spec.runner`` makes the pod, ``{pod}`` and ``{node}`` likewise.
        """
        definition = f'JobDefinition "{self.definition}"' if self.definition else ""
        repository = f'JobRepository "{self.repository}"' if self.repository else ""
        settings = " or ".join(filter(None, (definition, repository)))
        return template.format(
            definition=definition or repository,
            repository=repository or "the JobRepository",
            settings=settings,
            pod=f'pod "{self.pod}"' if self.pod else "the pod",
            node=f'node "{self.node}"' if self.node else "the node",
            **more,
        )


def involved_in(seen: SeenRun) -> Involved:
    """Return what the run has to do with."""
    definition, pod = seen.definition, seen.pod
    return Involved(
        definition=seen.run.spec.definition_ref.name,
        repository=definition.spec.repository_ref.name if definition else "",
        pod=pod.key.name if pod else "",
        node=pod.node if pod else "",
    )


def involved_in_discovery(pod: SeenPod) -> Involved:
    """Return what a discovery pod has to do with."""
    return Involved(repository=pod.owner_name, pod=pod.key.name, node=pod.node)
