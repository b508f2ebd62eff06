"""kubectl as a user calls it: the tiers that say they are real speak to the cluster through it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Manifest = Mapping[str, Any]


class KubectlError(Exception):
    """kubectl ended with another code than 0; the message is what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kubectl:
    """kubectl for one cluster and, where one is given, one namespace."""

    program: str
    kubeconfig: Path
    namespace: str = ""

    def __call__(self, *arguments: str, stdin: str = "", check: bool = True) -> str:
        """Return what ``kubectl ARGUMENTS`` prints; raise KubectlError where it fails."""
        ended = subprocess.run(
            [*self.command(), *arguments], input=stdin, text=True, capture_output=True, check=False
        )
        if check and ended.returncode:
            raise KubectlError(f"kubectl {' '.join(arguments)}: {ended.stderr.strip()}")
        return ended.stdout if check else ended.stdout + ended.stderr

    def command(self) -> list[str]:
        """Return the words that begin every call."""
        scope = ["--namespace", self.namespace] if self.namespace else []
        return [self.program, "--kubeconfig", str(self.kubeconfig), *scope]

    def calling(self, *words: str) -> list[str]:
        """Return ``kubectl WORDS``; to plugins kubectl gives only what stands after their name."""
        if words[0] != "davit":
            return [*self.command(), *words]
        _, *scope = self.command()
        return [self.program, *words, *scope]

    def environment_with_plugins(self) -> dict[str, str]:
        """Return an environment in which kubectl finds ``kubectl davit``."""
        folder = Path(sys.executable).parent
        return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}

    def within(self, namespace: str) -> Kubectl:
        """Return kubectl for that namespace of the same cluster."""
        return Kubectl(program=self.program, kubeconfig=self.kubeconfig, namespace=namespace)

    def apply(self, *manifests: Manifest) -> str:
        """Apply the objects; return what kubectl says of each."""
        return self("apply", "-f", "-", stdin=_stream(manifests))

    def create(self, *manifests: Manifest) -> str:
        """Create the objects; return what kubectl says of each."""
        return self("create", "-f", "-", stdin=_stream(manifests))

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """Return the object."""
        found: dict[str, Any] = json.loads(self("get", kind, name, "-o", "json"))
        return found

    def items(self, kind: str, *arguments: str) -> list[dict[str, Any]]:
        """Return the objects of a kind."""
        found: list[dict[str, Any]] = json.loads(self("get", kind, *arguments, "-o", "json"))[
            "items"
        ]
        return found

    def wait(self, thing: str, condition: str, seconds: int = 120) -> str:
        """Wait until ``thing`` (kind/name) fulfils the condition, such as condition=Finished."""
        return self("wait", thing, f"--for={condition}", f"--timeout={seconds}s")


def _stream(manifests: tuple[Manifest, ...]) -> str:
    return "\n".join(json.dumps(manifest) for manifest in manifests)
