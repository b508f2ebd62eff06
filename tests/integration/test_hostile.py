"""Hostile JobRepositories, through the real admission and the real operator."""

from __future__ import annotations

import tarfile
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path, PurePosixPath

import pytest
from tests.gitserver.running import RunningServer
from tests.hostile.commands import options
from tests.hostile.names import archive_names
from tests.hostile.repositories import Hostile, all_of_it
from tests.integration.kube import Object, RefusedError, eventually, path_of
from tests.integration.place import Place, condition

pytestmark = pytest.mark.usefixtures("operator")

FILES = {"jobs/__init__.py": "", "jobs/hello.py": "x = 1\n"}
BAD_REQUEST, UNPROCESSABLE = 400, 422


@pytest.fixture
def emptied(place: Place) -> Iterator[Place]:
    """Give the namespace; no repository of it is left to the operator of the next test."""
    yield place
    place.kube.call("DELETE", path_of("JobRepository", place.name))
    eventually(lambda: not place.all("JobRepository"), "all of them are gone")


def refusal(place: Place, attack: Hostile, ca: bytes) -> RefusedError | None:
    """Create what an attack consists of; return why the API server refuses it, if it does."""
    try:
        create(place, attack, ca)
    except RefusedError as error:
        return error
    return None


def create(place: Place, attack: Hostile, ca: bytes) -> None:
    git = {**attack.git, "secretRef": {"name": "git"}}
    for kind, keys in (("secretRef", attack.secret), ("proxySecretRef", attack.proxy)):
        if keys:
            name = f"{attack.name}-keys"
            git[kind] = {"name": name}
            data = {"ca.crt": ca, **keys} if kind == "secretRef" else keys
            encoded = {key: b64encode(value).decode() for key, value in data.items()}
            place.create("Secret", name, data=encoded)
    spec = {"source": {"git": git}, "interval": "1h", "timeout": "20s"}
    place.create("JobRepository", attack.name, spec=spec)


def published(place: Place) -> list[Object]:
    """Return the parts of the archives of the namespace."""
    return place.all("ConfigMap", "davit.dev/component=artifact")


def files_of(place: Place) -> dict[str, bytes]:
    """Return the files of all archives that were published in the namespace."""
    found: dict[str, bytes] = {}
    for part in published(place):
        # Small as these are, each archive is one part.
        data = BytesIO(b64decode(part["binaryData"]["part"]))
        with tarfile.open(fileobj=data) as archive:
            for entry in archive:
                content = archive.extractfile(entry)
                assert content is not None, f"{entry.name!r} is no file"
                found[entry.name] = content.read()
    return found


def has_spoken(repository: Object) -> bool:
    """Return whether the operator has said what it makes of a repository."""
    return bool(condition(repository))


def test_each_hostile_repository_is_refused_or_gets_a_sentence(
    emptied: Place, git: RunningServer, tmp_path: Path
) -> None:
    place, marker = emptied, tmp_path / "ran" / "marker"
    marker.parent.mkdir()
    git.repository("jobs").push(FILES)
    ca = git.ca.read_bytes()
    place.create("Secret", "git", data={"ca.crt": b64encode(ca).decode()})
    attacks = list(all_of_it(str(marker), f"127.0.0.1:{git.port}"))
    answers = {attack.name: refusal(place, attack, ca) for attack in attacks}
    refused = [answer for answer in answers.values() if answer]
    assert len(answers) == len(attacks) >= 300
    assert len(refused) > 20
    for answer in refused:
        assert answer.status in {BAD_REQUEST, UNPROCESSABLE}
        assert "is invalid" in answer.message
    eventually(
        lambda: all(map(has_spoken, place.all("JobRepository"))), "each has a condition", 240
    )
    for repository in place.all("JobRepository"):
        found = condition(repository)
        assert found["reason"] != "Unknown"
        assert found["message"].endswith("."), (repository["spec"], found)
        assert found["message"].isprintable(), (repository["spec"], found)
    taken = {name for name, answer in answers.items() if answer is None}
    assert {each["metadata"]["name"] for each in place.all("JobRepository")} == taken
    assert list(marker.parent.iterdir()) == []
    # It goes on as if nothing had been.
    place.create("JobRepository", "next", spec={"source": {"git": {"url": "file:///etc"}}})
    place.until("JobRepository", "next", has_spoken, "is answered")


def offered(place: Place, names: list[str]) -> set[str]:
    """Create a repository for each name, of one file named so; return those that are admitted."""
    place.create("ConfigMap", "files", data={"file": "x = 1\n"})
    taken = set()
    for number, name in enumerate(names):
        items = [{"key": "file", "path": name}]
        source = {"configMap": {"name": "files", "items": items}}
        spec = {"layout": "JobsRoot", "interval": "1h", "source": source}
        with suppress(RefusedError):
            place.create("JobRepository", f"file-{number}", spec=spec)
            taken.add(name)
    return taken


def committed(place: Place, git: RunningServer, names: list[str]) -> None:
    """Create a repository that reads a commit with such files: no schema is in between."""
    made = git.repository(f"{place.name}-names")
    made.push(dict.fromkeys(names, "x = 2\n"))
    place.create("Secret", "git", data={"ca.crt": b64encode(git.ca.read_bytes()).decode()})
    source = {"git": {"url": made.url, "secretRef": {"name": "git"}}}
    place.create("JobRepository", "commit", spec={"source": source, "interval": "1h"})


def test_each_hostile_name_of_a_file_is_refused_or_stays_below_the_root(
    emptied: Place, git: RunningServer, tmp_path: Path
) -> None:
    place, marker = emptied, tmp_path / "ran" / "marker"
    marker.parent.mkdir()
    names = list(archive_names(str(marker)))
    taken = offered(place, names)
    assert 0 < len(taken) < len(names)
    flat = [name.replace("/", "_") for name in options(str(marker))]
    committed(place, git, flat)
    eventually(
        lambda: all(map(has_spoken, place.all("JobRepository"))), "each has a condition", 240
    )
    said = [condition(each) for each in place.all("JobRepository")]
    for each in said:
        assert each["message"].endswith("."), each
        assert each["message"].isprintable(), each
    refused = [each for each in said if each["reason"] == "ArtifactRefused"]
    wanted = len(taken) + 1 - len(refused)
    eventually(lambda: len(published(place)) == wanted, "all others are published", 240)
    found = files_of(place)
    assert set(found.values()) == {b"x = 1\n", b"x = 2\n"}
    assert set(found) <= taken | set(flat)
    for path in map(PurePosixPath, found):
        assert not path.is_absolute()
        assert ".." not in path.parts
    assert list(marker.parent.iterdir()) == []
