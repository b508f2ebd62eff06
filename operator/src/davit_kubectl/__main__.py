"""``kubectl davit``: the plugin's command; ``davit cluster`` is the same."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from davit._command.streams import complain, forget_output, prepare_streams
from davit._command.terminal import OutputLost, shown
from davit_kubectl.access import Wanted, access
from davit_kubectl.arguments import parsed
from davit_kubectl.failures import FAILED, INTERRUPTED, Failure
from davit_kubectl.server import Server
from davit_kubectl.surroundings import environment

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

# Imported when asked for: each waits only for what it needs.
_VERBS = {
    "run": "running.run",
    "logs": "logs.logs",
    "list": "listing.list_objects",
    "describe": "describing.describe",
    "cancel": "switching.cancel",
    "enable": "switching.enable",
    "disable": "switching.disable",
    "files": "fetching.files",
    "result": "fetching.result",
}


def main(arguments: Sequence[str] | None = None, program: str = "kubectl davit") -> int:
    """Return the exit code: see ``arguments.EXIT_CODES``."""
    prepare_streams()
    options = parsed(arguments, program)
    try:
        return _verb(options.verb)(options, server_of(options))
    except Failure as failure:
        complain(shown(f"{program}: {failure}"))
        return failure.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except OutputLost as lost:
        return _end_unheard(lost, program)


def server_of(options: argparse.Namespace) -> Server:
    """Return the server that the options name."""
    wanted = Wanted(
        options.kubeconfig, options.context, options.namespace, options.user, options.groups
    )
    return Server(lambda: access(wanted, environment()))


def _verb(name: str) -> Callable[[argparse.Namespace, Server], int]:
    module, _, function = _VERBS[name].partition(".")
    found: Callable[[argparse.Namespace, Server], int] = getattr(
        import_module(f"davit_kubectl.{module}"), function
    )
    return found


def _end_unheard(lost: OutputLost, program: str) -> int:
    """End as programs do whose reader has left: by SIGPIPE, which shells pass over in silence."""
    forget_output()
    if isinstance(lost.cause, BrokenPipeError):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    complain(f"{program}: {lost}")
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
