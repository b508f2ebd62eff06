"""Variables of objects that an author's own class finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from davit._variables.base import (
    NULL_CHARACTERS,
    REQUIRED,
    ScriptVariable,
    ValueRefused,
    is_empty,
)
from davit._variables.sources import source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Unpack

    from davit._variables.base import Options

NO_CHOICE = "Select a valid choice. That choice is not one of the available choices."
NO_LIST = "Enter a list of values."
# What a form sends for "no object", where there is a ``null_option``.
NULL = "null"


class ObjectVar(ScriptVariable):
    """One object: ``run()`` receives what ``model`` finds, None when optional and empty.

    A value is the object's id, or a dict of lookups that exactly one object fits.

    Args:
        model: A class, or an instance, with ``get(id)`` and ``filter(**lookups)`` as ObjectSource
            has them; or a Django model.
        queryset: Nautobot's old name for it.
        display_field: Attribute that is shown of an object, dotted where nested.
        query_params: What narrows the objects that forms offer; ``$site`` is the value of the
            variable ``site``. As in Nautobot, it does not restrict what is accepted.
        null_option: What forms call "no object"; the value ``"null"`` then means None.
        args: As in ScriptVariable.
        options: As in ScriptVariable.

    Raises:
        TypeError: there is no model, or one that finds nothing.
    """

    def __init__(
        self,
        model: Any = None,
        queryset: Any = None,
        display_field: str = "display",
        query_params: Mapping[str, Any] | None = None,
        null_option: str | None = None,
        *args: Any,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(*args, **options)
        if model is None and queryset is None:
            raise TypeError("ObjectVar must specify a model")
        if model is None:
            _warn_of_queryset(self)
        self.model = queryset if model is None else model
        self.display_field = display_field
        self.query_params = query_params
        self.null_option = null_option
        self.source = source_of(self.model)

    def coerced(self, value: Any) -> Any:
        """Return the object that ``value`` stands for."""
        if is_empty(value) or (self.null_option is not None and value == NULL):
            return None
        if isinstance(value, dict):
            return self._fitting(value)
        if isinstance(value, list | tuple | set):
            raise ValueRefused(NO_CHOICE)
        _refuse_null_characters(value)
        found = self.source.one(value)
        if found is None:
            raise ValueRefused(NO_CHOICE)
        return found

    def clean(self, value: Any) -> Any:
        """Return the object that ``value`` stands for; raise ValueRefused where there is none."""
        if self.null_option is not None and value == NULL:
            # Chosen, so that it is accepted even where a value is required.
            return None
        found = self.coerced(value)
        if found is None and self.required:
            raise ValueRefused(REQUIRED)
        return found

    def serialized(self, value: Any) -> Any:
        """Return the object's id."""
        return self.source.id_of(value)

    def _fitting(self, lookups: dict[str, Any]) -> Any:
        found = self.source.fitting(lookups)
        if not found:
            raise ValueRefused(NO_CHOICE)
        if len(found) > 1:
            raise ValueRefused(
                "More than one object fits. Give more lookups, or the id of the object."
            )
        return found[0]


class MultiObjectVar(ObjectVar):
    """Several objects: ``run()`` receives a list of them, of a Django model a QuerySet.

    A value is a list of ids. It takes the options of ObjectVar.
    """

    def clean(self, value: Any) -> Any:
        """Return the objects that ``value`` names; raise ValueRefused where one is missing."""
        ids = _listed(value)
        if not ids:
            if self.required:
                raise ValueRefused(REQUIRED)
            return self.source.none()
        for item in ids:
            if isinstance(item, list | dict | set):
                raise ValueRefused(NO_LIST)
            _refuse_null_characters(item)
        found, missing = self.source.many(ids)
        if missing:
            raise ValueRefused(
                *(
                    f"Select a valid choice. {item} is not one of the available choices."
                    for item in dict.fromkeys(missing)
                )
            )
        return found

    def serialized(self, value: Any) -> list[Any]:
        """Return the ids of the objects."""
        return [self.source.id_of(item) for item in _listed(value)]


def _listed(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    if hasattr(value, "values_list"):
        # Another QuerySet, as tests give it.
        items: Iterable[Any] = value
        return list(items)
    if not value:
        return []
    raise ValueRefused(NO_LIST)


def _refuse_null_characters(value: Any) -> None:
    if isinstance(value, str) and "\x00" in value:
        raise ValueRefused(NULL_CHARACTERS)


def _warn_of_queryset(variable: ObjectVar) -> None:
    import warnings  # noqa: PLC0415 (only for old jobs)

    name = type(variable).__name__
    warnings.warn(
        f"{name}: Specifying a queryset for ObjectVar is no longer supported. "
        'Please use "model" instead.',
        stacklevel=3,
    )
