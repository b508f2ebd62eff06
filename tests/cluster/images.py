"""Builds the project's two images and gives them to the local cluster, when they changed."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import node
from tests.cluster.base_image import base_image
from tests.cluster.buildah import Build, build, save
from tests.cluster.local import processes
from tests.cluster.packages import install_packages, require_machine
from tests.cluster.progress import ClusterError, step
from tests.cluster.state import CHECKOUT, cache, machine_lock
from tests.cluster.wheels import ARGUMENTS, fetch_wheels

KEPT_ARCHIVES = 4
COMMON = ("pyproject.toml", "uv.lock", "operator/pyproject.toml", "runner_image/pyproject.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One of our images, and what enters it."""

    name: str
    package: str
    dockerfile: Path
    sources: tuple[Path, ...]

    def reference(self, base: str) -> str:
        """Return a name that changes exactly when the image would."""
        digest = hashlib.sha256(base.encode())
        for path in (self.dockerfile, *(CHECKOUT / name for name in COMMON), *self.files()):
            digest.update(f"\0{path.relative_to(CHECKOUT)}\0".encode() + path.read_bytes())
        return f"localhost/davit-{self.name}:{digest.hexdigest()[:12]}"

    def files(self) -> list[Path]:
        """Return the source files, compiled ones left out."""
        found = (path for source in self.sources for path in source.rglob("*") if path.is_file())
        return sorted(path for path in found if "__pycache__" not in path.parts)


RUNNER_SOURCE = CHECKOUT / "runner_image" / "src"
IMAGES = (
    Image(
        name="operator",
        package="davit-operator",
        dockerfile=CHECKOUT / "operator" / "Dockerfile",
        sources=(CHECKOUT / "operator" / "src", RUNNER_SOURCE),
    ),
    Image(
        name="runner",
        package="davit",
        dockerfile=CHECKOUT / "runner_image" / "Dockerfile",
        sources=(RUNNER_SOURCE,),
    ),
)


def images() -> dict[str, str]:
    """Return the references of our images; those that the cluster lacks are built and imported."""
    require_machine()
    install_packages()
    with machine_lock():
        base = base_image()
        references = {image.name: image.reference(base) for image in IMAGES}
        present = imported()
        for image in IMAGES:
            if references[image.name] not in present:
                provide(image, base)
    return references


def imported() -> set[str]:
    """Return the images that the cluster has."""
    if not processes.find("containerd"):
        raise ClusterError(
            "The cluster that would hold the images is not running. "
            "Start it: `python -m tests.cluster up`."
        )
    return set(node.ctr("images", "ls", "--quiet").split())


def provide(image: Image, base: str) -> None:
    """Import an image; it is built only when no earlier build of the same content was kept."""
    reference = image.reference(base)
    folder = cache() / "images" / image.name
    archive = folder / f"{reference.rpartition(':')[2]}.tar"
    if not archive.exists():
        with step(f"Building the {image.name} image", "30 s, or 5 s when only our code changed"):
            build_image(image, base)
            save(reference, archive)
    with step(f"Importing the {image.name} image", "3 s"):
        node.ctr("images", "import", archive)
    archive.touch()
    prune(folder)


def build_image(image: Image, base: str) -> None:
    """Build one of our images as a user does, but for the base image and the wheels' origin."""
    build(
        Build(
            reference=image.reference(base),
            dockerfile=image.dockerfile,
            context=CHECKOUT,
            arguments={"BASE_IMAGE": base, **ARGUMENTS},
            volumes=fetch_wheels(image.dockerfile, image.package),
        )
    )


def prune(folder: Path) -> None:
    """Keep the archives that were used last."""
    archives = sorted(folder.glob("*.tar"), key=lambda path: path.stat().st_mtime, reverse=True)
    for archive in archives[KEPT_ARCHIVES:]:
        archive.unlink()
