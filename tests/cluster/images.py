"""Builds the project's two images and gives them to the local cluster, when they changed."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import node
from tests.cluster.base_image import base_image
from tests.cluster.buildah import Build, build, save
from tests.cluster.local import processes
from tests.cluster.packages import install_packages, require_machine
from tests.cluster.progress import ClusterError, step
from tests.cluster.state import CHECKOUT, IMAGES_LOCK, cache, only_one
from tests.cluster.wheels import ARGUMENTS, fetch_wheels

KEPT_ARCHIVES = 2
# Layers are reused only where times are equal too; archives of wheels begin with 1980.
SAME_TIME = 315_619_200
COMMON = ("pyproject.toml", "uv.lock", "operator/pyproject.toml", "runner_image/pyproject.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One of our images, and what enters it, as paths from the repository's root."""

    name: str
    package: str
    dockerfile: str
    sources: tuple[str, ...]

    def inputs(self) -> tuple[str, ...]:
        """Return the files and folders that decide the image's content."""
        return (*COMMON, self.dockerfile, *self.sources)


IMAGES = (
    Image(
        name="operator",
        package="davit-operator",
        dockerfile="operator/Dockerfile",
        sources=("operator/src", "runner_image/src"),
    ),
    Image(
        name="runner",
        package="davit",
        dockerfile="runner_image/Dockerfile",
        sources=("runner_image/src",),
    ),
)


def images() -> dict[str, str]:
    """Return the references of our images; those that the cluster lacks are built and imported."""
    require_machine()
    install_packages()
    with only_one(IMAGES_LOCK, "another checkout is building images"):
        present = imported()
        base = base_image()
        return {image.name: provide(image, base, present) for image in IMAGES}


def imported() -> set[str]:
    """Return the images that the cluster has."""
    if not processes.find("containerd"):
        raise ClusterError(
            "The cluster that would hold the images is not running. "
            "Start it: `python -m tests.cluster up`."
        )
    return set(node.ctr("images", "ls", "--quiet").split())


def provide(image: Image, base: str, present: set[str]) -> str:
    """Return an image's reference, with the image in the cluster; what was kept is not rebuilt."""
    with snapshot(image) as context:
        reference = f"localhost/davit-{image.name}:{content_hash(context, base)}"
        if reference in present:
            return reference
        folder = cache() / "images" / image.name
        archive = folder / f"{reference.rpartition(':')[2]}.tar"
        if not archive.exists():
            with step(f"Building the {image.name} image", "20 s, a minute the first time"):
                build_image(image, reference, context, base)
                save(reference, archive)
    with step(f"Importing the {image.name} image", "3 s, 10 s the first time"):
        node.ctr("images", "import", archive)
    archive.touch()
    prune(folder)
    return reference


@contextmanager
def snapshot(image: Image) -> Iterator[Path]:
    """Copy an image's inputs: a file that is edited meanwhile must not change what is built."""
    with tempfile.TemporaryDirectory(prefix="davit-image-") as name:
        for wanted in image.inputs():
            source, copy = CHECKOUT / wanted, Path(name) / wanted
            if source.is_dir():
                ignore = shutil.ignore_patterns("__pycache__")
                shutil.copytree(source, copy, ignore=ignore, copy_function=shutil.copy)
            else:
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, copy)
        for path in Path(name).rglob("*"):
            os.utime(path, (SAME_TIME, SAME_TIME))
        yield Path(name)


def content_hash(context: Path, base: str) -> str:
    """Return what changes exactly when the image would."""
    digest = hashlib.sha256(base.encode())
    for path in sorted(path for path in context.rglob("*") if path.is_file()):
        digest.update(f"\0{path.relative_to(context)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def build_image(image: Image, reference: str, context: Path, base: str) -> None:
    """Build one of our images as a user does, but for the base image and the wheels' origin."""
    dockerfile = context / image.dockerfile
    build(
        Build(
            reference=reference,
            dockerfile=dockerfile,
            context=context,
            arguments={"BASE_IMAGE": base, **ARGUMENTS},
            volumes=fetch_wheels(context, dockerfile, image.package),
        )
    )


def prune(folder: Path) -> None:
    """Keep the archives that were used last."""
    archives = sorted(folder.glob("*.tar"), key=lambda path: path.stat().st_mtime, reverse=True)
    for archive in archives[KEPT_ARCHIVES:]:
        archive.unlink()
