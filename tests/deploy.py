"""Install davit on the target cluster, as the README says: ``python -m tests.deploy``."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import yaml

from tests.cluster.progress import ClusterError, step
from tests.kubectl import KubectlError
from tests.target import Target, TargetError, target

BASE = Path(__file__).parent.parent / "manifests" / "base"
NAMESPACE = "davit-system"


def deploy(to: Target) -> None:
    """Apply ``manifests/base`` with the target's images; return once the operator is ready."""
    kubectl = to.kubectl
    with (
        step("Deploying the operator", "5 s, 30 s the first time"),
        tempfile.TemporaryDirectory(dir=BASE.parent, prefix=".deploy-") as folder,
    ):
        (Path(folder) / "kustomization.yaml").write_text(yaml.safe_dump(_overlay(to)))
        kubectl("apply", "--server-side", "--force-conflicts", "-k", folder)
        for crd in ("jobrepositories", "jobdefinitions", "jobruns"):
            kubectl.wait(f"crd/{crd}.davit.dev", "condition=Established")
        within = kubectl.within(NAMESPACE)
        within("rollout", "status", "deployment/davit-operator", "--timeout=60s")


def _overlay(to: Target) -> dict[str, object]:
    """Return a kustomization that puts the target's images in place of the published names."""
    name, _, tag = to.operator_image.rpartition(":")
    runner = [
        {
            "op": "replace",
            "path": "/spec/template/spec/containers/0/env/0/value",
            "value": to.runner_image,
        }
    ]
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": ["../base"],
        "components": _components(to),
        "images": [{"name": "davit-operator", "newName": name, "newTag": tag}],
        "patches": [
            {
                "target": {"kind": "Deployment", "name": "davit-operator"},
                "patch": yaml.safe_dump(runner),
            }
        ],
    }


def _components(to: Target) -> list[str]:
    """Return what the server is new enough for."""
    version = json.loads(to.kubectl("version", "-o", "json"))["serverVersion"]
    is_new = (int(version["major"]), int(version["minor"].rstrip("+"))) >= (1, 36)
    return ["../components/stamp-requester"] if is_new else []


def main() -> int:
    """Install; what goes wrong is a sentence, not a traceback."""
    try:
        deploy(target())
    except (ClusterError, KubectlError, TargetError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
