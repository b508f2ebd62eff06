"""What a case of the table is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

Kind = Literal["typical", "edge", "empty", "missing", "wrong"]
KINDS: Final[tuple[Kind, ...]] = ("typical", "edge", "empty", "missing", "wrong")


class NotGiven:
    """Stands for an input that the requester left out."""

    def __repr__(self) -> str:
        return "not given"


NOT_GIVEN: Final = NotGiven()
REQUIRED: Final = "This field is required."
NULL_CHARACTERS: Final = "Null characters are not allowed."
NO_LIST: Final = "Enter a list of values."


@dataclass(frozen=True, kw_only=True)
class InputCase:
    """What a value meets."""

    # davit's class, and the options that an author gives it.
    type: str
    options: dict[str, Any]
    kind: Kind
    sentence: str
    given: Any = NOT_GIVEN
    # What ``run()`` receives; of no meaning where ``messages`` says that it is refused.
    received: Any = None
    messages: list[str] = field(default_factory=list)
    # Only the pod can know; the operator lets it pass.
    only_the_pod: bool = False
    # What a JobRun cannot hold: a test or the command line gives it.
    only_python: bool = False
    # Nautobot's verdict is another, on purpose: it ignores limits of 0, and fails at odd types.
    ours: bool = False

    def __str__(self) -> str:
        return f"{self.type}, {self.kind}: {self.sentence}"


Accepted = Callable[..., InputCase]
Refused = Callable[..., InputCase]


def cases_of(type_name: str, **usual: Any) -> tuple[Accepted, Refused]:
    """Return the makers of cases of one type: what is received, and what is refused."""

    def accepted(kind: Kind, sentence: str, given: Any, received: Any, **options: Any) -> InputCase:
        return InputCase(
            type=type_name,
            options={**usual, **options},
            kind=kind,
            sentence=sentence,
            given=given,
            received=received,
        )

    def refused(kind: Kind, sentence: str, given: Any, *messages: str, **options: Any) -> InputCase:
        case = accepted(kind, sentence, given, None, **options)
        return replace(case, messages=list(messages))

    return accepted, refused


def only_the_pod(case: InputCase) -> InputCase:
    """Return ``case`` as one that the operator lets pass."""
    return replace(case, only_the_pod=True)


def only_python(case: InputCase) -> InputCase:
    """Return ``case`` as one that no JobRun can hold."""
    return replace(case, only_python=True)


def ours(case: InputCase) -> InputCase:
    """Return ``case`` as one where Nautobot's verdict is another."""
    return replace(case, ours=True)
