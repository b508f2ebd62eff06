"""Builds images without a container engine, from the same Dockerfiles that users build."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.cluster.commands import run, run_logged
from tests.cluster.mounts import unmount
from tests.cluster.state import cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """One image to build."""

    reference: str
    dockerfile: Path
    context: Path
    arguments: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[Path, str] = field(default_factory=dict)


def storage() -> list[str | Path]:
    """Return the command with its layers kept apart from the machine's other images."""
    return ["buildah", "--root", folder() / "root", "--runroot", folder() / "run"]


def folder() -> Path:
    """Return where layers are kept; a build that is killed leaves mounts below."""
    return cache() / "buildah"


def discard_containers() -> None:
    """Remove what builds left that were killed: containers and mounts; layers stay."""
    if folder().exists():
        run([*storage(), "rm", "--all"])
        unmount(folder())


def build(image: Build) -> None:
    """Build an image into buildah's own storage."""
    arguments = [f"--build-arg={name}={value}" for name, value in image.arguments.items()]
    volumes = [f"--volume={host}:{inside}" for host, inside in image.volumes.items()]
    command: list[str | Path] = [
        *storage(),
        "build",
        # A chroot needs none of the privileges that small virtual machines lack.
        "--isolation=chroot",
        "--layers",
        "--pull-never",
        f"--tag={image.reference}",
        f"--file={image.dockerfile}",
        *arguments,
        *volumes,
        image.context,
    ]
    run_logged(command, log_of(image.reference))


def save(reference: str, archive: Path) -> None:
    """Write an image, name included, as a file that containerd can import."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    draft = archive.with_name(f"{archive.name}.draft")
    draft.unlink(missing_ok=True)
    run_logged(
        [*storage(), "push", reference, f"docker-archive:{draft}:{reference}"], log_of("saving")
    )
    draft.replace(archive)


def log_of(reference: str) -> Path:
    """Return where the output of a build goes."""
    name = reference.rpartition("/")[2].partition(":")[0]
    return cache() / "logs" / f"image-{name}.log"


def exists(reference: str) -> bool:
    """Tell whether an image was built already."""
    return reference in run([*storage(), "images", "--format", "{{.Name}}:{{.Tag}}"]).split()
