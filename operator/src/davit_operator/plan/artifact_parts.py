"""The ConfigMaps that hold an artifact: immutable, and named by what they hold."""

from __future__ import annotations

from base64 import b64encode

from davit_operator.api.names import (
    ARTIFACT_COMPONENT,
    COMPONENT_LABEL,
    MANAGED_BY,
    MANAGED_BY_LABEL,
)
from davit_operator.plan.artifact import ArtifactPart, PackedArtifact
from davit_operator.plan.pods import Manifest


def part_manifests(namespace: str, artifact: PackedArtifact) -> tuple[Manifest, ...]:
    """Return one ConfigMap a part, in order."""
    return tuple(_part_manifest(namespace, part) for part in artifact.parts)


def _part_manifest(namespace: str, part: ArtifactPart) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": part.name,
            "namespace": namespace,
            "labels": {
                MANAGED_BY_LABEL: MANAGED_BY,
                COMPONENT_LABEL: ARTIFACT_COMPONENT,
            },
        },
        "immutable": True,
        "binaryData": {"part": b64encode(part.data).decode()},
    }
