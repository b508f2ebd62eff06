"""Finds OpenSSH's server, or unpacks Debian's package of it beside the system.

Installing the package would start a server that everybody reaches; unpacked it only serves tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.cluster.commands import run_logged
from tests.cluster.progress import ClusterError, step
from tests.cluster.state import cache

_INSTALLED = Path("/usr/sbin/sshd")
_UNINTERACTIVE = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
_PATIENT = ("--option", "DPkg::Lock::Timeout=300", "--yes", "--no-install-recommends")


def sshd_program() -> Path:
    """Return OpenSSH's server; the client, which the operator runs, is installed where missing."""
    if not shutil.which("ssh"):
        _require_apt("openssh-client")
        with step("Installing openssh-client", "10 s"):
            _apt("update")
            _apt("install", *_PATIENT, "openssh-client")
    if _INSTALLED.exists():
        return _INSTALLED
    unpacked = cache() / "debian" / "openssh-server"
    if not unpacked.exists():
        _require_apt("openssh-server")
        with step("Unpacking openssh-server", "10 s"):
            _unpack(unpacked)
    return unpacked / "usr" / "sbin" / "sshd"


def libraries_of(sshd: Path) -> str:
    """Return the folders of what was unpacked with ``sshd``, as the linker takes them."""
    if sshd == _INSTALLED:
        return ""
    found = {path.parent for path in sshd.parents[2].rglob("lib*.so*")}
    return ":".join(str(folder) for folder in sorted(found))


def _unpack(folder: Path) -> None:
    draft = folder.with_name(f"{folder.name}.{os.getpid()}")
    archives = draft / "archives"
    (archives / "partial").mkdir(parents=True)
    _apt("update")
    # What it needs beyond what is installed comes with it.
    into = ("--option", f"Dir::Cache::archives={archives}")
    _apt("install", *_PATIENT, "--download-only", *into, "openssh-server")
    for archive in sorted(archives.glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", archive, draft / "root"], check=True)
    try:
        (draft / "root").rename(folder)
    # Another run was quicker.
    except OSError:
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(draft)


def _apt(*arguments: str) -> None:
    run_logged(["apt-get", *arguments], cache() / "logs" / "apt.log", env=_UNINTERACTIVE)


def _require_apt(package: str) -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise ClusterError(f"The tests of Git over ssh need {package}. Install it.")
