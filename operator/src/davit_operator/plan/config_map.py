"""The files that a ConfigMap holds, and the hash that stands for their commit."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections import Counter
from collections.abc import Mapping
from typing import Any

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled, Waiting
from davit_operator.plan.artifact_tree import SourceFile
from davit_operator.plan.sightings import ConfigMapLook

_FIELD = "spec.source.configMap"


def config_map_files(look: ConfigMapLook, config_map: Mapping[str, Any]) -> tuple[SourceFile, ...]:
    """Return the files that ``look`` asks for, of the object as the API server sends it.

    Raises:
        Waiting: ``CONFIG_MAP_NOT_FOUND``: it has no such key.
        Stalled: ``INVALID_SPEC``: two items have one path.
    """
    content = _content(config_map)
    missing = sorted({key for key, _ in look.items} - set(content))
    if missing:
        raise Waiting(
            Reason.CONFIG_MAP_NOT_FOUND,
            f'ConfigMap "{look.name}" has no key "{missing[0]}". Add it, or correct '
            f"{_FIELD}.items.",
        )
    twice = [path for path, times in Counter(path for _, path in look.items).items() if times > 1]
    if twice:
        raise Stalled(
            Reason.INVALID_SPEC,
            f'{_FIELD}.items: two items have the path "{twice[0]}". Remove one.',
        )
    wanted = look.items or tuple((key, key) for key in sorted(content))
    return tuple(SourceFile(path=path, data=content[key]) for key, path in wanted)


def config_map_missing(look: ConfigMapLook) -> Waiting:
    """Return that there is no such ConfigMap."""
    return Waiting(
        Reason.CONFIG_MAP_NOT_FOUND,
        f'ConfigMap "{look.name}" was not found in namespace "{look.namespace}". Create it, or '
        f"correct {_FIELD}.name.",
    )


def content_commit(files: tuple[SourceFile, ...]) -> str:
    """Return 64 hexadecimal digits that change with every path and byte, and nothing else."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda each: each.path):
        digest.update(f"{file.path}\0{len(file.data)}\0".encode() + file.data)
    return digest.hexdigest()


def _content(config_map: Mapping[str, Any]) -> dict[str, bytes]:
    # The API server refuses a key that stands in both.
    return {
        **{key: text.encode() for key, text in (config_map.get("data") or {}).items()},
        **{key: b64decode(data) for key, data in (config_map.get("binaryData") or {}).items()},
    }
