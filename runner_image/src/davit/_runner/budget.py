"""How much a pod may print, so that the kubelet never rotates its log away."""

from __future__ import annotations

from davit_contract.places import LINE_OVERHEAD_BYTES, LOG_BUDGET_BYTES

# Kept back from everything else for the last marks.
_END_BYTES = 64 * 1024
# The shortest log record takes more.
_LEAST_RECORD_BYTES = 200


class Budget:
    """Three purses of bytes: log records, documents, and a reserve for warnings and worse.

    A cost is that of whole records, as ``cost`` says.
    """

    def __init__(self, *, log: int, documents: int, reserve: int) -> None:
        self.log_limit = log
        self.document_limit = documents
        self._log = log
        self._documents = documents
        self._reserve = reserve

    def is_spent(self, *, urgent: bool) -> bool:
        """Return True when no log record of that kind can fit any more."""
        left = max(self._log, self._reserve - _END_BYTES) if urgent else self._log
        return left < _LEAST_RECORD_BYTES

    def take_log(self, cost: int, *, urgent: bool) -> bool:
        """Pay for a log record, when urgent from the reserve too; False: it must be dropped.

        So must all that follow, however short: a log has one end, and no holes.
        """
        if cost <= self._log:
            self._log -= cost
            return True
        self._log = 0
        if not urgent:
            return False
        if cost <= self._reserve - _END_BYTES:
            self._reserve -= cost
            return True
        self._reserve = min(self._reserve, _END_BYTES)
        return False

    def take_progress(self, cost: int) -> bool:
        """Pay for a state of progress; the last one is a closing record."""
        return self.take_log(cost, urgent=False)

    def take_end(self, cost: int) -> bool:
        """Pay for a closing record, from what nothing else may use."""
        if cost > self._reserve:
            return False
        self._reserve -= cost
        return True

    def take_document(self, cost: int) -> bool:
        """Pay for a whole document; False: none of its pieces may be written."""
        if cost > self._documents:
            return False
        self._documents -= cost
        return True


def cost(lines: list[bytes]) -> int:
    """Return the bytes that ``lines`` take where a node keeps them."""
    return sum(map(len, lines)) + LINE_OVERHEAD_BYTES * len(lines)


def run_budget(total: int = LOG_BUDGET_BYTES) -> Budget:
    """Return a run's budget: nine parts of 28 for its result and files, two as reserve.

    Of 7 MiB that is 2.25 for documents, where 1.5 MiB of files take 2 in Base64, and 0.5.
    """
    reserve = total * 2 // 28
    documents = total * 9 // 28
    return Budget(log=total - documents - reserve, documents=documents, reserve=reserve)


def discovery_budget(total: int = LOG_BUDGET_BYTES) -> Budget:
    """Return a discovery's budget: nearly all for descriptions."""
    reserve = total // 14
    log = total // 14
    return Budget(log=log, documents=total - log - reserve, reserve=reserve)
