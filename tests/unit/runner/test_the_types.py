from __future__ import annotations

from pathlib import Path

import pytest

from davit._compat.names import MODULES

STUBS = Path(__file__).parents[3] / "runner_image" / "src" / "nautobot-stubs"
OURS = {name: names for name, names in MODULES.items() if name.split(".")[0] == "nautobot"}


def stub(names: dict[str, str]) -> str:
    """Return the text of a stub that has ``names``, each where davit keeps it."""
    imports, others = [], []
    for name, home in names.items():
        module, _, other = home.partition(":")
        if other:
            # Only a name that keeps its name is exported by its import.
            imports.append(f"from {module} import {other}\n")
            others.append(f"\n{name} = {other}\n")
        else:
            imports.append(f"from {module} import {name} as {name}\n")
    return "".join([*sorted(imports), *others])


def stub_path(module: str) -> Path:
    below = STUBS.joinpath(*module.split(".")[1:])
    is_package = any(name.startswith(f"{module}.") for name in MODULES)
    return below / "__init__.pyi" if is_package else below.with_suffix(".pyi")


@pytest.mark.parametrize("module", OURS)
def test_type_checkers_find_every_name_that_python_finds(
    module: str, request: pytest.FixtureRequest
) -> None:
    path, text = stub_path(module), stub(OURS[module])
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text, "run pytest with --update-golden, and review the diff"


def test_there_is_no_stub_of_what_python_does_not_find() -> None:
    assert {*STUBS.rglob("*.pyi")} == {stub_path(module) for module in OURS}


def test_a_real_nautobot_keeps_its_other_modules() -> None:
    assert (STUBS / "py.typed").read_text() == "partial\n"
