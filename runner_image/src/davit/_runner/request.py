"""What a pod is told, read from its file and checked before anything is done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from davit_contract import Layout, MessageError, RunRequest, decode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from davit_contract import DiscoveryRequest

R = TypeVar("R", RunRequest, "DiscoveryRequest")

_TYPES: dict[str, Any] = {"bool": bool, "dict[str, Any]": dict, "int": int, "str": str}


def read_request(path: str, request_type: type[R]) -> R:
    """Return the request in the file at ``path``.

    Raises:
        MessageError: it is missing, malformed, or asks for what cannot be.
    """
    try:
        with open(path, encoding="utf-8") as file:  # noqa: PTH123 (pathlib costs the run path 7 ms)
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise MessageError(f"The request cannot be read: {error}.") from error
    request = decode(request_type, text)
    _check_types(request)
    if request.layout not in tuple(Layout):
        raise MessageError(f"Layout {request.layout!r} is none of {', '.join(Layout)}.")
    if request.layout != Layout.APP and not request.slug.isidentifier():
        raise MessageError(f"Slug {request.slug!r} is no Python identifier.")
    for value in request.modules:
        module = value.partition(":")[0]
        if not all(part.isidentifier() for part in module.split(".")):
            raise MessageError(f"Module {value!r} is no module's name, as in my_app.jobs.")
    _check_references(request)
    return request


def _check_references(request: RunRequest | DiscoveryRequest) -> None:
    """Refuse references that lack what they need."""
    sources = getattr(request, "inputs_from", {}).values()
    folders = getattr(request, "environment_from", [])
    for name, given, keys in (
        ("inputs_from", sources, ("file", "kind", "name", "key")),
        ("environment_from", folders, ("folder", "name", "prefix")),
    ):
        missing = [key for each in given for key in keys if key not in each]
        if missing:
            raise MessageError(f"{name} lacks {missing[0]}.")


def _check_types(request: RunRequest | DiscoveryRequest) -> None:
    """Refuse values of other types than the contract's, before they surprise anyone."""
    for name, item in type(request).__dataclass_fields__.items():
        value = getattr(request, name)
        if not _is_a(value, str(item.type), is_time=name.endswith("_seconds")):
            raise MessageError(f"{name} is {value!r}, but must be {item.type}.")
        if isinstance(value, int | float) and value < 0:
            raise MessageError(f"{name} is {value!r}, but must not be negative.")


def _is_a(value: Any, expected: str, *, is_time: bool) -> bool:
    if is_time:
        # A fraction of a second is a time, too.
        return isinstance(value, int | float)
    if expected == "list[str]":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if expected in ("dict[str, dict[str, str]]", "list[dict[str, str]]"):
        outer = dict if expected.startswith("dict") else list
        return isinstance(value, outer) and all(map(_is_of_texts, _items(value)))
    return isinstance(value, _TYPES.get(expected, object))


def _items(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _is_of_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
