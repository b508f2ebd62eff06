"""Describes KWOK, built from source: a kubelet for thousands of pods, of which none really runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.built import Programs, go_build
from tests.cluster.controlplane import LOOPBACK, ControlPlane
from tests.cluster.files import write_file
from tests.cluster.pki import Subject
from tests.cluster.processes import Daemon
from tests.cluster.state import SOURCE

# A module of its own: the Kubernetes beside it stays built when KWOK's version changes.
MODULE = SOURCE / "kwok"
NODE_NAME = "fake"
# KWOK's own 4 would be what limits runs per second.
PODS_AT_ONCE = 32


def fake_kubelet(plane: ControlPlane, *stages: Mapping[str, Any]) -> Daemon:
    """Return the kubelet of the Node ``fake``, whose pods live as ``stages`` say.

    A stage is a manifest of KWOK's kind Stage. The Node is the caller's to create.
    """
    serving = plane.authority.issue("kwok-serving", Subject(user=NODE_NAME, hosts=[LOOPBACK]))
    port = plane.ports.kubelet
    options = {
        "manageSingleNode": NODE_NAME,
        "nodeIP": LOOPBACK,
        "nodePort": port,
        "enableDebuggingHandlers": True,
        "serverAddress": f"{LOOPBACK}:{port}",
        "tlsCertFile": str(serving.certificate),
        "tlsPrivateKeyFile": str(serving.key),
        "nodeLeaseDurationSeconds": 40,
        "nodeLeaseParallelism": 1,
        "nodePlayStageParallelism": 1,
        "podPlayStageParallelism": PODS_AT_ONCE,
    }
    kind = {"apiVersion": "config.kwok.x-k8s.io/v1alpha1", "kind": "KwokConfiguration"}
    node = yaml.safe_load_all((MODULE / "node.yaml").read_text())
    path = write_file(
        plane.folder / "config" / "kwok.yaml",
        yaml.safe_dump_all([{**kind, "options": options}, *node, *stages], width=1000),
    )
    argv: list[str | Path] = [
        # It reads ~/.kwok as well.
        "/usr/bin/env",
        f"HOME={plane.folder}",
        kwok().folder() / "kwok",
        f"--kubeconfig={plane.config('kwok', Subject(user='kwok', group='system:masters'))}",
        f"--config={path}",
    ]
    return Daemon(name="kwok", argv=argv, ready=lambda: plane.api.node_ready(NODE_NAME))


def kwok() -> Programs:
    """Return KWOK of the version that its go.mod pins."""
    return Programs(
        kept="kwok-binaries",
        inputs=(MODULE / "go.mod", MODULE / "go.sum"),
        make=lambda target: go_build(
            MODULE, target, ["sigs.k8s.io/kwok/cmd/kwok"], "", "go-build-kwok.log"
        ),
        what="KWOK",
        usually="2 min the first time; ready-made after that",
    )
