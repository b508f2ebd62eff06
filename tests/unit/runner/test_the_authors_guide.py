from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[3] / "runner_image" / "README.md"
BLOCK = re.compile(r"^```(\w+)(?: title=\"(.*?)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CLOCK = re.compile(r"^\d\d:\d\d:\d\d|\d+\.\d\d s", re.MULTILINE)


def test_every_block_of_the_authors_guide_does_what_it_shows(tmp_path: Path) -> None:
    blocks = BLOCK.findall(GUIDE.read_text())
    assert [language for language, _, _ in blocks] == ["python", "console", "python"]
    for _, title, text in blocks:
        if title:
            (tmp_path / title).parent.mkdir(exist_ok=True)
            (tmp_path / title).write_text(text)
    [console] = [text for language, _, text in blocks if language == "console"]
    for command, shown in re.findall(r"^\$ davit (.*)\n((?:[^$].*\n)*)", console, re.MULTILINE):
        arguments = [sys.executable, "-m", "davit", *shlex.split(command)]
        said = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert CLOCK.sub("", said.stdout) == CLOCK.sub("", shown)
    test = "import test_hello_world; test_hello_world.test_it_greets()"
    path = f"import sys; sys.path[:0] = [{str(tmp_path)!r}, {str(tmp_path / 'my-jobs')!r}]; "
    subprocess.run([sys.executable, "-c", path + test], check=True)
