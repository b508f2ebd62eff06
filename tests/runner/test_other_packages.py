"""Packages of the names that davit gives: the installed ones win, an author's files do not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def installed(folder: Path, package: str, **modules: str) -> None:
    """Put a package, as if it were really installed, into ``folder``."""
    (folder / package).mkdir()
    for name, text in {"__init__": "real = True\n", **modules}.items():
        (folder / package / f"{name}.py").write_text(text)


def run_python(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    text = f"import sys; sys.path.insert(0, {str(folder)!r})\nimport davit\n{code}"
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)


def test_an_installed_package_wins_each_for_itself(tmp_path: Path) -> None:
    installed(tmp_path, "nautobot")
    code = (
        "from davit._compat import preload; preload()\n"
        "import nautobot, celery.exceptions; assert nautobot.real\n"
        "assert celery.exceptions.SoftTimeLimitExceeded is davit.SoftTimeLimitExceeded\n"
        "import nautobot.apps"
    )
    ended = run_python(tmp_path, code)
    assert ended.stderr.endswith("No module named 'nautobot.apps'\n")


CELERY = "class SoftTimeLimitExceeded(Exception):\n    def __str__(self): return 'theirs'\n"


def test_the_soft_limit_raises_an_installed_celerys_exception_too(tmp_path: Path) -> None:
    installed(tmp_path, "celery", exceptions=CELERY)
    code = (
        "from celery.exceptions import SoftTimeLimitExceeded as Theirs\n"
        "from davit.exceptions import soft_time_limit_exceeded\n"
        "error = soft_time_limit_exceeded()\n"
        "assert isinstance(error, Theirs) and isinstance(error, davit.SoftTimeLimitExceeded)\n"
        "print(type(error).__name__, error)"
    )
    ended = run_python(tmp_path, code)
    assert ended.stdout == "SoftTimeLimitExceeded The soft time limit was exceeded.\n"


def test_a_file_beside_the_jobs_cannot_stand_in_for_a_preloaded_name(tmp_path: Path) -> None:
    code = (
        "from davit._compat import preload; preload()\n"
        "from pathlib import Path\n"
        "Path(sys.path[0], 'nautobot.py').write_text('raise SystemExit(9)')\n"
        "from nautobot.apps.jobs import Job; assert Job is davit.Job"
    )
    assert run_python(tmp_path, code).returncode == 0


DJANGO = """
class Manager:
    def get(self, pk): return f"device {pk}"
class Model:
    objects = Manager()
class apps:
    ready = True
    get_model = staticmethod(lambda name: {"dcim.device": Model}[name])
"""


def test_a_button_finds_its_object_with_django_where_that_is_set_up(tmp_path: Path) -> None:
    (tmp_path / "django").mkdir()
    (tmp_path / "django" / "__init__.py").write_text("")
    (tmp_path / "django" / "apps.py").write_text(DJANGO)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import django.apps, davit\n"
        "class Press(davit.JobButtonReceiver):\n"
        "    def receive_job_button(self, obj): print(obj)\n"
        "Press()(object_pk='77', object_model_name='dcim.device')"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (ended.stdout, ended.stderr) == ("device 77\n", "")
