"""The job author's guide as what it is made of: blocks of code, and what it says they print."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

PATH = Path(__file__).parents[1] / "runner_image" / "README.md"
_BLOCK = re.compile(r"^```(\w+)(?: title=\"(.*?)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block."""

    language: str
    title: str
    text: str


def blocks() -> list[Block]:
    """Return the blocks in their order."""
    return [Block(*found) for found in _BLOCK.findall(PATH.read_text())]


def files() -> dict[str, str]:
    """Return the files that the guide shows, by path."""
    return {block.title: block.text for block in blocks() if block.title}


def console_blocks() -> dict[str, tuple[dict[str, str], str]]:
    """Return the files that its reader has by then, and what it prints, of each command."""
    found = {}
    files: dict[str, str] = {}
    for block in blocks():
        if block.title:
            files = {**files, block.title: block.text}
        elif block.language == "console":
            first, _, shown = block.text.partition("\n")
            found[first.removeprefix("$ ")] = (files, shown)
    return found


def shell_commands() -> list[str]:
    """Return the lines that a reader with a cluster types, in their order."""
    texts = [block.text for block in blocks() if block.language == "sh"]
    return "".join(texts).splitlines()


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write the files below the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def show(command: str, printed: str) -> None:
    """Write into the guide what the command prints."""
    text = PATH.read_text()
    for block in _BLOCK.finditer(text):
        if block[3].startswith(f"$ {command}\n"):
            shown = f"```console\n$ {command}\n{printed}```"
            PATH.write_text(text[: block.start()] + shown + text[block.end() :])
