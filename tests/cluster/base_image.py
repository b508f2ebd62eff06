"""Makes the image that ours are based on, from Debian's packages: no registry is needed."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from tests.cluster.buildah import Build, build, exists
from tests.cluster.commands import run_logged
from tests.cluster.progress import step
from tests.cluster.state import SOURCE, cache

SUITE = "bookworm"
# Installed with /usr merged from the start: merging it later would drag in all of Perl.
PACKAGES = "python3,python3-venv,ca-certificates,usr-is-merged"
MERGED_USR = "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr"
DOCKERFILE = SOURCE / "base" / "Dockerfile"
# Like Debian's container images: no caches of the package lists are kept.
NO_CACHES = ('Dir::Cache::pkgcache ""', 'Dir::Cache::srcpkgcache ""')
UNNEEDED = ("/usr/share/doc/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/man/*")


def base_image() -> str:
    """Return the base image's name; build it when this machine has not got it yet."""
    recipe = f"{SUITE} {PACKAGES} {NO_CACHES} {UNNEEDED} {DOCKERFILE.read_text()}"
    name = hashlib.sha256(recipe.encode()).hexdigest()[:12]
    reference = f"localhost/davit-base:{name}"
    if not exists(reference):
        context = cache() / "images" / f"base-{name}"
        if not context.exists():
            with step("Making the base image", "30 s the first time"):
                publish(context)
        build(Build(reference=reference, dockerfile=DOCKERFILE, context=context))
    return reference


def publish(context: Path) -> None:
    """Make the tree of files beside the final folder, then rename: no half of it is ever seen."""
    context.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f"{context.name}.", dir=context.parent))
    try:
        draft.chmod(0o755)
        excluded = [f"--dpkgopt=path-exclude={pattern}" for pattern in UNNEEDED]
        options = [*excluded, *(f"--aptopt={option}" for option in NO_CACHES)]
        command = ["mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", MERGED_USR]
        run_logged(
            [*command, *options, SUITE, draft / "base.tar"], cache() / "logs" / "base-image.log"
        )
        draft.rename(context)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
