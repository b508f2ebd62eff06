"""How the pods of runs live on the fake node: what KWOK is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from davit_contract import Outcome, OutcomeReason, encode

# KWOK puts in the words in capitals. No record was printed: the fake node has no logs.
_OUTCOME = Outcome(
    subject="SUBJECT",
    reason=OutcomeReason.SUCCEEDED,
    exit_code=0,
    started_at="BEGAN",
    finished_at="ENDED",
    last_sequence=0,
)


def short_lives() -> list[dict[str, Any]]:
    """Return the Stages by which all runs succeed, after half a second to two and a half."""
    text = Path(__file__).with_name("life.yaml").read_text()
    return list(yaml.safe_load_all(text.replace("OUTCOME", encode(_OUTCOME))))
