"""Tells what there is of a log up to now: from the pod, from JobLogs, from the run's status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from davit_kubectl.failures import ApiError, Forbidden
from davit_kubectl.pieces import Pieces
from davit_kubectl.pod_log import MAY_NOT_READ, printed

if TYPE_CHECKING:
    from davit_kubectl.run_view import RunView
    from davit_kubectl.seam import Seam
    from davit_kubectl.server import Server
    from davit_kubectl.shown_log import Teller


def tell_history(server: Server, run: RunView, seam: Seam, teller: Teller) -> None:
    """Tell the log up to now, from where it is whole: a finished run's from objects."""
    pieces = Pieces(server, teller)
    if not run.is_finished:
        tell_all(server, run, seam, teller, pieces)
        return
    for record in pieces.stored(run, seam):
        teller.record(record)
    if not pieces.may_read or run.log.get("incomplete"):
        tell_all(server, run, seam, teller, pieces)
    for record in pieces.tail(run, seam):
        teller.record(record)
    note_loss(run, teller)


def note_loss(run: RunView, teller: Teller) -> None:
    """Say what davit says of a finished run's log that is not complete."""
    if run.log.get("message"):
        teller.note(run.log["message"])


def tell_all(server: Server, run: RunView, seam: Seam, teller: Teller, pieces: Pieces) -> None:
    """Tell what ``seam`` does not know yet: from the pod where it answers, else from objects."""
    if _tell_printed(server, run, seam, teller):
        return
    for record in pieces.after(run, seam):
        teller.record(record)


def _tell_printed(server: Server, run: RunView, seam: Seam, teller: Teller) -> bool:
    """Tell what the pod says; return whether that is all there is."""
    if not run.pod:
        return False
    try:
        for record in seam.news(printed(server, run, seam.time)):
            teller.record(record)
    except Forbidden:
        teller.note(MAY_NOT_READ.format(namespace=run.namespace))
        return False
    except ApiError:
        # The pod is gone, or has not begun.
        return False
    last = run.last_sequence
    return last is None or seam.told >= last
