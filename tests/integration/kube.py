"""A client of the API server for tests: what a person with kubectl does, without its start-up."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from tests.faults.access import access

T = TypeVar("T")
Object = dict[str, Any]

POLL_SECONDS = 0.05
# Generous: it is only used up when something is broken.
PATIENCE_SECONDS = 60.0

_CORE = "/api/v1"
_DAVIT = "/apis/davit.dev/v1alpha1"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_ADMISSION = "/apis/admissionregistration.k8s.io/v1"
_PLACES: dict[str, tuple[str, str]] = {
    "Namespace": (_CORE, "namespaces"),
    "Node": (_CORE, "nodes"),
    "Pod": (_CORE, "pods"),
    "Secret": (_CORE, "secrets"),
    "ConfigMap": (_CORE, "configmaps"),
    "Event": (_CORE, "events"),
    "ServiceAccount": (_CORE, "serviceaccounts"),
    "ResourceQuota": (_CORE, "resourcequotas"),
    "Job": ("/apis/batch/v1", "jobs"),
    "Lease": ("/apis/coordination.k8s.io/v1", "leases"),
    "NetworkPolicy": ("/apis/networking.k8s.io/v1", "networkpolicies"),
    "MutatingAdmissionPolicy": (_ADMISSION, "mutatingadmissionpolicies"),
    "MutatingAdmissionPolicyBinding": (_ADMISSION, "mutatingadmissionpolicybindings"),
    "Deployment": ("/apis/apps/v1", "deployments"),
    "CustomResourceDefinition": ("/apis/apiextensions.k8s.io/v1", "customresourcedefinitions"),
    "ValidatingAdmissionPolicy": (_ADMISSION, "validatingadmissionpolicies"),
    "ValidatingAdmissionPolicyBinding": (_ADMISSION, "validatingadmissionpolicybindings"),
    "JobRepository": (_DAVIT, "jobrepositories"),
    "JobDefinition": (_DAVIT, "jobdefinitions"),
    "JobRun": (_DAVIT, "jobruns"),
    "JobLog": (_DAVIT, "joblogs"),
    "JobFile": (_DAVIT, "jobfiles"),
    "Role": (_RBAC, "roles"),
    "RoleBinding": (_RBAC, "rolebindings"),
}


class RefusedError(Exception):
    """The API server said no."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{message} (HTTP {status})")
        self.status = status
        self.message = message


class Kube:
    """Calls of one API server with one kubeconfig."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        self._access = access(kubeconfig)

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        content_type: str = "application/json",
        **query: str,
    ) -> Object:
        """Return the answer's JSON; raise RefusedError."""
        asked = f"?{urlencode(query)}" if query else ""
        request = urllib.request.Request(  # noqa: S310 (the API server)
            f"{self._access.server}{path}{asked}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": content_type, **self._access.headers},
        )
        try:
            with urllib.request.urlopen(  # noqa: S310 (the API server)
                request, context=self._access.tls, timeout=60
            ) as answer:
                said: Object = json.load(answer)
                return said
        except urllib.error.HTTPError as error:
            with error:
                raise RefusedError(error.code, _message(error.read())) from None

    def settled(self, path: str) -> None:
        """Return once a list can be read: for a moment after its CRD came, it cannot."""

        def probe() -> bool:
            try:
                self.call("GET", path, limit="1")
            except RefusedError as error:
                if error.status != 429:
                    raise
                return False
            return True

        eventually(probe, f"{path} can be read")

    def acting_as(self, user: str) -> Kube:
        """Return a client that does what ``user`` may do, as ``kubectl --as`` does."""
        other = Kube(self.kubeconfig)
        who = {"Impersonate-User": user}
        other._access = replace(self._access, headers={**self._access.headers, **who})
        return other

    def find(self, kind: str, namespace: str, name: str) -> Object | None:
        """Return an object; None where there is none."""
        try:
            return self.call("GET", path_of(kind, namespace, name))
        except RefusedError as error:
            if error.status != 404:
                raise
            return None

    def create(self, manifest: Mapping[str, Any]) -> Object:
        """Create an object, refusing fields that its kind does not know."""
        metadata = manifest["metadata"]
        path = path_of(manifest["kind"], metadata.get("namespace", ""))
        return self.call("POST", path, manifest, fieldValidation="Strict")


def path_of(kind: str, namespace: str = "", name: str = "", subresource: str = "") -> str:
    """Return the path of a kind's objects, or of one of them."""
    root, plural = _PLACES[kind]
    within = f"{root}/namespaces/{namespace}" if namespace else root
    return "/".join(part for part in (within, plural, name, subresource) if part)


def eventually(probe: Callable[[], T | None], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """Return what ``probe`` gives as soon as that is true; fail with ``what`` when it never is."""
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain: {what}"
        time.sleep(POLL_SECONDS)


def _message(said: bytes) -> str:
    try:
        return str(json.loads(said)["message"])
    except (ValueError, KeyError, TypeError):
        return said.decode(errors="replace")
