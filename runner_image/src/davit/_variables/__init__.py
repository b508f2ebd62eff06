"""The variables of a job class: what each accepts, and what ``run()`` receives.

Coercions and texts are those of the form fields that Nautobot builds from its variables, with one
deliberate difference: a limit of 0 counts (Nautobot ignores ``min_value=0`` and its kin).
Each family has a module of its own, imported when a class asks for it: every run waits for imports.
"""

from typing import TYPE_CHECKING, Any

from davit._variables.base import ScriptVariable, ValueRefused, is_variable

if TYPE_CHECKING:
    from davit._variables.addresses import IPAddressVar, IPAddressWithMaskVar, IPNetworkVar
    from davit._variables.booleans import BooleanVar, DryRunVar
    from davit._variables.choices import ChoiceVar, MultiChoiceVar
    from davit._variables.documents import JSONVar
    from davit._variables.files import FileVar, UploadedFile
    from davit._variables.integers import IntegerVar
    from davit._variables.objects import MultiObjectVar, ObjectVar
    from davit._variables.sources import ObjectSource
    from davit._variables.text import StringVar, TextVar

__all__ = [
    "BooleanVar",
    "ChoiceVar",
    "DryRunVar",
    "FileVar",
    "IPAddressVar",
    "IPAddressWithMaskVar",
    "IPNetworkVar",
    "IntegerVar",
    "JSONVar",
    "MultiChoiceVar",
    "MultiObjectVar",
    "ObjectSource",
    "ObjectVar",
    "ScriptVariable",
    "StringVar",
    "TextVar",
    "UploadedFile",
    "ValueRefused",
    "is_variable",
]

_MODULES = {
    "BooleanVar": "booleans",
    "ChoiceVar": "choices",
    "DryRunVar": "booleans",
    "FileVar": "files",
    "IPAddressVar": "addresses",
    "IPAddressWithMaskVar": "addresses",
    "IPNetworkVar": "addresses",
    "IntegerVar": "integers",
    "JSONVar": "documents",
    "MultiChoiceVar": "choices",
    "MultiObjectVar": "objects",
    "ObjectSource": "sources",
    "ObjectVar": "objects",
    "StringVar": "text",
    "TextVar": "text",
    "UploadedFile": "files",
}


def __getattr__(name: str) -> Any:
    """Import the family of the class ``name`` now that somebody asks for it."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 (already loaded, whoever asks)

    found = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = found
    return found
