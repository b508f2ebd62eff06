"""What all tiers share: golden files, which one flag rewrites."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import yaml

GOLDEN = Path(__file__).parent / "golden"
Golden = Callable[[str, Any], None]

# The same examples each time, few enough for a tier that is run at every save.
hypothesis.settings.register_profile(
    "davit", derandomize=True, deadline=None, max_examples=40, database=None
)
# For make test-properties.
hypothesis.settings.register_profile(
    "thorough", hypothesis.settings.get_profile("davit"), max_examples=500
)
hypothesis.settings.load_profile("davit")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        default=False,
        help="write golden files anew; review their diff like code",
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Return a function that compares plain data with ``tests/golden/<name>.yaml``, whole."""

    def compare(name: str, value: Any) -> None:
        path = GOLDEN / f"{name}.yaml"
        plain = json.loads(json.dumps(value))
        text = yaml.safe_dump(plain, sort_keys=False, width=100, allow_unicode=True)
        if request.config.getoption("--update-golden"):
            path.write_text(text)
        expected = path.read_text() if path.exists() else ""
        if text != expected:
            pytest.fail(_difference(path.name, expected, text), pytrace=False)

    return compare


def _difference(name: str, expected: str, found: str) -> str:
    lines = difflib.unified_diff(
        expected.splitlines(), found.splitlines(), f"golden/{name}", "what the code gives now", n=3
    )
    hint = "Is the change wanted? Run pytest with --update-golden, and review the diff like code."
    return "\n".join((*lines, "", hint))
