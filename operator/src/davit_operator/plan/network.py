"""No network for discovery: its pods run the code of everybody who may push, reviewed or not."""

from __future__ import annotations

from davit_operator.api.names import (
    COMPONENT_LABEL,
    DISCOVERY_COMPONENT,
    MANAGED_BY,
    MANAGED_BY_LABEL,
)
from davit_operator.plan.pods import Manifest

POLICY_NAME = "davit-discovery"


def discovery_network_policy(namespace: str) -> Manifest:
    """Return the policy that lets the namespace's discovery pods neither send nor receive.

    It belongs to no repository: it stands before the first discovery pod, and after the last one.
    Whether it binds is up to the cluster's network plug-in.
    """
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": POLICY_NAME,
            "namespace": namespace,
            "labels": {MANAGED_BY_LABEL: MANAGED_BY},
        },
        "spec": {
            "podSelector": {"matchLabels": {COMPONENT_LABEL: DISCOVERY_COMPONENT}},
            # Each without a rule: nothing is let through.
            "policyTypes": ["Ingress", "Egress"],
        },
    }
