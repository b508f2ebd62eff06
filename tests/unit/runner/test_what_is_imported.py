from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[3] / "runner_image" / "src"
# Prints the file of every module that the import brought, and its name where it has none.
CODE = """
import sys
sys.path.append({path!r})
before = set(sys.modules)
{imports}
for name in set(sys.modules) - before:
    spec = getattr(sys.modules[name], "__spec__", None)
    print(name, spec.origin if spec else "none", sep="=")
"""
RUN = "import davit._runner.pod, davit._runner.child"
EVERYTHING = "from davit import *; import davit.testing, davit.__main__, davit._runner.discover"


@pytest.mark.parametrize("imports", ["import davit", RUN, EVERYTHING])
def test_nothing_outside_the_standard_library_is_loaded(imports: str) -> None:
    code = CODE.format(path=str(SOURCES), imports=imports)
    said = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], check=True, capture_output=True, text=True
    ).stdout
    origins = dict(line.split("=", 1) for line in said.splitlines())
    assert origins["davit"] == str(SOURCES / "davit" / "__init__.py")
    foreign = {
        name: origin
        for name, origin in origins.items()
        if name.split(".")[0] not in {*sys.stdlib_module_names, "davit", "davit_contract"}
        or "site-packages" in origin
    }
    assert foreign == {}
