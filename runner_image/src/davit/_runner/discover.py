"""The child of a discovery: imports everything, says what there is and what is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from davit._registry import get_jobs
from davit._runner import problems
from davit._runner.capture import capture_logging
from davit._runner.child import own_loggers
from davit._runner.describe import job_description, source_of, unregistered_classes
from davit._runner.load import CodeRoot, Loader
from davit_contract import DiscoveryProblem, OutcomeReason, PartType, encode
from davit_contract.places import MAX_DESCRIPTION_BYTES, MAX_DESCRIPTIONS

if TYPE_CHECKING:
    from davit._job import BaseJob
    from davit._runner.frames import FrameWriter

    Registered = dict[str, type[BaseJob]]


def describe_jobs(root: CodeRoot, frames: FrameWriter) -> int:
    """Send one description per registered class and one problem per cause; return 0."""
    capture_logging(frames, "INFO", own_loggers(root))
    loader = Loader(root, lambda path: frames.send("busy", path))
    loader.load_all()
    registered = dict(sorted(get_jobs().items()))
    found = [*loader.problems, *_unregistered(registered, loader.module_names, root)]
    if not registered and not found:
        found.append(DiscoveryProblem(path=".", message=problems.NOTHING_REGISTERED))
    described, refused = _described(registered, root)
    for text in described:
        frames.send("document", PartType.DESCRIPTION, text)
    for problem in [*found, *refused]:
        frames.send("document", PartType.PROBLEM, encode(problem))
    frames.send("verdict", OutcomeReason.SUCCEEDED, None)
    return 0


def _unregistered(
    registered: Registered, modules: set[str], root: CodeRoot
) -> list[DiscoveryProblem]:
    return [
        _problem(job_class, root, problems.unregistered_message(job_class.__qualname__))
        for job_class in unregistered_classes(registered, modules)
    ]


def _described(registered: Registered, root: CodeRoot) -> tuple[list[str], list[DiscoveryProblem]]:
    """Return the descriptions as JSON, and why the others have none."""
    described: list[str] = []
    refused: list[DiscoveryProblem] = []
    for class_path, job_class in registered.items():
        try:
            text = encode(job_description(job_class, root))
        except (TypeError, ValueError) as error:
            refused.append(_problem(job_class, root, f"{class_path}: {error}"))
            continue
        if len(text.encode("utf-8", "replace")) > MAX_DESCRIPTION_BYTES:
            message = f"{class_path}: its description is over {MAX_DESCRIPTION_BYTES:,} bytes."
            refused.append(_problem(job_class, root, message))
        elif len(described) == MAX_DESCRIPTIONS:
            message = f"{class_path}: a repository gives {MAX_DESCRIPTIONS} jobs at most."
            refused.append(_problem(job_class, root, message))
        else:
            described.append(text)
    return described, refused


def _problem(job_class: type[BaseJob], root: CodeRoot, message: str) -> DiscoveryProblem:
    path, line = source_of(job_class, root)
    return DiscoveryProblem(path=path, line=line, message=message)
