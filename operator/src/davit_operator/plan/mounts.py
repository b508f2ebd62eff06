"""How a run's pod is shown what stands in Secrets and ConfigMaps; the operator reads none of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from davit_contract import places
from davit_operator.api.inputs_from import InputFrom
from davit_operator.api.runner import RunnerSettings

Manifest = dict[str, Any]

# The kubelet lets the pod's fsGroup read, too: root owns the files, and the runner is not root.
_MODE = 0o400


class Mounted(NamedTuple):
    """What a pod gets beside code and request."""

    volumes: tuple[Manifest, ...] = ()
    mounts: tuple[Manifest, ...] = ()
    env: tuple[Manifest, ...] = ()

    def beside(self, more: Mounted) -> Mounted:
        """Return this and ``more``."""
        return Mounted(self.volumes + more.volumes, self.mounts + more.mounts, self.env + more.env)


NOTHING = Mounted()


def mounted(sources: Iterable[InputFrom], settings: RunnerSettings) -> Mounted:
    """Return volumes and environment of a run.

    Source number n is the file n of one volume, which holds no other key. The Secrets of
    ``envFrom`` are a folder each, and no part of the container's environment: whoever may read
    pods, or runs a command in one, would see them.
    """
    shown = [_projection(number, source) for number, source in enumerate(sources)]
    volumes, mounts = [], []
    if shown:
        projected = {"defaultMode": _MODE, "sources": shown}
        volumes.append({"name": "inputs", "projected": projected})
        mounts.append(_mount("inputs", places.INPUTS_PATH))
    for number, source in enumerate(settings.env_from):
        name = f"environment-{number}"
        secret = {"secretName": source.secret_ref.name, "defaultMode": _MODE}
        volumes.append({"name": name, "secret": secret})
        mounts.append(_mount(name, f"{places.ENVIRONMENT_PATH}/{number}"))
    env = (each.model_dump(by_alias=True, exclude_none=True) for each in settings.env)
    return Mounted(tuple(volumes), tuple(mounts), tuple(env))


def told_of_sources(sources: Iterable[InputFrom]) -> dict[str, dict[str, str]]:
    """Return what the RunRequest says of the files: by variable, which it is, and of what."""
    return {
        source.variable: {
            "file": str(number),
            "kind": source.kind,
            "name": source.reference.name,
            "key": source.reference.key,
        }
        for number, source in enumerate(sources)
    }


def told_of_environment(settings: RunnerSettings) -> list[dict[str, str]]:
    """Return what the RunRequest says of the folders."""
    return [
        {"folder": str(number), "name": source.secret_ref.name, "prefix": source.prefix}
        for number, source in enumerate(settings.env_from)
    ]


def _projection(number: int, source: InputFrom) -> Manifest:
    kind = "secret" if source.secret_key_ref else "configMap"
    item = {"key": source.reference.key, "path": str(number)}
    return {kind: {"name": source.reference.name, "items": [item]}}


def _mount(name: str, path: str) -> Manifest:
    return {"name": name, "mountPath": path, "readOnly": True}
