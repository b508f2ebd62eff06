"""Which cluster the demo and the e2e tier use: the local one, or yours with ``CLUSTER=current``.

``python -m tests.target`` prints its kubeconfig.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.kubectl import Kubectl


class TargetError(Exception):
    """There is no cluster to use; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A cluster, and the images that it can pull or has."""

    kubectl: Kubectl
    operator_image: str
    runner_image: str
    is_local: bool


def target() -> Target:
    """Return the cluster to use; the local one is started, and the images built, where needed.

    Raises:
        TargetError: ``CLUSTER=current`` without a kubeconfig, kubectl or images.
    """
    return _current() if os.environ.get("CLUSTER") == "current" else _local()


def _local() -> Target:
    from tests.cluster.binaries import binaries
    from tests.cluster.images import images
    from tests.cluster.state import KUBECONFIG
    from tests.cluster.up import up

    up()
    built = images()
    return Target(
        kubectl=Kubectl(program=str(binaries() / "kubectl"), kubeconfig=KUBECONFIG),
        operator_image=built["operator"],
        runner_image=built["runner"],
        is_local=True,
    )


def _current() -> Target:
    program = shutil.which("kubectl")
    given = {name: os.environ.get(name, "") for name in ("OPERATOR_IMAGE", "RUNNER_IMAGE")}
    missing = [name for name, value in given.items() if not value]
    if program is None:
        raise TargetError("CLUSTER=current needs kubectl on the PATH. Install it.")
    if missing:
        raise TargetError(
            f"CLUSTER=current needs {' and '.join(missing)}: images that the cluster can pull. "
            "Build them with `docker build -f operator/Dockerfile .` and `docker build -f "
            "runner_image/Dockerfile .`, and push them."
        )
    return Target(
        kubectl=Kubectl(program=program, kubeconfig=_kubeconfig()),
        operator_image=given["OPERATOR_IMAGE"],
        runner_image=given["RUNNER_IMAGE"],
        is_local=False,
    )


def _kubeconfig() -> Path:
    path = Path(os.environ.get("KUBECONFIG") or Path.home() / ".kube" / "config")
    if not path.exists():
        raise TargetError(f"There is no kubeconfig at {path}. Set KUBECONFIG to yours.")
    return path


def kubeconfig() -> Path:
    """Return the kubeconfig in use."""
    if os.environ.get("CLUSTER") == "current":
        return _kubeconfig()
    from tests.cluster.state import KUBECONFIG

    return KUBECONFIG


def main() -> int:
    """Print the kubeconfig in use; what is missing is a sentence, not a traceback."""
    try:
        sys.stdout.write(f"{kubeconfig()}\n")
    except TargetError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
