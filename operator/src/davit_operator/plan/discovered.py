"""What a discovery pod printed, as descriptions and problems: nothing of it is lost in silence."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pydantic import TypeAdapter, ValidationError

from davit_contract import VERSION, DiscoveryProblem, JobDescription, PartType, places
from davit_operator.api.jobdefinition import CLASS_PATH, MAX_CLASS_PATH
from davit_operator.api.jobrepository import Problem
from davit_operator.plan.observed import Discovered
from davit_operator.plan.plain import MAX_COUNT, plain_json
from davit_operator.plan.records import decode, documents, records_in

MAX_PROBLEMS = 100
MAX_PROBLEM_CHARACTERS = 2_000
_ROOT = "."
_MAX_REASON_CHARACTERS = 300

_DESCRIPTION = TypeAdapter(JobDescription)
_PROBLEM = TypeAdapter(DiscoveryProblem)


def read_discovery(text: bytes) -> Discovered:
    """Return what a discovery pod said of the classes and the problems that it found."""
    records = list(records_in(text.split(b"\n")))
    problems = [_read_problem(item) for item in documents(records, PartType.PROBLEM)]
    descriptions: dict[str, JobDescription] = {}
    for document in documents(records, PartType.DESCRIPTION):
        read = _read_description(document)
        if isinstance(read, Problem):
            problems.append(read)
        elif read.class_path in descriptions:
            problems.append(_of_class(read, f"{read.class_path} is told of twice."))
        elif len(descriptions) == places.MAX_DESCRIPTIONS:
            problems.append(_of_class(read, f"{places.MAX_DESCRIPTIONS} jobs are read at most."))
        else:
            descriptions[read.class_path] = read
    return Discovered(descriptions=tuple(descriptions.values()), problems=bounded(problems))


def _read_problem(document: str) -> Problem:
    problem = decode(_PROBLEM, document)
    if problem is None:
        return Problem(path=_ROOT, message="The runner told of a problem that cannot be read.")
    return Problem(
        path=problem.path[:MAX_PROBLEM_CHARACTERS],
        line=_line(problem.line),
        message=problem.message[:MAX_PROBLEM_CHARACTERS],
    )


def _read_description(document: str) -> JobDescription | Problem:
    """Return the description, or why there is none."""
    try:
        description = _decoded(document)
    except ValueError as error:
        return _unreadable(document, str(error))
    path = description.class_path
    if len(path) <= MAX_CLASS_PATH and re.fullmatch(CLASS_PATH, path):
        return description
    return _of_class(
        description,
        f"The class path {path[:MAX_CLASS_PATH]!r} cannot be that of a JobDefinition: give modules "
        "and class names of ASCII letters, digits and underscores, together at most "
        f"{MAX_CLASS_PATH} characters.",
    )


def _decoded(document: str) -> JobDescription:
    """Return the description in ``document``; raise ValueError, which says what is wrong."""
    size = len(document.encode())
    if size > places.MAX_DESCRIPTION_BYTES:
        raise ValueError(f"it has {size:,} bytes, and {places.MAX_DESCRIPTION_BYTES:,} are read")
    data = plain_json(document)
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise ValueError(f"it is not of version {VERSION}")
    try:
        return _DESCRIPTION.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise ValueError(f"{field}: {first['msg']}") from error


def _unreadable(document: str, why: str) -> Problem:
    """Return the problem of a description that is none, with what can be told of its class."""
    class_path = _said(document, "class_path") or "a class"
    return Problem(
        path=_said(document, "source_path") or _ROOT,
        message=f"The description of {class_path} cannot be read, so nothing of it is taken over: "
        f"{why[:_MAX_REASON_CHARACTERS]}. Simplify what Meta and the variables of the class say; "
        "with a runner image of your own, build it on that of the operator's release.",
    )


def _said(document: str, key: str) -> str:
    found = re.search(rf'"{key}": ?"([^"\\]{{1,{MAX_CLASS_PATH}}})"', document)
    return found[1] if found else ""


def _of_class(description: JobDescription, message: str) -> Problem:
    return Problem(
        path=description.source_path[:MAX_PROBLEM_CHARACTERS],
        line=_line(description.source_line),
        message=message,
    )


def _line(number: int) -> int:
    return number if 0 <= number <= MAX_COUNT else 0


def bounded(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the problems, and instead of those that are too many how many they are."""
    found = tuple(problems)
    if len(found) <= MAX_PROBLEMS:
        return found
    more = len(found) - MAX_PROBLEMS + 1
    ending = f"{more:,} more problems were found; they show once those above are mended."
    return (*found[: MAX_PROBLEMS - 1], Problem(path=_ROOT, message=ending))
