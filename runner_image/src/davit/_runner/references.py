"""What a run is given by reference: values of variables, and an environment, in mounted files.

The supervisor reads them before there is any of the author's code, so that it knows what must not
be seen. The child has them by the fork: they stand in no command line and in no environment but its
own.
"""

from __future__ import annotations

import os
from binascii import b2a_base64
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from davit._inputs import secret_texts
from davit.exceptions import InvalidInputs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from davit._job import BaseJob
    from davit._variables import ScriptVariable
    from davit_contract import RunRequest

# Of a secret that is no text its beginning is looked for: the forms of all of a large one would
# take seconds, in which the job runs on without its supervisor.
_MAX_BINARY = 4 * 1024
_SECRET = "Secret"  # noqa: S105 (a kind of object)


class Unreadable(Exception):  # noqa: N818 (names the situation; never leaves davit)
    """What was mounted cannot be used; the message says why, and what to do."""


class References(NamedTuple):
    """What stood in the files."""

    # By variable.
    contents: dict[str, bytes]
    environment: dict[str, str]
    # What nobody may see.
    secrets: tuple[str, ...]

    def complete(self, request: RunRequest, job_class: type[BaseJob]) -> RunRequest:
        """Return ``request`` with the values as the variables of ``job_class`` take them.

        Raises:
            InvalidInputs: one is no text, and its variable takes no other.
        """
        variables = job_class._get_vars()
        inputs, errors = dict(request.inputs), {}
        for name, content in self.contents.items():
            source = request.inputs_from[name]
            try:
                inputs[name] = _value(variables.get(name), content, source["key"])
            except UnicodeDecodeError:
                kind = type(variables[name]).__name__ if name in variables else "variable"
                errors[name] = [
                    f"{_told(source)} holds no UTF-8 text, so it fits no {kind}. Store text there, "
                    "or make the variable a FileVar."
                ]
        if errors:
            raise InvalidInputs(errors)
        return replace(request, inputs=inputs)


def read_references(request: RunRequest, inputs_path: str, environment_path: str) -> References:
    """Return what ``request`` names.

    Raises:
        Unreadable: a file is missing, or cannot be an environment variable.
    """
    contents, secrets = {}, list[str]()
    for name, source in request.inputs_from.items():
        contents[name] = content = _read(f"{inputs_path}/{source['file']}", _told(source))
        if source["kind"] == _SECRET:
            secrets += _texts(content)
    environment: dict[str, str] = {}
    for source in request.environment_from:
        for key, content in _folder(f"{environment_path}/{source['folder']}", source["name"]):
            secrets += _texts(content)
            environment[source["prefix"] + key] = _text(content, key, source["name"])
    for name in request.environment:
        environment.pop(name, None)
    return References(contents, environment, tuple(dict.fromkeys(secrets)))


def _value(variable: ScriptVariable | None, content: bytes, key: str) -> Any:
    """Return what ``variable`` takes of a file: a FileVar its bytes, lists JSON, others text."""
    from davit._variables import FileVar, MultiChoiceVar, MultiObjectVar  # noqa: PLC0415 (few runs)
    from davit._variables.files import UploadedFile  # noqa: PLC0415 (likewise)

    if isinstance(variable, FileVar):
        return UploadedFile(content, key)
    text = content.decode()
    # As editors and `echo` end a file that `kubectl create secret --from-file` reads.
    text = text.removesuffix("\n").removesuffix("\r")
    if isinstance(variable, MultiChoiceVar | MultiObjectVar):
        return _listed(text)
    return text


def _listed(text: str) -> Any:
    """Return the JSON array that ``text`` is; another text as it is, for the variable to refuse."""
    import json  # noqa: PLC0415 (few runs have such a variable)

    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found if isinstance(found, list) else text


def _texts(content: bytes) -> Iterator[str]:
    """Yield the texts by which ``content`` might be seen."""
    try:
        content.decode()
    except UnicodeDecodeError:
        # What it looks like in prints, in files, and encoded.
        content = content[:_MAX_BINARY]
        yield from (repr(content)[2:-1], content.hex(), b2a_base64(content, newline=False).decode())
        yield content.decode("utf-8", "surrogateescape")
    else:
        yield from secret_texts(content)


def _text(content: bytes, key: str, secret: str) -> str:
    if b"\0" in content:
        raise Unreadable(
            f'Key "{key}" of Secret "{secret}" holds a null character, so it can be no '
            "environment variable. Name it in spec.inputsFrom for a FileVar instead."
        )
    return os.fsdecode(content)


def _folder(path: str, secret: str) -> Iterator[tuple[str, bytes]]:
    what = f'Secret "{secret}"'
    try:
        keys = sorted(os.listdir(path))  # noqa: PTH208 (pathlib costs the run path 7 ms)
    except OSError as error:
        raise Unreadable(_missing(what, error)) from error
    for key in keys:
        # The kubelet's own links to what it swaps as a whole.
        if not key.startswith(".."):
            yield key, _read(f"{path}/{key}", f'Key "{key}" of {what}')


def _read(path: str, what: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 (as above)
            return file.read()
    except OSError as error:
        raise Unreadable(_missing(what, error)) from error


def _missing(what: str, error: OSError) -> str:
    return (
        f"{what} cannot be read in the pod: {error.strerror}. Ask whoever runs the cluster what "
        "changes the volumes or the user of job pods, then create another JobRun."
    )


def _told(source: dict[str, str]) -> str:
    return f'Key "{source["key"]}" of {source["kind"]} "{source["name"]}"'
