"""``kubectl davit`` as a process: what it loads, and who starts it."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

from davit_kubectl.__main__ import main

CHECKOUT = Path(__file__).parents[2]


def test_the_start_loads_nothing_that_takes_long() -> None:
    verbs = "fetching following listing logs running switching describing"
    code = (
        "import sys\nfrom importlib import import_module\nimport davit_kubectl.__main__\n"
        f"for verb in '{verbs}'.split(): import_module(f'davit_kubectl.{{verb}}')\n"
        "print(*{'kubernetes', 'pydantic', 'yaml', 'aiohttp', 'asyncio', 'kopf'} & {*sys.modules})"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout == "\n"


def test_the_davit_command_hands_its_group_over() -> None:
    [found] = entry_points(group="davit.commands", name="cluster")
    assert found.load() is main
    said = subprocess.run(
        [sys.executable, "-m", "davit", "cluster", "list", "--kubeconfig", "/nowhere"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 2
    assert said.stderr == (
        "davit cluster: The kubeconfig /nowhere cannot be read: No such file or directory.\n"
    )


def test_the_davit_command_says_what_to_install_for_clusters() -> None:
    code = (
        "import sys; sys.path.append(sys.argv[1]); from davit.__main__ import main; "
        "sys.exit(main(['cluster', 'list']))"
    )
    said = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code, str(CHECKOUT / "runner_image" / "src")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 2
    assert "which is not installed here. Install it beside davit" in said.stderr
