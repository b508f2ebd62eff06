"""Objects as the watches show them, one small record each.

A record never gives way to an older one: the answer to a write and the watch race, and
resourceVersions order them (comparable as integers, KEP-5504).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
Key = tuple[str, str]

# More than there are writes under way.
_GRAVES = 4_096


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """A record and what orders it."""

    uid: str
    resource_version: int
    value: T


class Cache(Generic[T]):
    """Records by (namespace, name), and by what they belong to.

    Each of ``indexes`` names one thing that a record belongs to; empty: to nothing of that kind.
    """

    def __init__(self, *indexes: Callable[[T], str]) -> None:
        self._indexes = indexes
        self._entries: dict[Key, Entry[T]] = {}
        self._index: dict[str, set[Key]] = {}
        # What was deleted last, by uid: the resourceVersion of its deletion.
        self._gone: dict[str, int] = {}
        # Counts changes, so that a prune spares what came after its list was begun.
        self._clock = 0
        self._changed: dict[Key, int] = {}

    def __len__(self) -> int:
        """Return how many records there are."""
        return len(self._entries)

    def get(self, key: Key) -> T | None:
        """Return the record at ``key``."""
        entry = self._entries.get(key)
        return entry.value if entry else None

    def __iter__(self) -> Iterator[Key]:
        """Yield the keys."""
        return iter(tuple(self._entries))

    def values(self) -> Iterator[T]:
        """Yield the records."""
        return (entry.value for entry in tuple(self._entries.values()))

    def of(self, index: str) -> Iterator[T]:
        """Yield the records that belong to ``index``, by name."""
        for key in sorted(self._index.get(index, ())):
            yield self._entries[key].value

    def put(self, key: Key, entry: Entry[T]) -> bool:
        """Keep ``entry``; return False where what is kept is newer.

        That holds for another object of the same name too: it can only have been created later.
        What is as new may be the answer to a write of ours: the watch then tells the others of it.
        """
        known = self._entries.get(key)
        if known and known.resource_version > entry.resource_version:
            return False
        if self._gone.get(entry.uid, -1) >= entry.resource_version:
            return False
        self._forget(key)
        self._entries[key] = entry
        for name in self._names(entry.value):
            self._index.setdefault(name, set()).add(key)
        self._touch(key)
        return True

    def drop(self, key: Key, uid: str, resource_version: int = 0) -> T | None:
        """Forget the record at ``key``, unless another object stands there; return it.

        With ``resource_version``, that of its deletion, no older word of it brings it back: the
        answer to a write may come late.
        """
        if resource_version:
            self._gone[uid] = resource_version
            if len(self._gone) > _GRAVES:
                del self._gone[next(iter(self._gone))]
        known = self._entries.get(key)
        if known is None or known.uid != uid:
            return None
        self._forget(key)
        return known.value

    def mark(self) -> int:
        """Return a mark of now, for ``prune``."""
        return self._clock

    def prune(self, listed: frozenset[str], since: int) -> list[T]:
        """Forget what is not ``listed`` by uid and did not change after ``since``; return it.

        A watch that was cut does not tell of deletions in the gap; a fresh list does.
        """
        gone = [
            (key, entry.uid)
            for key, entry in self._entries.items()
            if entry.uid not in listed and self._changed[key] <= since
        ]
        dropped = (self.drop(key, uid) for key, uid in gone)
        return [value for value in dropped if value is not None]

    def _touch(self, key: Key) -> None:
        self._clock += 1
        self._changed[key] = self._clock

    def _forget(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._changed.pop(key)
        for name in self._names(entry.value):
            self._index[name].discard(key)
            if not self._index[name]:
                del self._index[name]

    def _names(self, value: T) -> frozenset[str]:
        return frozenset(name for index in self._indexes if (name := index(value)))
