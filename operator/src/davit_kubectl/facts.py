"""What is worth knowing of an object, in the order in which it is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from davit._command.summary import duration_text, number_text, result_text
from davit_kubectl.outcome import age
from davit_kubectl.printing import table_lines
from davit_kubectl.rules import default_text, rule
from davit_kubectl.run_view import RunView

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from davit_kubectl.server import Object
    from davit_kubectl.values import Variable

# A name, and a line or lines; what is empty is not told.
Fact = tuple[str, str | list[str]]


def run_facts(said: Object, now: datetime) -> list[Fact]:
    """Return what there is to know of a run. Of values from Secrets only where they stand."""
    run = RunView(said)
    status, spec = run.status, run.spec
    bound = status.get("definition") or {}
    reason = "" if run.reason == run.phase else f" ({run.reason})"
    took = status.get("durationSeconds")
    return [
        *_identity(said, now),
        ("Definition", run.definition),
        ("Class", bound.get("classPath") or ""),
        ("Commit", bound.get("commit") or ""),
        ("Requested by", spec.get("requestedBy") or ""),
        ("Phase", run.phase + reason),
        ("Cancel", _cancelled(spec)),
        ("Started", status.get("startedAt") or ""),
        ("Finished", status.get("finishedAt") or ""),
        ("Duration", "" if took is None else duration_text(took)),
        ("Progress", _progress(status.get("progress"))),
        *_why(run),
        ("Inputs", [*_inputs(spec), *_inputs_from(spec)]),
        ("Attempts", _attempts(status.get("attempts") or [])),
        ("Log", _log(run)),
        ("Files", [_file(file) for file in run.files]),
        ("Result", _result(run)),
        ("Conditions", _conditions(said)),
    ]


def definition_facts(said: Object, now: datetime) -> list[Fact]:
    """Return what there is to know of a definition."""
    spec, status = said["spec"], said.get("status") or {}
    effective, source = status.get("effective") or {}, status.get("source") or {}
    place = f"{source['path']}:{source.get('line', 0)}" if source.get("path") else ""
    return [
        *_identity(said, now),
        ("Job", effective.get("name") or ""),
        ("Grouping", effective.get("grouping") or ""),
        ("Description", effective.get("description") or ""),
        ("Repository", spec["repositoryRef"]["name"]),
        ("Class", spec["classPath"]),
        ("Source", place),
        ("Commit", status.get("commit") or ""),
        ("Enabled", _yes(spec.get("enabled"))),
        ("Installed", _yes(status.get("installed"))),
        ("Traits", _traits(status, effective)),
        ("Limits", _limits(effective)),
        ("Overrides", _values(spec.get("overrides"))),
        ("Fixed inputs", [*_inputs(spec), *_inputs_from(spec)]),
        ("Variables", [_variable(item) for item in status.get("variables") or ()]),
        ("Notes", list(status.get("notes") or ())),
        ("Conditions", _conditions(said)),
    ]


def repository_facts(said: Object, now: datetime) -> list[Fact]:
    """Return what there is to know of a repository."""
    spec, status = said["spec"], said.get("status") or {}
    artifact, discovery = status.get("artifact") or {}, status.get("discovery") or {}
    problems = [
        f"{item['path']}:{item.get('line', 0)}: {item['message']}"
        for item in discovery.get("problems") or ()
    ]
    return [
        *_identity(said, now),
        ("Layout", spec.get("layout") or ""),
        ("Source", _values(spec.get("source"))),
        ("Interval", spec.get("interval") or ""),
        ("Suspended", "yes" if spec.get("suspend") else ""),
        ("Revision", artifact.get("revision") or ""),
        ("Jobs", str(discovery.get("definitions", ""))),
        ("Problems", problems),
        ("Conditions", _conditions(said)),
    ]


def _identity(said: Object, now: datetime) -> list[Fact]:
    metadata = said["metadata"]
    return [
        ("Name", metadata["name"]),
        ("Namespace", metadata["namespace"]),
        ("Kind", said.get("kind", "")),
        ("Created", f"{age(metadata['creationTimestamp'], now)} ago"),
    ]


def _conditions(said: Object) -> list[str]:
    found = (said.get("status") or {}).get("conditions") or ()
    lines = table_lines(
        ["Type", "Status", "Reason"],
        ([item["type"], item["status"], item["reason"]] for item in found),
    )
    if len(lines) == 1:
        return []
    told = [lines[0]]
    messages: set[str] = set()
    for line, item in zip(lines[1:], found, strict=True):
        told.append(line)
        if item["message"] and item["message"] not in messages:
            messages.add(item["message"])
            told += [f"    {text}" for text in item["message"].splitlines()]
    return told


def _cancelled(spec: Object) -> str:
    if not spec.get("cancel"):
        return ""
    by = spec.get("cancelRequestedBy")
    return f"requested by {by}" if by else "requested"


def _progress(progress: Any) -> str:
    if not progress:
        return ""
    return f"{number_text(progress['done'])} of {number_text(progress['total'])}"


def _why(run: RunView) -> list[Fact]:
    error = run.error
    if not error:
        return []
    kind = f"{error['type']}: " if error.get("type") else ""
    return [
        ("Cause", f"{kind}{error.get('message', '')}"),
        ("Remedy", error.get("remedy") or ""),
        ("Traceback", (error.get("traceback") or "").splitlines()),
    ]


def _inputs(spec: Object) -> list[str]:
    given = spec.get("inputs") or {}
    return [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in given.items()]


def _inputs_from(spec: Object) -> list[str]:
    lines = []
    for item in spec.get("inputsFrom") or ():
        for key, kind in (("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")):
            if item.get(key):
                place = f"key {item[key]['key']} of {kind} {item[key]['name']}"
                lines.append(f"{item['variable']} from {place}")
    return lines


def _attempts(attempts: list[Object]) -> list[str]:
    lines = table_lines(
        ["Number", "Pod", "Node", "Exit code", "Reason"],
        (
            [item["number"], *(item.get(key, "") for key in ("pod", "node", "exitCode", "reason"))]
            for item in attempts
        ),
    )
    return lines if attempts else []


def _log(run: RunView) -> str:
    counts = [f"{count} {level}" for level, count in run.counts.items()]
    if run.dropped:
        counts.append(f"{run.dropped} records dropped: the log's budget was used up")
    if run.log.get("incomplete"):
        counts.append("its end could not be read")
    if run.chunks:
        counts.append(f"in {run.chunks} JobLogs")
    return ", ".join(counts)


def _file(file: Object) -> str:
    return f"{file['name']} ({file['sizeBytes']:,} bytes)"


def _result(run: RunView) -> str:
    if run.status.get("resultTruncated"):
        return f"too large to show; `kubectl davit result {run.name}` prints it"
    value = run.status.get("result")
    return "" if value is None else result_text(value)


def _yes(value: object) -> str:
    return {True: "yes", False: "no"}.get(bool(value), "") if value is not None else "not known yet"


def _traits(status: Object, effective: Object) -> str:
    told = (
        (status.get("kind", "Job") != "Job", status.get("kind", "")),
        (status.get("readOnly"), "changes nothing"),
        (status.get("supportsDryrun"), "supports dry runs"),
        (effective.get("isSingleton"), "one run at a time"),
        (effective.get("hidden"), "hidden"),
    )
    return ", ".join(text for holds, text in told if holds)


def _limits(effective: Object) -> str:
    soft, hard = (effective.get(key) for key in ("softTimeLimitSeconds", "timeLimitSeconds"))
    told = [f"raises after {soft} s"] if soft else []
    return ", ".join([*told, *([f"is killed after {hard} s"] if hard else [])])


def _values(section: Any) -> list[str]:
    return _flattened(section or {}, "")


def _flattened(section: dict[str, Any], above: str) -> list[str]:
    lines: list[str] = []
    for key, value in section.items():
        name = f"{above}{key}"
        if isinstance(value, dict):
            lines += _flattened(value, f"{name}.")
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            lines.append(f"{name}: {text}")
    return lines


def _variable(variable: Variable) -> str:
    """Return a variable with its default and, on lines below it, what it is for and accepts."""
    traits: Iterable[str] = (
        variable["type"],
        "secret" if variable.get("sensitive") else "",
        f"default {default_text(variable)}" if default_text(variable) else "",
        "optional" if not variable.get("required", True) else "",
    )
    label = variable.get("label") or ""
    shown = "" if label in ("", variable["name"]) else f" {label}"
    lines = [f"{variable['name']}{shown} ({', '.join(trait for trait in traits if trait)})"]
    lines += [f"    {text}" for text in (variable.get("description"), rule(variable)) if text]
    return "\n".join(lines)
