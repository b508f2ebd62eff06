"""Where the objects of an ObjectVar come from: an author's own class, or a Django model."""

from __future__ import annotations

import sys
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from davit._variables.base import ValueRefused

if TYPE_CHECKING:
    from collections.abc import Iterable


class ObjectSource(Protocol):
    """What the ``model`` of an ObjectVar must have: as class methods, or on an instance.

    The objects themselves have an ``id`` (or ``pk``), which is what handlers receive of them.
    """

    def get(self, id: Any, /) -> Any:  # noqa: A002 (the word that everybody uses)
        """Return the object; None, LookupError or ValueError say that there is none."""

    def filter(self, **lookups: Any) -> Iterable[Any]:
        """Return the objects that the lookups fit."""


class PlainSource:
    """An author's own class or object."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._none_such = _none_such(model)

    @property
    def path(self) -> str:
        """Dotted path of the class of the model."""
        found = self._model if isinstance(self._model, type) else type(self._model)
        return f"{found.__module__}.{found.__qualname__}"

    def one(self, key: Any) -> Any:
        """Return the object of id ``key``, or None."""
        if isinstance(self._model, type) and isinstance(key, self._model):
            return key
        try:
            return self._model.get(key)
        except self._none_such:
            return None

    def fitting(self, lookups: dict[str, Any]) -> list[Any]:
        """Return the objects that ``lookups`` fit: two are enough to know that it is not one."""
        try:
            return list(islice(self._model.filter(**lookups), 2))
        except self._none_such:
            return []
        except TypeError as error:
            # An unknown lookup is the requester's mistake.
            raise ValueRefused(f"These lookups are not possible: {error}.") from error

    def many(self, keys: list[Any]) -> tuple[Any, list[Any]]:
        """Return the objects of ids ``keys``, and the ids that there are not."""
        found = [(key, self.one(key)) for key in keys]
        missing = [key for key, item in found if item is None]
        return [item for _, item in found if item is not None], missing

    def none(self) -> Any:
        """Return no objects."""
        return []

    def id_of(self, item: Any) -> Any:
        """Return the id of ``item`` as JSON has it; of None and of lookups what they are."""
        if isinstance(item, dict):
            return item
        key = getattr(item, "pk", getattr(item, "id", item))
        return key if key is None or isinstance(key, str | int) else str(key)


class DjangoSource(PlainSource):
    """A Django model, through its manager; or a QuerySet."""

    def __init__(self, model: Any, manager: Any = None) -> None:
        super().__init__(model)
        self._given = manager

    @property
    def _manager(self) -> Any:
        return self._model.objects if self._given is None else self._given

    def one(self, key: Any) -> Any:
        """Return the object of primary key ``key``, or None."""
        key = key.pk if isinstance(key, self._model) else key
        try:
            return self._manager.get(pk=key)
        except (ValueError, TypeError, self._model.DoesNotExist):
            return None
        except _django_error("ValidationError") as error:
            raise ValueRefused(*error.messages) from error

    def fitting(self, lookups: dict[str, Any]) -> list[Any]:
        """Return at most two objects that ``lookups`` fit."""
        try:
            return list(self._manager.filter(**lookups)[:2])
        except (ValueError, TypeError):
            return []
        except _django_error("FieldError") as error:
            raise ValueRefused(f"These lookups are not possible: {error}") from error
        except _django_error("ValidationError") as error:
            raise ValueRefused(*error.messages) from error

    def many(self, keys: list[Any]) -> tuple[Any, list[Any]]:
        """Return a QuerySet of the objects, and the keys that there are not."""
        keys = [key.pk if isinstance(key, self._model) else key for key in keys]
        for key in keys:
            self._refuse_unusable(key)
        found = self._manager.filter(pk__in=keys)
        known = {str(item.pk) for item in found}
        return found, [key for key in keys if str(key) not in known]

    def none(self) -> Any:
        """Return an empty QuerySet."""
        return self._manager.none()

    def _refuse_unusable(self, key: Any) -> None:
        try:
            self._manager.filter(pk=key)
        except (ValueError, TypeError):
            raise ValueRefused(f"“{key}” is not a valid value.") from None
        except _django_error("ValidationError") as error:
            raise ValueRefused(*error.messages) from error


def source_of(model: Any) -> PlainSource:
    """Return the source that ``model`` is.

    Raises:
        TypeError: it has neither ``get`` and ``filter`` nor is it of Django.
    """
    if hasattr(model, "_meta") and hasattr(model, "objects"):
        return DjangoSource(model)
    if hasattr(model, "model") and hasattr(model, "none"):
        return DjangoSource(model.model, model)
    if callable(getattr(model, "get", None)) and callable(getattr(model, "filter", None)):
        return PlainSource(model)
    raise TypeError(
        f"The model {getattr(model, '__name__', repr(model))} of ObjectVar finds no objects. Give "
        "it the methods get(id) and filter(**lookups)."
    )


def _none_such(model: Any) -> tuple[type[Exception], ...]:
    own = getattr(model, "DoesNotExist", None)
    if isinstance(own, type) and issubclass(own, Exception):
        return (LookupError, ValueError, own)
    return (LookupError, ValueError)


def _django_error(name: str) -> Any:
    """Return the exception class of Django, which is loaded where there is a model of it."""
    return getattr(sys.modules["django.core.exceptions"], name)
