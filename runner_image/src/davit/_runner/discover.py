"""The child of a discovery: imports everything, says what there is and what is broken."""

from __future__ import annotations

import faulthandler
import os
import resource
import sys
from typing import TYPE_CHECKING

from davit._registry import get_jobs
from davit._runner import sentences
from davit._runner.capture import capture_logging
from davit._runner.describe import job_description, source_of, unregistered_classes
from davit._runner.load import Loader, modules_of
from davit._runner.lookalikes import lookalikes
from davit._runner.problems import error_text, new_problem
from davit._runner.strays import stray_files
from davit._runner.watch import TRACE_SIGNAL
from davit_contract import Layout, OutcomeReason, PartType, encode
from davit_contract.places import MAX_DESCRIPTION_BYTES, MAX_DESCRIPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from davit._job import BaseJob
    from davit._runner.frames import FrameWriter
    from davit._runner.root import CodeRoot
    from davit_contract import DiscoveryProblem

    Registered = dict[str, type[BaseJob]]

# Numeric libraries start a thread for each processor when they are imported; the stacks of many
# would use up the limit of the memory, and nothing is computed here.
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def limit_this_process(memory_bytes: int, trace_fd: int) -> None:
    """Let Python answer where it is, at a signal or a crash, and take no more memory than given."""
    faulthandler.register(TRACE_SIGNAL, file=trace_fd, all_threads=False)
    faulthandler.enable(file=trace_fd, all_threads=False)
    for name in _ONE_THREAD:
        os.environ.setdefault(name, "1")  # noqa: TID251 (the author's environment, not ours)
    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))


def describe_jobs(
    root: CodeRoot, frames: FrameWriter, left_out: Mapping[str, DiscoveryProblem]
) -> int:
    """Say what there is and what is broken, and end this process."""
    capture_logging(frames, "INFO", root.own_loggers())
    # The modules may put anything in their places.
    streams = sys.stdout, sys.stderr
    for kind, text in documents(root, frames.send, left_out):
        frames.send("document", kind, text)
    for stream in streams:
        if not stream.closed:
            stream.flush()
    frames.send("verdict", OutcomeReason.SUCCEEDED, None)
    # Everything is said: neither threads nor exit handlers of the modules are waited for.
    os._exit(0)


def documents(
    root: CodeRoot, send: Callable[..., None], left_out: Mapping[str, DiscoveryProblem]
) -> list[tuple[PartType, str]]:
    """Import everything; return a description per registered class and a problem per cause.

    ``send`` is told what is being done, in frames.
    """
    send("modules", [root.relative(module.path) for module in modules_of(root)])
    loader = Loader(root, lambda path: send("busy", path), left_out)
    loader.load_all()
    registered = dict(sorted(get_jobs().items()))
    found = [*loader.problems, *_strays(loader, root), *_unregistered(loader, registered, root)]
    described, refused = _described(registered, root, send)
    found += refused
    if not registered and not found:
        found.append(new_problem(".", sentences.NOTHING_REGISTERED))
    found = sorted(set(found), key=lambda item: (item.path, item.line, item.message))
    return [
        *((PartType.PROBLEM, encode(problem)) for problem in found),
        *((PartType.DESCRIPTION, text) for text in described),
    ]


def _strays(loader: Loader, root: CodeRoot) -> list[DiscoveryProblem]:
    if root.layout == Layout.REPOSITORY and not loader.imports.begun:
        # The root itself is at fault, and says so.
        return []
    refused = {problem.path for problem in loader.problems}
    for cause in loader.imports.causes.all:
        refused.update(cause.kept_out)
    return list(stray_files(root, loader.imports.begun, refused))


def _unregistered(
    loader: Loader, registered: Registered, root: CodeRoot
) -> Iterator[DiscoveryProblem]:
    """Yield a problem for each class that was meant for a job and is none."""
    for job_class in unregistered_classes(registered, loader.imports.done):
        if job_class.class_path in registered:
            message = sentences.second_message(job_class.class_path)
        else:
            message = sentences.unregistered_message(job_class.__qualname__)
        yield _problem(job_class, root, message)
    for item in lookalikes(loader.imports.done):
        bases = ", ".join(f"{base.__module__}.{base.__qualname__}" for base in item.__bases__)
        yield _problem(item, root, sentences.no_job_message(item.__qualname__, bases))


def _described(
    registered: Registered, root: CodeRoot, send: Callable[..., None]
) -> tuple[list[str], list[DiscoveryProblem]]:
    """Return the descriptions as JSON, and why the others have none."""
    described: list[str] = []
    refused: list[DiscoveryProblem] = []
    for class_path, job_class in registered.items():
        send("describing", source_of(job_class, root)[0], class_path)
        try:
            text = encode(job_description(job_class, root))
        except (Exception, SystemExit) as error:  # noqa: BLE001 (the author's code)
            message = f"{class_path}: {_named(error)}"
        else:
            if len(text.encode("utf-8", "replace")) > MAX_DESCRIPTION_BYTES:
                message = f"{class_path}: its description is over {MAX_DESCRIPTION_BYTES:,} bytes."
            elif len(described) == MAX_DESCRIPTIONS:
                message = f"{class_path}: a repository gives {MAX_DESCRIPTIONS} jobs at most."
            else:
                described.append(text)
                continue
        refused.append(_problem(job_class, root, message))
    send("busy", "")
    return described, refused


def _named(error: BaseException) -> str:
    """Return the error; the texts of these two are sentences of ours, or as good."""
    prefix = "" if isinstance(error, TypeError | ValueError) else f"{type(error).__name__}: "
    return prefix + error_text(error)


def _problem(item: type, root: CodeRoot, message: str) -> DiscoveryProblem:
    path, line = source_of(item, root)
    return new_problem(path, message, line)
