"""Why modules are not there: each cause once, with all the modules that miss out because of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from davit._runner import problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from davit._runner.root import CodeRoot
    from davit_contract import DiscoveryProblem


class LeftOut(BaseException):
    """The module is not imported: an import of it in another process ended badly.

    It is no ImportError: a module that gets along without this one would meet it in a run.
    """


class Cause:
    """One thing that went wrong, and the modules that are not there because of it."""

    def __init__(
        self,
        problem: DiscoveryProblem,
        error: BaseException,
        root: CodeRoot,
        *,
        is_circle: bool = False,
    ) -> None:
        self.problem = problem
        # The first of them is told to users; one that means the same may be met again.
        self.errors = [error]
        # Modules that import one another may do so in another order.
        self.is_circle = is_circle
        # Within the module alone, for other imports that meet the error: each would lengthen it.
        self.trace = _authors_part(error, root)
        # All of it, as the first one met it who asked for a module.
        self.whole_trace: TracebackType | None = None
        # Paths below the root, in the order of their failing.
        self.kept_out: dict[str, None] = {}

    def told(self) -> DiscoveryProblem:
        """Return the problem, with the other modules that miss out because of it."""
        others = [path for path in self.kept_out if path != self.problem.path]
        return problems.with_victims(self.problem, others)


class Causes:
    """The causes that one process met; modules are told by name, and by path below the root."""

    def __init__(self, root: CodeRoot, left_out: Mapping[str, DiscoveryProblem]) -> None:
        self._root = root
        self._causes: list[Cause] = []
        self._by_name: dict[str, Cause] = {}
        self._left_out = {path: self._remembered(path, left_out[path]) for path in left_out}

    @property
    def all(self) -> list[Cause]:
        """The causes that still keep a module out, in the order of their happening."""
        return [cause for cause in self._causes if cause.kept_out]

    def of(self, name: str) -> Cause | None:
        """Return what keeps out the module, or a package that it is in."""
        while name and name not in self._by_name:
            name = name.rpartition(".")[0]
        return self._by_name.get(name)

    def is_broken(self, name: str) -> bool:
        """Return whether the module was begun in vain, and would be in any other order."""
        cause = self._by_name.get(name)
        return cause is not None and not cause.is_circle

    def known_failure(self, name: str, path: str) -> BaseException | None:
        """Return what the import of the module met before, and would meet again."""
        cause = self._left_out.get(path) or self._by_name.get(name)
        if cause is None or cause.is_circle:
            return None
        return cause.errors[0].with_traceback(cause.trace)

    def blame(
        self, name: str, path: str, error: BaseException, circle: Sequence[str] = ()
    ) -> Cause:
        """Return the cause, having noted that ``error`` keeps out the module.

        ``circle`` has the paths of modules that import one another, if that is the cause.
        """
        cause = self._known(error) or self._by_name.get(name)
        if cause is None:
            cause = self._new_cause(path, error, circle)
        cause.errors.append(error)
        if self._by_name.get(name) is not cause:
            cause.kept_out[path] = None
            self._by_name[name] = cause
        return cause

    def forgive(self, name: str, path: str) -> None:
        """Forget what kept out the module, which is there now."""
        if self._by_name.pop(name, None) is not None:
            for cause in self._causes:
                cause.kept_out.pop(path, None)

    def _remembered(self, path: str, problem: DiscoveryProblem) -> Cause:
        """Return the cause that keeps the module at ``path`` out from the start."""
        cause = Cause(problem, LeftOut(problem.message), self._root)
        cause.kept_out[path] = None
        self._causes.append(cause)
        return cause

    def _known(self, error: BaseException) -> Cause | None:
        """Return what was blamed already for ``error``, or for one that it came from."""
        seen: list[BaseException] = []
        pending: list[BaseException | None] = [error]
        while pending:
            item = pending.pop()
            if item is None or any(item is other for other in seen):
                continue
            seen.append(item)
            for cause in self._causes:
                if any(item is other for other in cause.errors):
                    return cause
            pending += [item.__context__, item.__cause__]
        return None

    def _new_cause(self, path: str, error: BaseException, circle: Sequence[str]) -> Cause:
        problem = problems.problem_of(error, self._root, path)
        if circle:
            from davit._runner.advice import circle_message  # noqa: PLC0415 (few modules do that)

            message = circle_message(circle, error)
            problem = problems.new_problem(problem.path, message, problem.line)
        cause = Cause(problem, error, self._root, is_circle=bool(circle))
        self._causes.append(cause)
        return cause


def _authors_part(error: BaseException, root: CodeRoot) -> TracebackType | None:
    """Return the traceback from the author's first frame on."""
    trace = error.__traceback__
    while trace is not None and not root.holds(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    # What filled the memory must not be held on to.
    return None if isinstance(error, MemoryError) else trace
