"""Classes that are written like jobs, but inherit from something else."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from davit._job import BaseJob
from davit._variables import ScriptVariable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def lookalikes(modules: Iterable[str]) -> Iterator[type]:
    """Yield the classes in ``modules`` with ``run()`` and variables or a Meta, that are no jobs.

    One that a job inherits from is a mix-in.
    """
    for name in sorted(modules):
        # A module may have put anything in its place.
        for item in list(getattr(sys.modules.get(name), "__dict__", {}).values()):
            if isinstance(item, type) and item.__module__ == name and _looks_like_a_job(item):
                yield item


def _looks_like_a_job(item: type) -> bool:
    members = vars(item)
    if "run" not in members or issubclass(item, BaseJob) or _is_mixin(item):
        return False
    has_meta = isinstance(members.get("Meta"), type)
    return has_meta or any(isinstance(member, ScriptVariable) for member in members.values())


def _is_mixin(item: type) -> bool:
    pending: list[type] = [item]
    while pending:
        children: list[type] = type.__subclasses__(pending.pop())
        for child in children:
            if issubclass(child, BaseJob):
                return True
            pending.append(child)
    return False
