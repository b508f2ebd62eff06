"""How much a pod may print, so that the kubelet never rotates its log away."""

from __future__ import annotations

from davit_contract.places import LINE_OVERHEAD_BYTES, LOG_BUDGET_BYTES

# Kept back from everything else for the last marks.
_END_BYTES = 64 * 1024
# The shortest log record takes more.
_LEAST_RECORD_BYTES = 200


class Budget:
    """Three purses of bytes: log records, documents, and a reserve for warnings and worse."""

    def __init__(self, *, log: int, documents: int, reserve: int) -> None:
        self.log_limit = log
        self._log = log
        self._documents = documents
        self._reserve = reserve

    def is_spent(self, *, urgent: bool) -> bool:
        """Return True when no record of that kind can fit any more, however short."""
        left = max(self._log, self._reserve - _END_BYTES) if urgent else self._log
        return left < _LEAST_RECORD_BYTES

    def take_log(self, lines: list[bytes], *, urgent: bool) -> bool:
        """Pay for a log record, when urgent from the reserve too; False: it must be dropped."""
        cost = _cost(lines)
        if cost <= self._log:
            self._log -= cost
            return True
        if urgent and cost <= self._reserve - _END_BYTES:
            self._reserve -= cost
            return True
        return False

    def take_end(self, lines: list[bytes]) -> bool:
        """Pay for a closing mark, from what nothing else may use."""
        cost = _cost(lines)
        if cost > self._reserve:
            return False
        self._reserve -= cost
        return True

    def take_document(self, lines: list[bytes]) -> bool:
        """Pay for a whole document; False: none of its pieces may be written."""
        cost = _cost(lines)
        if cost > self._documents:
            return False
        self._documents -= cost
        return True


def _cost(lines: list[bytes]) -> int:
    return sum(len(line) + LINE_OVERHEAD_BYTES for line in lines)


def run_budget(total: int = LOG_BUDGET_BYTES) -> Budget:
    """Return a run's budget: five sevenths for its log, the most of the rest for its result."""
    reserve = total // 14
    documents = total * 3 // 14
    return Budget(log=total - documents - reserve, documents=documents, reserve=reserve)


def discovery_budget(total: int = LOG_BUDGET_BYTES) -> Budget:
    """Return a discovery's budget: nearly all for descriptions."""
    reserve = total // 14
    log = total // 14
    return Budget(log=log, documents=total - log - reserve, reserve=reserve)
