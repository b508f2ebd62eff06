"""What the README shows is what `make demo` prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.target import Target

ROOT = Path(__file__).parent.parent.parent
# What differs from one run to the next.
VARYING = (
    (re.compile(r"\b[0-9a-f]{40}\b"), "COMMIT"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "TIME"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b|\b\d+\.\d\d s\b"), "TIME"),
    (re.compile(r"\b\d+(\.\d+)?s?$", re.MULTILINE), "TIME"),
    (re.compile(r"\b\d+m?\d*s\b"), "TIME"),
    (re.compile(r"[ -]+"), " "),
)


def test_the_readme_shows_what_the_demo_prints(deployed: Target) -> None:
    del deployed  # the demo deploys again; at the same time both would wait for each other
    printed = subprocess.run(
        [sys.executable, "-m", "tests.demo"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    shown = re.findall(r"^```console\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    transcript = printed.partition("\nTo look around:")[0]
    assert _alike("".join(shown)) == _alike(transcript)


def _alike(text: str) -> str:
    for varying, name in VARYING:
        text = varying.sub(name, text)
    return text.strip()
