"""What manifests/base/rbac.yaml allows is what the operator needs to lead and to work."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cluster.controlplane import ControlPlane
from tests.cluster.pki import Subject
from tests.faults.host_operator import OperatorProcess
from tests.integration.conftest import new_place
from tests.integration.kube import Kube, eventually, path_of
from tests.integration.place import Place
from tests.integration.replicas import LEASE
from tests.integration.rights import MANIFESTS
from tests.integration.running import OperatorThread, environment

RBAC = MANIFESTS / "base" / "rbac.yaml"
ROOT = "/apis/rbac.authorization.k8s.io/v1"
SYSTEM = "davit-system"
USER = "limited-operator"


def granted(kube: Kube) -> None:
    """Give a user the rights that the operator's account has."""
    for each in yaml.safe_load_all(RBAC.read_text()):
        if each["kind"] == "ServiceAccount":
            continue
        if "subjects" in each:
            group = "rbac.authorization.k8s.io"
            each["subjects"] = [{"kind": "User", "name": USER, "apiGroup": group}]
        kube.call("POST", _path(each), each)


def _path(manifest: dict[str, Any]) -> str:
    namespace = manifest["metadata"].get("namespace")
    within = f"{ROOT}/namespaces/{namespace}" if namespace else ROOT
    return f"{within}/{manifest['kind'].lower()}s"


@pytest.fixture
def limited(
    no_operator: OperatorThread, kube: Kube, plane: ControlPlane, tmp_path: Path
) -> Iterator[OperatorProcess]:
    """Run an operator that may do what the deployed one may, and no more."""
    assert no_operator
    new_place(kube, SYSTEM)
    granted(kube)
    kubeconfig = plane.config(USER, Subject(user=USER))
    settings = environment(kubeconfig, tmp_path, DAVIT_NAMESPACE=SYSTEM)
    operator = OperatorProcess(environment=settings, log=tmp_path / "log")
    operator.start()
    yield operator
    operator.stop()


def test_an_operator_with_the_deployed_ones_rights_leads_and_works(
    limited: OperatorProcess, kube: Kube, place: Place
) -> None:
    place.installed()
    place.run("ada")
    place.start("ada")
    place.phase("ada", "Running")
    place.finish("ada")
    place.phase("ada", "Succeeded")
    assert "HTTP 403" not in limited.log.read_text()
    holder = kube.call("GET", path_of("Lease", SYSTEM, LEASE))["spec"]["holderIdentity"]
    second = OperatorProcess(environment=limited.environment, log=limited.log.parent / "second")
    second.start()
    eventually(lambda: "stands by" in second.log.read_text(), "the second stands by")
    limited.send(signal.SIGTERM)
    assert limited.await_end() == 0
    eventually(lambda: "leads" in second.log.read_text(), "the second leads")
    assert kube.call("GET", path_of("Lease", SYSTEM, LEASE))["spec"]["holderIdentity"] != holder
    assert "HTTP 403" not in second.log.read_text()
    second.stop()
