"""Keeps what Go builds from source in a cache outside the checkout, named by what decides it."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.commands import run_logged
from tests.cluster.progress import ClusterError, step
from tests.cluster.state import cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """A set of programs, built once per content of its ``inputs`` into one folder."""

    # Folder of the cache, with a folder for each content.
    kept: str
    # Files whose content decides what is built: go.mod, go.sum, own sources.
    inputs: tuple[Path, ...]
    # Builds into the folder that it is given.
    make: Callable[[Path], None]
    what: str
    usually: str

    def folder(self) -> Path:
        """Return the folder that holds the programs; build them if they are not there."""
        folder = cache() / self.kept / self.key()
        if folder.is_dir():
            return folder
        if not shutil.which("go"):
            raise ClusterError(
                f"Go is missing: it builds {self.what} from source. Install Go 1.26 or newer, "
                "or use any cluster: CLUSTER=current with KUBECONFIG."
            )
        with step(f"Building {self.what}", self.usually):
            self._publish(folder)
        return folder

    def key(self) -> str:
        """Return what names this set: a hash over all that decides its content."""
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in self.inputs))
        return digest.hexdigest()[:16]

    def _publish(self, folder: Path) -> None:
        """Build into a folder beside the final one, then rename: half a build is never seen."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
        try:
            self.make(draft)
            draft.chmod(0o755)
            draft.rename(folder)
        except OSError:
            # Another checkout published the same programs meanwhile.
            if not folder.is_dir():
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def go_build(module: Path, target: Path, packages: Sequence[str], flags: str, log: str) -> None:
    """Build packages of a module into a folder, static and without the path of this machine."""
    argv = ["go", "build", "-C", str(module), "-trimpath", "-ldflags", f"-s -w {flags}"]
    run_logged(
        [*argv, "-o", f"{target}/", *packages],
        cache() / "logs" / log,
        # Go needs the user's environment (proxy, caches); only cgo is ours to decide.
        env={**os.environ, "CGO_ENABLED": "0"},
    )
