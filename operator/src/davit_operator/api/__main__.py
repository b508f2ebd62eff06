"""``python -m davit_operator.api DIRECTORY`` writes the CRDs there, one file per kind."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from davit_operator.api.crd import crd
from davit_operator.api.kinds import GROUP, KINDS, Kind

HEADER = "# Generated from the models in davit_operator.api by `make generate`; do not edit.\n"


def crd_file_name(kind: Kind) -> str:
    """Return the name of the file that holds the CRD of ``kind``."""
    return f"{GROUP}_{kind.plural}.yaml"


def crd_file_text(kind: Kind) -> str:
    """Return what that file says."""
    return HEADER + yaml.safe_dump(crd(kind), sort_keys=False, width=100)


def kustomization_text() -> str:
    """Return the file that makes the folder a base of kustomize."""
    base = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [crd_file_name(kind) for kind in KINDS],
    }
    return HEADER + yaml.safe_dump(base, sort_keys=False)


def main(arguments: list[str]) -> int:
    """Write the files; return the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m davit_operator.api DIRECTORY\n")
        return 2
    folder = Path(arguments[0])
    for kind in KINDS:
        (folder / crd_file_name(kind)).write_text(crd_file_text(kind))
    (folder / "kustomization.yaml").write_text(kustomization_text())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
