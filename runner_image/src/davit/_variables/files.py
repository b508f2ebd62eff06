"""Variables of files."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

from davit._variables.base import ScriptVariable, ValueRefused, is_empty

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_FILE = "No file was submitted. Check the encoding type on the form."
HOW_TO_GIVE_ONE = (
    "A file cannot stand in spec.inputs: name a key of a Secret or ConfigMap in spec.inputsFrom, "
    "or a path in --file of davit run."
)
_CHUNK_BYTES = 64 * 1024


class UploadedFile(io.BytesIO):
    """A file that a run was given: read it as any binary file, or in ``chunks()`` as Django's.

    Args:
        content: All of it.
        name: Its name, without folders.
    """

    content_type: str | None = None
    charset: str | None = None

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = os.path.basename(name) or "file"  # noqa: PTH119 (pathlib costs 7 ms)
        # Of the whole, in bytes.
        self.size = len(content)

    @classmethod
    def from_path(cls, path: str | os.PathLike[str]) -> UploadedFile:
        """Return the file at ``path``.

        Raises:
            OSError: it cannot be read.
        """
        with open(path, "rb") as file:  # noqa: PTH123 (likewise)
            return cls(file.read(), os.fspath(path))

    def open(self, mode: str | None = None) -> UploadedFile:  # noqa: ARG002 (Django's signature)
        """Return the file, to be read from its beginning."""
        self.seek(0)
        return self

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Yield the content in pieces of ``chunk_size`` bytes, by default 64 KiB."""
        self.seek(0)
        while piece := self.read(chunk_size or _CHUNK_BYTES):
            yield piece

    def multiple_chunks(self, chunk_size: int | None = None) -> bool:
        """Return whether ``chunks()`` gives more than one piece."""
        return self.size > (chunk_size or _CHUNK_BYTES)

    def __str__(self) -> str:
        return str(self.name)

    def __repr__(self) -> str:
        return f"<UploadedFile: {self.name} ({self.size:,} bytes)>"


class FileVar(ScriptVariable):
    """A file: ``run()`` receives an open binary file with ``name`` and ``size``, None without one.

    In a test it is given as ``pathlib.Path``, bytes or an open file; on the command line by
    ``--file``; in the cluster by ``spec.inputsFrom``. It takes the options of ScriptVariable.
    """

    def coerced(self, value: Any) -> UploadedFile | None:
        """Return the file that ``value`` is, holds or points to."""
        if is_empty(value) or value is False:
            return None
        file = _uploaded(value)
        if not file.size:
            raise ValueRefused("The submitted file is empty.")
        return file

    def complaints(self, value: Any) -> list[str]:  # noqa: ARG002 (the signature of all)
        """Return nothing: any file with content is accepted."""
        return []

    def serialized(self, value: UploadedFile | None) -> str | None:
        """Return the file's name."""
        return None if value is None else value.name


def _uploaded(value: Any) -> UploadedFile:
    if isinstance(value, UploadedFile):
        return value.open()
    if isinstance(value, bytes | bytearray | memoryview):
        return UploadedFile(bytes(value), "file")
    if isinstance(value, os.PathLike):
        try:
            return UploadedFile.from_path(value)
        except OSError as error:
            raise ValueRefused(f"The file {value} cannot be read: {error.strerror}.") from error
    if not hasattr(value, "read"):
        raise ValueRefused(NO_FILE, HOW_TO_GIVE_ONE)
    content = value.read()
    name = getattr(value, "name", None)
    text = content.encode() if isinstance(content, str) else bytes(content)
    return UploadedFile(text, name if isinstance(name, str) and name else "file")
