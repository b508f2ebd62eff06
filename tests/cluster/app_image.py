"""Builds an image with jobs of its own on the runner image, as authors of an App do."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from tests.cluster import node
from tests.cluster.buildah import Build, build, exists, save, storage
from tests.cluster.commands import run
from tests.cluster.state import IMAGES_LOCK, cache, only_one

# A wheel would be installed likewise; here is no index that a build could ask.
DOCKERFILE = """\
ARG BASE_IMAGE
FROM ${BASE_IMAGE}
USER root
COPY app /tmp/app
RUN cp -r /tmp/app/. "$(python3 -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \\
    && rm -r /tmp/app
USER 65532:65532
"""


def app_image(runner: str, files: Mapping[str, str]) -> str:
    """Return the reference of ``runner`` with ``files`` in its site-packages, in the cluster."""
    digest = sha256(repr((runner, sorted(files.items()))).encode()).hexdigest()[:12]
    reference = f"localhost/davit-app:{digest}"
    with (
        only_one(IMAGES_LOCK, "another checkout is building images"),
        tempfile.TemporaryDirectory(prefix="davit-app-") as name,
    ):
        context = Path(name)
        for path, text in files.items():
            file = context / "app" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        (context / "Dockerfile").write_text(DOCKERFILE)
        _have(runner)
        build(
            Build(
                reference=reference,
                dockerfile=context / "Dockerfile",
                context=context,
                arguments={"BASE_IMAGE": runner},
            )
        )
        archive = context / "image.tar"
        save(reference, archive)
        node.ctr("images", "import", archive)
    return reference


@contextmanager
def named_image(name: str) -> Iterator[Callable[[str], None]]:
    """Yield what has ``name`` mean an image, found by its digest too, as one that was pulled."""
    tags = {name}

    def mean(image: str) -> None:
        listed = node.ctr("images", "ls", f"name=={image}").splitlines()[1].split()
        digest = next(word for word in listed if word.startswith("sha256:"))
        tags.add(f"{name.rpartition(':')[0]}@{digest}")
        for tag in tags:
            if "@" not in tag or tag.endswith(digest):
                node.ctr("images", "tag", "--force", image, tag)

    try:
        yield mean
    finally:
        node.ctr("images", "rm", *tags)


def _have(runner: str) -> None:
    """Have buildah know an image that only its archive was kept of."""
    if not exists(runner):
        kept = cache() / "images" / "runner" / f"{runner.rpartition(':')[2]}.tar"
        run([*storage(), "pull", f"docker-archive:{kept}"])
