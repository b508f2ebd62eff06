"""``logs``: a run's log, as it was, and on request as it goes on."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from davit._command.streams import complain, screen_on
from davit_kubectl.failures import INTERRUPTED, OK
from davit_kubectl.following import Following, goes_on
from davit_kubectl.objects import find_run
from davit_kubectl.run_view import RunView
from davit_kubectl.seam import Filter, Seam, since_text
from davit_kubectl.shown_log import LastOnes, Printed
from davit_kubectl.surroundings import now
from davit_kubectl.telling import tell_history

if TYPE_CHECKING:
    import argparse

    from davit_kubectl.server import Server
    from davit_kubectl.shown_log import Teller


def logs(options: argparse.Namespace, server: Server) -> int:
    """Print the log of the newest attempt; with ``-f`` until the run has ended."""
    run = find_run(server, options.name)
    seam = Seam(run.attempt)
    teller = Printed(screen_on(sys.stdout), _filter(options), as_json=options.output == "json")
    follows = options.follow and not run.is_finished
    if options.tail is not None or not follows:
        _tell_so_far(server, run, seam, options, teller)
    if not follows:
        return OK
    try:
        Following(server, run, seam, teller).until_end()
    except KeyboardInterrupt:
        teller.ended()
        complain(goes_on(run))
        return INTERRUPTED
    return OK


def _tell_so_far(
    server: Server, run: RunView, seam: Seam, options: argparse.Namespace, teller: Printed
) -> None:
    to: Teller = teller
    if options.tail is not None:
        to = LastOnes(options.tail, _filter(options), teller)
    tell_history(server, run, seam, to)
    to.ended()
    teller.ended()


def _filter(options: argparse.Namespace) -> Filter:
    since = ""
    if options.since is not None:
        since = since_text(now() - timedelta(seconds=options.since))
    return Filter(options.level, options.grouping, since)
