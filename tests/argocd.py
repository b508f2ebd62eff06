"""What Argo CD makes of an object with our health checks: in a Lua of the version that it runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from lupa.lua51 import LuaRuntime

HEALTH = Path(__file__).parent.parent / "manifests" / "argocd" / "health.yaml"
_KEY = "resource.customizations.health.davit.dev_"


class Health(NamedTuple):
    """What a health check returns."""

    status: str
    message: str


@cache
def scripts() -> dict[str, str]:
    """Return the checks, by kind."""
    data: dict[str, str] = yaml.safe_load(HEALTH.read_text())["data"]
    return {key.removeprefix(_KEY): script for key, script in data.items()}


def health(kind: str, thing: Mapping[str, Any]) -> Health:
    """Return what the check of ``kind`` says of an object, as the API server gives it."""
    # None of Lua's libraries that reach outside, as in Argo CD.
    lua = LuaRuntime(register_eval=False, register_builtins=False)
    for library in ("os", "io", "package", "require", "python", "dofile", "loadfile"):
        lua.globals()[library] = None
    plain = json.loads(json.dumps(thing))
    lua.globals()["obj"] = lua.table_from(plain, recursive=True)
    found = lua.execute(scripts()[kind])
    return Health(status=found["status"], message=found["message"])
