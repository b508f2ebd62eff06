"""The files that a job leaves (``create_file``) and those that lie beside its source."""

from __future__ import annotations

from importlib import import_module
from os.path import dirname, join
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import BytesIO
    from types import ModuleType

Content = str | bytes | bytearray | memoryview


class OutputFile:
    """A file that the job made; names need not be unique."""

    def __init__(self, name: str, content: bytes, *, is_large: bool = False) -> None:
        self.name = name
        # Bytes of the content.
        self.size = len(content)
        # Whether only the volume for large files has room for it.
        self.is_large = is_large
        self._content = content
        self._path = ""

    def __str__(self) -> str:
        return self.name

    @property
    def content(self) -> bytes:
        """What stands in it."""
        if self._path:
            with open(self._path, "rb") as file:  # noqa: PTH123 (pathlib costs the run path 7 ms)
                return file.read()
        return self._content

    def stands_at(self, path: str) -> None:
        """Keep the content in memory no longer: it was written to ``path``."""
        self._path, self._content = path, b""

    @property
    def file(self) -> BytesIO:
        """The content as a file that is open for reading, at its beginning."""
        from io import BytesIO  # noqa: PLC0415 (few jobs read what they wrote)

        return BytesIO(self.content)

    def read(self) -> bytes:
        """Return the content."""
        return self.content


def new_file(
    name: str, content: Content, made: Sequence[OutputFile], large_bytes: int = 0
) -> OutputFile:
    """Return the file, of a run that has ``made`` others already.

    Those that do not fit among the others may have ``large_bytes`` together.

    Raises:
        ValueError: the name or the size cannot be; Nautobot's words where it has some.
        TypeError: the name is no text, or the content neither text nor bytes.
    """
    _check_name(name)
    if isinstance(content, str):
        content = content.encode()
    if not isinstance(content, bytes | bytearray | memoryview):
        raise TypeError(f"The content of a file is str or bytes, not {type(content).__name__}.")
    data = bytes(content)
    return OutputFile(name, data, is_large=_is_large(len(data), made, large_bytes))


def _limits() -> ModuleType:
    """Return the contract's numbers; ``import davit`` does not wait for them."""
    from davit_contract import places  # noqa: PLC0415 (see above)

    return places


def _check_name(name: str) -> None:
    if not isinstance(name, str):
        raise TypeError(f"The name of a file is a str, not {type(name).__name__}.")
    limit = _limits().MAX_FILE_NAME_CHARACTERS
    if len(name) > limit:
        raise ValueError(f"The file name has {len(name)} characters; at most {limit} are possible.")
    if name in ("", ".", "..") or "/" in name or "\\" in name or not name.isprintable():
        raise ValueError(
            f"{name!r} is no file name. Give a name of printable characters, without a folder: "
            'no "/" and no "\\".'
        )


def _is_large(size: int, made: Sequence[OutputFile], large_bytes: int) -> bool:
    """Return whether the file needs the volume for large ones; raise where there is no room."""
    places = _limits()
    provided = f"Provided {size} bytes of content, but"
    if len(made) >= places.MAX_FILES:
        raise ValueError(
            f"{provided} a run may create {places.MAX_FILES} files, and this one has created them"
        )
    left = places.MAX_FILES_BYTES - sum(file.size for file in made if not file.is_large)
    if size <= min(left, places.MAX_FILE_BYTES):
        return False
    limit, together = places.MAX_FILE_BYTES, places.MAX_FILES_BYTES
    if large_bytes:
        limit = together = large_bytes
        left = large_bytes - sum(file.size for file in made if file.is_large)
    if size > limit:
        raise ValueError(f"{provided} JOB_CREATE_FILE_MAX_SIZE is {limit}")
    if size > left:
        raise ValueError(
            f"{provided} of the {together} that the files of a run may have together only {left} "
            "are left"
        )
    return True


def loaded_json(source: str, filename: str) -> Any:
    """Return the data in the JSON file ``filename``, as seen from the folder of ``source``."""
    import json  # noqa: PLC0415 (few jobs read any)

    with open(join(dirname(source), filename), encoding="utf-8") as file:  # noqa: PTH118, PTH120, PTH123 (pathlib costs the run path 7 ms)
        return json.load(file)


def loaded_yaml(source: str, filename: str) -> Any:
    """Return the data in the YAML file ``filename``, as seen from the folder of ``source``.

    Raises:
        ModuleNotFoundError: PyYAML is not installed.
    """
    try:
        yaml = import_module("yaml")
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "load_yaml() needs PyYAML, which is not installed here. Install davit[nautobot] or "
            "PyYAML in the runner image, or write the file as JSON and use load_json().",
            name=error.name,
        ) from None
    with open(join(dirname(source), filename), encoding="utf-8") as file:  # noqa: PTH118, PTH120, PTH123 (as above)
        return yaml.safe_load(file)
