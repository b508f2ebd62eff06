"""What a variable accepts, in words; and what a form would say of a text."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from davit_kubectl.values import Variable

_SHOWN_CHOICES = 12
_KINDS = {
    "IntegerVar": "a whole number",
    "BooleanVar": "true or false",
    "DryRunVar": "true or false",
    "JSONVar": "JSON",
    "FileVar": "a file, from a Secret or ConfigMap",
    "IPAddressVar": "an IP address",
    "IPAddressWithMaskVar": "an IP address with its mask, such as 192.0.2.1/24",
    "IPNetworkVar": "an IP network, such as 192.0.2.0/24",
    "MultiObjectVar": "ids of objects, separated by commas",
    "ObjectVar": "the id of an object",
}


def rule(variable: Variable) -> str:
    """Return what is accepted, such as ``a whole number, 1 to 10``; empty: any text."""
    kind = variable.get("type", "")
    parts = [
        _KINDS.get(kind, ""),
        _span(variable.get("min"), variable.get("max"), "{} to {}", "at least {}", "at most {}"),
        _span(
            variable.get("minLength"),
            variable.get("maxLength"),
            "{} to {} characters",
            "at least {} characters",
            "at most {} characters",
        ),
        _span(
            variable.get("minPrefixLength"),
            variable.get("maxPrefixLength"),
            "a prefix of {} to {} bits",
            "a prefix of at least {} bits",
            "a prefix of at most {} bits",
        ),
        f"matches {variable['regex']}" if variable.get("regex") else "",
        _choices(variable),
    ]
    return ", ".join(part for part in parts if part)


def default_text(variable: Variable) -> str:
    """Return the default as JSON; empty where there is none."""
    default = variable.get("default")
    return "" if default is None else json.dumps(default, ensure_ascii=False)


def objection(variable: Variable, value: Any) -> str:
    """Return why a form would not take ``value``; empty where it would.

    No more than what is certain: the cluster checks again, and says the rest.
    """
    choices = {choice["value"] for choice in variable.get("choices") or ()}
    values = value if isinstance(value, list) else [value]
    wrong = [item for item in values if choices and item not in choices]
    if wrong:
        return f'"{wrong[0]}" is not one of its choices.'
    if type(value) is int:
        return _number_objection(variable, value)
    return _text_objection(variable, value) if isinstance(value, str) else ""


def _number_objection(variable: Variable, number: int) -> str:
    least, most = variable.get("min"), variable.get("max")
    if least is not None and number < least:
        return f"It must be at least {least}."
    return f"It must be at most {most}." if most is not None and number > most else ""


def _text_objection(variable: Variable, text: str) -> str:
    length, pattern = len(text.strip()), variable.get("regex") or ""
    least, most = variable.get("minLength"), variable.get("maxLength")
    if least is not None and length < least:
        return f"It must have at least {least} characters."
    if most is not None and length > most:
        return f"It must have at most {most} characters."
    # Of other patterns only the job's own Python knows the meaning.
    if pattern and variable.get("regexPortable") and not re.search(pattern, text.strip()):
        return f"It must match {pattern}."
    return ""


def _span(least: object, most: object, both: str, one: str, other: str) -> str:
    if least is not None and most is not None:
        return both.format(least, most)
    if least is not None:
        return one.format(least)
    return other.format(most) if most is not None else ""


def _choices(variable: Variable) -> str:
    choices = variable.get("choices")
    if choices is None:
        return ""
    shown = ", ".join(_choice(choice) for choice in choices[:_SHOWN_CHOICES])
    more = len(choices) - _SHOWN_CHOICES
    several = "some of" if variable.get("type", "").startswith("Multi") else "one of"
    return f"{several}: {shown}" + (f", and {more} more" if more > 0 else "")


def _choice(choice: dict[str, str]) -> str:
    value, label = choice["value"], choice.get("label") or ""
    return value if label in ("", value) else f"{value} ({label})"
