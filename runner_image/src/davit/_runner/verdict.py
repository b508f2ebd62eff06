"""How an attempt ended: from what the child said and how its process died, to an Outcome."""

from __future__ import annotations

import signal
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from davit._runner.text import encodable
from davit_contract import ErrorInfo, OutcomeReason, encode
from davit_contract.places import MAX_OUTCOME_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from davit_contract import Outcome

CUT_MARK = "[...] "
_SIGNAL_BASE = 128
_CRASHES = frozenset({"SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGTRAP"})


class Verdict(NamedTuple):
    """What the child, or the supervisor in its place, says about how the author's code ended."""

    reason: OutcomeReason
    error: ErrorInfo | None = None


class Ending(NamedTuple):
    """What the supervisor saw when the child was gone."""

    # 128 + n for signal n.
    exit_code: int
    verdict: Verdict | None
    # What the child last said it was busy with: a file it imports, or "".
    busy_with: str = ""
    time_limit_seconds: float = 0
    timed_out: bool = False
    cancel_grace_seconds: float = 0
    cancelled: bool = False
    # The supervisor killed it because it did not end in time after a cancel.
    cancel_enforced: bool = False
    # The kernel killed a process of the container for want of memory.
    out_of_memory: bool = False


def verdict_of(ending: Ending) -> Verdict:
    """Return why the attempt ended: the supervisor's own acts first, then the child's word."""
    said = ending.verdict
    if ending.timed_out:
        return _failed(OutcomeReason.TIME_LIMIT_EXCEEDED, "TimeLimitExceeded", _late(ending))
    if ending.cancel_enforced:
        return _failed(
            OutcomeReason.CANCELLED,
            "JobCancelled",
            f"The job did not end within {_plain(ending.cancel_grace_seconds)} seconds after it "
            "was cancelled and was killed. Let JobCancelled end it, or raise cancelGraceSeconds.",
        )
    if said is not None and (said.error is not None or ending.exit_code == 0):
        return said
    if ending.cancelled:
        return _failed(OutcomeReason.CANCELLED, "JobCancelled", "The job was cancelled.")
    if ending.out_of_memory and _signal_name(ending.exit_code) == "SIGKILL":
        return _failed(OutcomeReason.OUT_OF_MEMORY, "", _starved(ending))
    return _failed(OutcomeReason.JOB_CRASHED, "", _crash(ending))


def _failed(reason: OutcomeReason, error_type: str, message: str) -> Verdict:
    return Verdict(reason=reason, error=ErrorInfo(type=error_type, message=message))


def _late(ending: Ending) -> str:
    text = f"The hard time limit of {_plain(ending.time_limit_seconds)} seconds was exceeded"
    remedy = "Make the job shorter, or raise its time limit (Meta.time_limit, timeLimitSeconds)."
    if ending.busy_with:
        text += f" while {ending.busy_with} was being imported"
        remedy = "Move what takes long, or never ends, from the module into run()."
    elif ending.verdict is not None:
        text += " after the job had ended: a thread or an exit handler of it kept running"
        remedy = "End, or join, what the job starts."
    return f"{text}. The job's process was killed. {remedy}"


def _starved(ending: Ending) -> str:
    where = f" while {ending.busy_with} was being imported" if ending.busy_with else ""
    return (
        f"The job used more memory than its container may{where}, and the kernel killed it. "
        "Use less memory, or raise spec.runner.resources.limits.memory."
    )


def _crash(ending: Ending) -> str:
    when = "before the job had ended" if ending.verdict is None else "after the job had ended"
    if ending.busy_with:
        when = f"while {ending.busy_with} was being imported"
    code = ending.exit_code
    return f"The job's process {death_of(code)} {when}. {remedy_of(code)}"


def death_of(exit_code: int) -> str:
    """Return how a process died; the text goes on after its name."""
    name = _signal_name(exit_code)
    if not name:
        return f"exited with code {exit_code}"
    return f"was killed by signal {exit_code - _SIGNAL_BASE} ({name})"


def remedy_of(exit_code: int) -> str:
    """Return what to do about a process that died so."""
    name = _signal_name(exit_code)
    if not name:
        return "Does the code, or a library, call os._exit()? Return, or raise an exception."
    if name == "SIGKILL":
        return (
            "Nobody here sent it: the usual cause is the memory limit. Use less memory, or raise "
            "spec.runner.resources.limits.memory."
        )
    if name in _CRASHES:
        return (
            "Code outside of Python crashed: a library in C, or ctypes. The log's last lines on "
            "stderr say where Python was; update that library, or call it otherwise."
        )
    if name == "SIGSYS":
        return "The pod's seccomp profile forbids a system call that the code made."
    return "The code, or a program that it started, sent the signal: look for os.kill()."


def _signal_name(exit_code: int) -> str:
    """Return the name of the signal that ``exit_code`` stands for, or ``""``."""
    try:
        return signal.Signals(exit_code - _SIGNAL_BASE).name
    except ValueError:
        return ""


def _plain(seconds: float) -> str:
    """Return the number without a fraction that is none, and without an exponent."""
    return f"{seconds:.10g}"


def fitted(outcome: Outcome, limit: int = MAX_OUTCOME_BYTES) -> str:
    """Return ``outcome`` as JSON of at most ``limit`` bytes.

    The traceback's beginning is cut first, then the message's end; never inside a character.
    """
    error = outcome.error
    if error is None:
        return encode(outcome)
    error = ErrorInfo(
        type=encodable(error.type)[:200],
        message=encodable(error.message),
        traceback=encodable(error.traceback),
    )
    outcome = replace(outcome, error=error)
    if _size(outcome) <= limit:
        return encode(outcome)
    trace, message = error.traceback, error.message

    def with_traceback(length: int) -> Outcome:
        kept = CUT_MARK + trace[-length:] if length else ""
        return replace(outcome, error=replace(error, traceback=kept))

    def with_message(length: int) -> Outcome:
        kept = message[:length] + (" " + CUT_MARK).rstrip()
        return replace(outcome, error=replace(error, traceback="", message=kept))

    if _size(with_traceback(0)) <= limit:
        return encode(
            with_traceback(_most(len(trace), lambda n: _size(with_traceback(n)) <= limit))
        )
    return encode(with_message(_most(len(message), lambda n: _size(with_message(n)) <= limit)))


def _size(outcome: Outcome) -> int:
    return len(encode(outcome).encode())


def _most(high: int, fits: Callable[[int], bool]) -> int:
    """Return the greatest number up to ``high`` that fits, where 0 does."""
    low = 0
    while low < high:
        middle = (low + high + 1) // 2
        if fits(middle):
            low = middle
        else:
            high = middle - 1
    return low
