"""The container's entry point: ``python3 -P -m davit._runner run`` or ``… discover``."""

from __future__ import annotations

import gc
import sys

# Until there is a child: what is imported is no garbage, and to look for some takes 3 ms.
gc.disable()

from davit._runner.pod import PodPlaces, discovery_pod, run_pod  # noqa: E402


def main(arguments: list[str]) -> int:
    """Return the exit code of what ``arguments`` ask for."""
    if arguments == ["run"]:
        return run_pod(PodPlaces())
    if arguments == ["discover"]:
        return discovery_pod(PodPlaces())
    print("usage: python3 -P -m davit._runner run|discover", file=sys.stderr)  # noqa: T201 (a command)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
