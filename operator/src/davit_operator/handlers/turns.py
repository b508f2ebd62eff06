"""Discoveries take turns: so many in the cluster, one a namespace; the longest wait comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from davit_operator.api.base import ObjectKey


class Turns:
    """Who discovers, who is about to, and who waits for that.

    ``running`` returns the repositories whose discovery pods have not ended, ``wake`` has one of
    those that wait looked at.
    """

    def __init__(
        self,
        running: Callable[[], Iterable[ObjectKey]],
        limit: int,
        wake: Callable[[ObjectKey], None],
    ) -> None:
        self._running = running
        self._limit = limit
        self._wake = wake
        # No cache holds their pods yet.
        self._starting: set[ObjectKey] = set()
        # In the order in which they came.
        self._waiting: dict[ObjectKey, None] = {}

    def others(self, key: ObjectKey) -> frozenset[ObjectKey]:
        """Return the repositories that discover now, or are about to, without ``key``."""
        return self._taken() - {key}

    def take(self, key: ObjectKey) -> None:
        """Have others wait, until ``release``; from then on its pod has them wait."""
        self._waiting.pop(key, None)
        self._starting.add(key)

    def release(self, key: ObjectKey) -> None:
        """Hold the turn no more: the pod is there, or will not be, or there was no need of one."""
        self._starting.discard(key)
        self.offer()

    def wait(self, key: ObjectKey) -> None:
        """Have ``key`` woken when it is its turn."""
        self._waiting.setdefault(key)

    def leave(self, key: ObjectKey) -> None:
        """Have ``key`` wait no more."""
        self._waiting.pop(key, None)

    def offer(self) -> None:
        """Wake those whose turn it is: a discovery has ended, or will not begin."""
        if not self._waiting:
            return
        taken = self._taken()
        free, namespaces = self._limit - len(taken), {key.namespace for key in taken}
        for key in tuple(self._waiting):
            if free > 0 and key.namespace not in namespaces:
                del self._waiting[key]
                namespaces.add(key.namespace)
                free -= 1
                self._wake(key)

    def _taken(self) -> frozenset[ObjectKey]:
        return frozenset(self._running()) | self._starting
