"""The command line: `python -m tests.cluster VERB`."""

import argparse
import sys
from collections.abc import Callable

from tests.cluster.binaries import binaries
from tests.cluster.down import down
from tests.cluster.images import images
from tests.cluster.progress import ClusterError, say
from tests.cluster.state import KUBECONFIG
from tests.cluster.status import status
from tests.cluster.up import up


def show(line: object) -> None:
    """Print a result."""
    sys.stdout.write(f"{line}\n")


def show_images() -> None:
    """Print the references that manifests put in place of the published images."""
    for name, reference in images().items():
        show(f"{name}={reference}")


VERBS: dict[str, tuple[str, Callable[[], None]]] = {
    "up": ("start the local cluster and write .davit/kubeconfig", up),
    "down": ("end it and remove everything it made", down),
    "status": ("say what runs and where its logs are", lambda: show(status())),
    "kubeconfig": ("print the path of the kubeconfig", lambda: show(KUBECONFIG)),
    "images": ("build both images and give them to the cluster", show_images),
    "binaries": ("build Kubernetes only; print the folder", lambda: show(binaries())),
}


def main() -> int:
    """Run one verb; what goes wrong is a sentence, not a traceback."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for name, (about, _) in VERBS.items():
        verbs.add_parser(name, help=about)
    try:
        VERBS[parser.parse_args().verb][1]()
    except ClusterError as error:
        say(f"error: {error}")
        return 1
    except KeyboardInterrupt:
        say("Interrupted; the same command goes on from here.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
