from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "runner_image" / "src"
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


def test_a_plain_job_waits_for_no_family_of_variables_that_it_does_not_use() -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(SOURCES)!r})\n"
        "from davit import Job, StringVar\n"
        "class Hello(Job):\n    who = StringVar(default='World')\n"
        "Hello.who.clean('Ada')\n"
        "print(*(name for name in sys.modules if name.startswith('davit._variables.')))\n"
        "print('ipaddress' in sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert said.splitlines() == ["davit._variables.base davit._variables.text", "False"]
