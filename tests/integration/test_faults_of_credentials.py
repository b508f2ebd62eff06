"""A token that is revoked, and its successor, as a pod's ServiceAccount has them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.cluster.controlplane import LOOPBACK, ControlPlane
from tests.integration.audit import AuditLog, Call
from tests.integration.faults import Seen, check_costs, check_end
from tests.integration.kube import Kube, RefusedError, eventually, path_of
from tests.integration.place import Place
from tests.integration.running import OperatorThread

from davit_operator.effects.connect import use_service_account

ACCOUNT = "davit"
UNAUTHORIZED = 401
SUCCEEDED = ("Succeeded", "Succeeded")


class PodOperator(OperatorThread):
    """An operator that finds the server as one in a pod does, by the folder of its account."""

    async def _find_server(self, configuration: Any) -> None:
        use_service_account(configuration, self.kubeconfig)


class Tokens:
    """The folder of a ServiceAccount that may do everything; each token can be revoked."""

    def __init__(self, plane: ControlPlane, place: Place, folder: Path) -> None:
        self.folder = folder
        self._place = place
        self._server = plane.server
        shutil.copy(plane.authority.files.certificate, folder / "ca.crt")
        metadata = {"name": ACCOUNT, "namespace": place.name}
        place.kube.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
        place.kube.call(
            "POST",
            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            {
                "metadata": {"name": f"davit-{place.name}"},
                "roleRef": {
                    "apiGroup": "rbac.authorization.k8s.io",
                    "kind": "ClusterRole",
                    "name": "cluster-admin",
                },
                "subjects": [{"kind": "ServiceAccount", **metadata}],
            },
        )

    def make(self, name: str) -> str:
        """Return a token that lives as long as the Secret of that name."""
        secret = self._place.create("Secret", name)
        bound = {"kind": "Secret", "apiVersion": "v1", "name": name}
        bound["uid"] = secret["metadata"]["uid"]
        path = path_of("ServiceAccount", self._place.name, ACCOUNT, "token")
        made = self._place.kube.call("POST", path, {"spec": {"boundObjectRef": bound}})
        token: str = made["status"]["token"]
        return token

    def give(self, token: str) -> None:
        """Put a token where the pod finds it, as the kubelet does."""
        fresh = self.folder / "fresh"
        fresh.write_text(token)
        fresh.rename(self.folder / "token")

    def revoke(self, name: str, token: str) -> None:
        """Delete the Secret of a token, and return when the server has noticed."""
        self._place.delete("Secret", name)
        holder = Kube(self._kubeconfig(token))

        def refused() -> bool:
            try:
                holder.call("GET", path_of("Namespace"))
            except RefusedError as error:
                return error.status == UNAUTHORIZED
            return False

        eventually(refused, "the token is refused")

    def _kubeconfig(self, token: str) -> Path:
        cluster = {"server": self._server, "certificate-authority": str(self.folder / "ca.crt")}
        config = {
            "clusters": [{"name": ACCOUNT, "cluster": cluster}],
            "users": [{"name": ACCOUNT, "user": {"token": token}}],
            "contexts": [{"name": ACCOUNT, "context": {"cluster": ACCOUNT, "user": ACCOUNT}}],
            "current-context": ACCOUNT,
        }
        path = self.folder / "kubeconfig"
        path.write_text(json.dumps(config))
        return path


@pytest.fixture
def tokens(plane: ControlPlane, place: Place, tmp_path: Path) -> Tokens:
    return Tokens(plane, place, tmp_path)


@pytest.fixture
def pod(
    no_operator: OperatorThread,
    plane: ControlPlane,
    tokens: Tokens,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[OperatorThread]:
    """Return an operator with the environment of a pod."""
    assert no_operator
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", LOOPBACK)
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(plane.ports.apiserver))
    folder = tmp_path_factory.mktemp("state")
    thread = PodOperator(tokens.folder, folder)
    yield thread
    thread.stop()


def of_operator(audit: AuditLog, code: int) -> list[Call]:
    """Return the operator's calls that were answered so; nobody knows who they were by."""
    calls = [call for call in audit.calls() if call.code == code]
    return [call for call in calls if not call.user_agent.startswith("Python-urllib")]


def test_a_token_revoked_before_its_successor_is_there_costs_no_run(
    pod: OperatorThread, tokens: Tokens, plane: ControlPlane, place: Place, audit: AuditLog
) -> None:
    seen = Seen(plane, place)
    first, second = tokens.make("first"), tokens.make("second")
    tokens.give(first)
    pod.start()
    place.installed()
    place.run("ada")
    place.start("ada")
    place.phase("ada", "Running")
    tokens.revoke("first", first)
    place.finish("ada")
    eventually(lambda: of_operator(audit, UNAUTHORIZED), "the operator is refused")
    tokens.give(second)
    check_end(place, seen, "ada", SUCCEEDED, datetime.now(UTC))
    place.run("bob")
    place.start("bob")
    place.finish("bob")
    check_end(place, seen, "bob", SUCCEEDED)
    check_costs(seen, 2)
