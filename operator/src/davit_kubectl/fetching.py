"""``files`` and ``result``: what a run made."""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from davit._command.streams import complain, say
from davit._command.summary import result_text
from davit._command.terminal import OutputLost, shown
from davit_kubectl.failures import BadUsage, Failure, Forbidden, NotFound
from davit_kubectl.objects import find_run
from davit_kubectl.outcome import failure_lines
from davit_kubectl.printing import say_object, say_table
from davit_kubectl.resources import FILES

if TYPE_CHECKING:
    import argparse

    from davit_kubectl.run_view import RunView
    from davit_kubectl.server import Server

File = dict[str, Any]
# Of the file that holds a result too large for the status.
_RESULT = "Result"


def files(options: argparse.Namespace, server: Server) -> int:
    """List the files of a run, or fetch one."""
    run = find_run(server, options.name)
    if options.file is None and options.number is None:
        _list(run, options.output)
        return 0
    file = _chosen(run, options.file, options.number)
    content = content_of(server, run, file)
    if options.output == "-":
        _write_out(content)
        return 0
    path = _write(content, options.output, file)
    complain(shown(f"{path} ({len(content):,} bytes)"))
    return 0


def result(options: argparse.Namespace, server: Server) -> int:
    """Print what a run returned, as JSON; a run without a result ends the command with 1."""
    run = find_run(server, options.name)
    if not run.is_finished:
        raise Failure(f"{run.name} has not ended: {run.phase}. `logs -f {run.name}` waits for it.")
    if run.phase != "Succeeded" and run.status.get("result") is None:
        why = " ".join(failure_lines(run)[-2:])
        raise Failure(f"{run.name} returned nothing: {run.phase} ({run.reason}). {why}")
    value = run.status.get("result")
    if run.status.get("resultTruncated"):
        value = _large_result(server, run)
    if options.output:
        say_object(value, options.output)
    else:
        say(shown(result_text(value)))
    return 0


def content_of(server: Server, run: RunView, file: File) -> bytes:
    """Return the content of a file, joined from its JobFiles.

    Raises:
        Failure: a part is missing or may not be read, or the whole is not what the run made.
    """
    _check_stored(file)
    pieces = []
    for part in file["parts"]:
        try:
            spec = server.get(FILES.at(run.namespace, part))["spec"]
        except Forbidden as error:
            raise Failure(
                f"You may not read jobfiles in namespace {run.namespace}. {error}"
            ) from error
        except NotFound as error:
            raise Failure(
                f'JobFile {part} is gone, and with it the file "{file["name"]}": it was deleted, '
                "or removed as the namespace's budget was used up."
            ) from error
        pieces.append(spec["data"])
    return _joined(pieces, file)


def _joined(pieces: list[str], file: File) -> bytes:
    try:
        content = b64decode("".join(pieces), validate=True)
    except ValueError as error:
        raise Failure(f'The file "{file["name"]}" is damaged: {error}.') from error
    digest = f"sha256:{sha256(content).hexdigest()}"
    if digest != file["digest"]:
        raise Failure(
            f'The file "{file["name"]}" is damaged: its digest is {digest}, and the run says '
            f"{file['digest']}. Nothing was written."
        )
    return content


def _check_stored(file: File) -> None:
    """Raise Failure where the file stands in no JobFiles, with the place where it does."""
    name, claim = file["name"], file.get("persistentVolumeClaim")
    if claim:
        raise Failure(
            f'The file "{name}" is too large for JobFiles. It is {claim["path"]} on the '
            f"PersistentVolumeClaim {claim['claimName']}: read it in a pod that mounts the claim."
        )
    if file.get("removed") or not file.get("parts"):
        raise Failure(f'The file "{name}" was removed, to make room in the namespace\'s storage.')


def _large_result(server: Server, run: RunView) -> Any:
    file = next((file for file in run.files if file.get("kind") == _RESULT), None)
    if file is None:
        raise Failure(f"{run.name} returned more than is kept: its result is gone.")
    try:
        return json.loads(content_of(server, run, file))
    except ValueError as error:
        raise Failure(f"{run.name} returned something that is no JSON: {error}.") from error


def _list(run: RunView, form: str | None) -> None:
    if form in ("json", "yaml"):
        say_object(run.files, form)
        return
    if form not in (None, "wide"):
        raise BadUsage(f"-o {form} names where a file goes: give the file's NAME as well.")
    if not run.files:
        complain(f"{run.name} has made no files{'' if run.is_finished else ' yet'}.")
        return
    header = ["Number", "Name", "Size", *(["Digest", "Parts"] if form else [])]
    rows = []
    for number, file in enumerate(run.files, 1):
        more = [file["digest"], len(file.get("parts") or ())] if form else []
        rows.append([number, file["name"], file["sizeBytes"], *more])
    say_table(header, rows)


def _chosen(run: RunView, name: str | None, number: int | None) -> File:
    found = [
        file
        for place, file in enumerate(run.files, 1)
        if name in (None, file["name"]) and number in (None, place)
    ]
    if len(found) > 1:
        raise BadUsage(
            f'{run.name} has {len(found)} files "{name}". Choose one with --number: '
            f"`files {run.name}` shows them."
        )
    if not found:
        known = ", ".join(file["name"] for file in run.files) or "none"
        wanted = f'file "{name}"' if name else f"file number {number}"
        raise BadUsage(shown(f"{run.name} has no {wanted}. Its files: {known}."))
    return found[0]


def _write(content: bytes, given: str | None, file: File) -> Path:
    """Write the file where the user says, else under its own name in this folder."""
    name = file["name"].replace("\x00", "").rpartition("/")[2]
    path = Path(given) if given else Path("file" if name in ("", ".", "..") else name)
    if path.is_dir():
        path /= name
    try:
        if given is None:
            with path.open("xb") as new:
                new.write(content)
        else:
            path.write_bytes(content)
    except FileExistsError:
        raise BadUsage(f"{path} exists here. Say where the file goes with -o PATH.") from None
    except OSError as error:
        raise Failure(f"{path} cannot be written: {error.strerror}.") from error
    return path


def _write_out(content: bytes) -> None:
    try:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except OSError as error:
        raise OutputLost(error) from error
