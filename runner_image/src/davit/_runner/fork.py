"""The birth of the child: a fork, its three pipes, and the way it leaves."""

from __future__ import annotations

import atexit
import faulthandler
import gc
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from davit._runner.capture import capture_prints, redirect_descriptors
from davit._runner.child import verdict_frame
from davit._runner.frames import FrameWriter, new_marker
from davit._runner.interrupts import GUARDED_SIGNALS, Interrupts

if TYPE_CHECKING:
    from collections.abc import Callable

# Far from the numbers that a program's own files get, and from those that it closes by habit.
_FRAMES_FD = 600


class Task(NamedTuple):
    """What to supervise, and how long."""

    subject: str
    body: Callable[[FrameWriter, Interrupts], int]
    # 0 means no limit.
    soft_time_limit_seconds: float = 0
    time_limit_seconds: float = 0
    cancel_grace_seconds: float = 30
    # A file whose content, whatever it says, asks to cancel; "" to look at none.
    cancel_file: str = ""
    # The child may say the limits, once it knows the class; a pod is told them.
    limits_from_child: bool = False
    # Texts that nobody may see; the child may name more.
    secrets: tuple[str, ...] = ()


class Child(NamedTuple):
    """A process that runs a task."""

    pid: int
    # What stands before each of its frames.
    marker: bytes
    # What to read of it, by descriptor: ``stdout`` and ``stderr``.
    streams: dict[int, str]


def forked(task: Task) -> Child:
    """Start the child."""
    marker = new_marker()
    pipes = {name: os.pipe() for name in ("stdout", "stderr")}
    # As Python's documentation advises: what was imported so far is no garbage, and stays shared.
    gc.freeze()
    # A signal must wait until the child can turn it into an exception.
    old_mask = signal.pthread_sigmask(signal.SIG_BLOCK, GUARDED_SIGNALS)
    pid = os.fork()
    gc.enable()
    if pid == 0:
        for read_fd, _ in pipes.values():
            os.close(read_fd)
        write_fds = {name: write_fd for name, (_, write_fd) in pipes.items()}
        way_back = f"/proc/{os.getppid()}/fd/{pipes['stdout'][0]}"
        frames = FrameWriter(_of_our_own(write_fds["stdout"]), marker, way_back)
        _be_the_child(task, write_fds, frames, old_mask)
    signal.pthread_sigmask(signal.SIG_SETMASK, old_mask)
    streams = {}
    for name, (read_fd, write_fd) in pipes.items():
        os.close(write_fd)
        os.set_blocking(read_fd, False)
        streams[read_fd] = name
    return Child(pid, marker, streams)


def _of_our_own(fd: int) -> int:
    """Return a descriptor for the same that the author's code neither closes nor redirects."""
    try:
        return os.dup2(fd, _FRAMES_FD, inheritable=False)
    except OSError:
        # The system allows fewer open files.
        return os.dup(fd)


def _be_the_child(
    task: Task, pipes: dict[str, int], frames: FrameWriter, mask: set[int]
) -> NoReturn:
    """Run the task's body in this, the new, process; never return into the supervisor's code."""
    exit_code = 1
    try:
        os.setpgid(0, 0)
        sys.dont_write_bytecode = True
        redirect_descriptors(pipes["stdout"], pipes["stderr"])
        capture_prints(frames)
        faulthandler.enable(2)
        exit_code = _body(task, frames, mask)
        _leave()
    finally:
        os._exit(exit_code)


def _body(task: Task, frames: FrameWriter, mask: set[int]) -> int:
    interrupts = Interrupts()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        interrupts.listen()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        return task.body(frames, interrupts)
    except BaseException as error:  # noqa: BLE001 (the author's code, by way of a signal)
        frames.send(*verdict_frame(error))
        return 1


def _leave() -> None:
    """End as a Python program ends: wait for threads, run exit handlers, flush.

    The standard library's own children by fork end so too (``multiprocessing``): there is no
    public way to leave without returning into the parent's code.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # see above
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
