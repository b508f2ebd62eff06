"""Everything that people may read who may not read Secrets, searched for canaries."""

from __future__ import annotations

import base64
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.kubectl import Kubectl
from tests.unit.runner.disguised import DISGUISES

OPERATOR_NAMESPACE = "davit-system"
# Beside all kinds of ours, whichever there are.
_KINDS = ("events", "configmaps", "pods", "jobs.batch")


def dump(kubectl: Kubectl) -> dict[str, str]:
    """Return what stands in the namespace, and what the operator printed, by where it stands."""
    ours = kubectl("api-resources", "--api-group=davit.dev", "-o", "name").split()
    found = {}
    for kind in (*ours, *_KINDS):
        items = kubectl.items(kind)
        found[kind] = json.dumps(items, ensure_ascii=False)
        for item in items:
            name = f"{kind}/{item['metadata']['name']}"
            found[name] = "\n".join(_texts(item))
    found |= dict(_contents(kubectl))
    found |= {f"log of {pod}": kubectl("logs", pod) for pod in _pods(kubectl)}
    operator = kubectl.within(OPERATOR_NAMESPACE)
    replicas = ("--selector", "app.kubernetes.io/component=operator")
    found["operator"] = operator("logs", *replicas, "--tail=-1")
    return found


def leaks(places: Mapping[str, str], secrets: Iterable[str]) -> list[str]:
    """Return where a secret is seen, and in which disguise."""
    return [
        f"{place} shows {secret} ({disguise})"
        for secret in secrets
        for disguise, form in DISGUISES.items()
        for place, text in places.items()
        if form(secret).strip() in text
    ]


def _texts(item: Any) -> Iterator[str]:
    """Yield each text of an object as it is, without JSON's escapes."""
    if isinstance(item, str):
        yield item
    elif isinstance(item, dict):
        for key, value in item.items():
            yield key
            yield from _texts(value)
    elif isinstance(item, list):
        for each in item:
            yield from _texts(each)


def _contents(kubectl: Kubectl) -> Iterator[tuple[str, str]]:
    """Yield the logs and files that JobLogs and JobFiles hold."""
    for chunk in kubectl.items("joblogs"):
        data = gzip.decompress(base64.b64decode(chunk["spec"]["data"])).decode()
        yield f"lines of {chunk['metadata']['name']}", data
        records = [json.loads(line) for line in data.splitlines()]
        yield f"records of {chunk['metadata']['name']}", "\n".join(_texts(records))
    files: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for piece in kubectl.items("jobfiles"):
        spec = piece["spec"]
        files[spec["runRef"]["name"], spec["digest"]][spec["part"]] = spec["data"]
    for (run, digest), parts in files.items():
        content = base64.b64decode("".join(parts[number] for number in sorted(parts)))
        yield f"file {digest} of {run}", content.decode(errors="replace")


def _pods(kubectl: Kubectl) -> list[str]:
    return [
        f"pod/{pod['metadata']['name']}"
        for pod in kubectl.items("pods")
        if pod["status"]["phase"] in ("Running", "Succeeded", "Failed")
    ]
