"""A secret of a JobRepository is seen by its own Git server, and by nobody else."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.gitserver.forward_proxy import ForwardProxy, forward_proxy
from tests.gitserver.relay import Relay, relay
from tests.integration.guarded import (
    PASSPHRASE,
    PASSWORD,
    TOKEN,
    Guarded,
    becomes,
    guarded_servers,
    repository,
    secret,
)
from tests.integration.kube import Object, eventually
from tests.integration.place import Place
from tests.integration.running import RUNNER_IMAGE, OperatorThread

PROXY_PASSWORD = "canary-proxy-2Vn:/@ü"  # noqa: S105 (of the test's own proxy)
IN_URL = "canary-url-7Hs"
# More than a contact takes before its download, which is held in the middle.
NOISE = hashlib.shake_256(b"davit").digest(400_000)
HELD_AFTER = 100_000
# What git starts to fetch over https and ssh, as the kernel cuts their names.
TRANSPORTS = {"git-remote-http": 3, "ssh": 2}


@dataclass(frozen=True, kw_only=True)
class Running:
    """An operator as a process, and the folders that it may write to."""

    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def descendants(self) -> list[int]:
        """Return the numbers of all processes that it started, directly or not."""
        parents = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            # A process may end while it is looked at.
            try:
                parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
        found = [self.process.pid]
        for number in found:
            found += [child for child, parent in parents.items() if parent == number]
        return found[1:]

    def shown(self) -> dict[str, str]:
        """Return command line and environment of its descendants, by number and program."""
        seen = {}
        for number in self.descendants():
            folder = Path(f"/proc/{number}")
            try:
                words = (
                    (folder / "cmdline").read_bytes() + b"\0" + (folder / "environ").read_bytes()
                )
                name = (folder / "comm").read_text().strip()
            except OSError:
                continue
            seen[f"{number} {name}"] = words.decode(errors="replace")
        return seen

    def packs(self) -> list[Path]:
        """Return what was fetched as a whole."""
        return list(self.folder.glob("state/**/*.pack"))

    def transports(self) -> dict[str, int]:
        """Return how many of each transport run."""
        names = [each.split(" ")[1] for each in self.shown()]
        return {name: names.count(name) for name in TRANSPORTS}


@pytest.fixture
def running(
    no_operator: OperatorThread, operator_kubeconfig: Path, tmp_path: Path
) -> Iterator[Running]:
    assert no_operator
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    environment = {
        "PATH": os.defpath,
        "HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path / "tmp"),
        "KUBECONFIG": str(operator_kubeconfig),
        "DAVIT_STATE_DIR": str(tmp_path / "state"),
        "DAVIT_PROBE_PORT": "0",
        "DAVIT_RUNNER_IMAGE": RUNNER_IMAGE,
        "DAVIT_GIT_ALLOWED_HOSTS": "127.0.0.1",
    }
    command = [sys.executable, "-m", "davit_operator"]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process,
    ):
        yield Running(process=process, folder=tmp_path)
        process.terminate()


def encodings(text: str) -> set[str]:
    """Return the text as it is, and as it is sent or quoted."""
    pairs = (text, f"ada:{text}")
    return {text, quote(text), quote(text, safe="")} | {
        b64encode(pair.encode()).decode() for pair in pairs
    }


def secrets_of(guarded: Guarded) -> set[str]:
    """Return all texts that must never be seen."""
    found = set().union(
        *(encodings(each) for each in (PASSWORD, TOKEN, PASSPHRASE, PROXY_PASSWORD, IN_URL))
    )
    for identity in (guarded.identity(), guarded.identity(PASSPHRASE)):
        # The lines in the middle: the frame and the beginning are in every key.
        found |= set(identity.decode().split("\n")[2:-2])
    return found


def assert_hidden(text: str, secrets: set[str], where: str) -> None:
    for each in secrets:
        assert each not in text, f"{each} in {where}"


@dataclass(frozen=True, kw_only=True)
class Held:
    """Servers that stop in the middle of what they send, and a proxy before one of them."""

    guarded: Guarded
    web: Relay
    ssh: Relay
    proxy: ForwardProxy

    def plant(self, place: Place) -> tuple[str, ...]:
        """Create a repository for each form of secret; return those that will be fetching."""
        guarded = self.guarded
        guarded.repository("jobs").push({"noise": NOISE})
        web = f"https://127.0.0.1:{self.web.port}/jobs.git"
        ssh = f"ssh://{guarded.ssh.user}@127.0.0.1:{self.ssh.port}{guarded.web.root}/jobs.git"
        keys = {"username": b"ada", "password": PROXY_PASSWORD.encode()}
        secret(place, "way", {**keys, "address": f"http://127.0.0.1:{self.proxy.port}".encode()})
        for name, kind, url in (
            ("password", "password", web),
            ("bearer", "bearer", web),
            ("identity", "identity", ssh),
            ("passphrase", "passphrase", ssh),
            ("proxied", "password", web),
        ):
            secret(place, name, guarded.keys(kind, self.ssh.port))
            source = {"url": url, "secretRef": {"name": name}}
            way = {"proxySecretRef": {"name": "way"}} if name == "proxied" else {}
            repository(place, name, {**source, **way}, timeout="5m")
        repository(place, "in-url", {"url": f"https://ada:{IN_URL}@git.example.com/jobs.git"})
        return ("password", "bearer", "identity", "passphrase", "proxied")

    def let_go(self) -> None:
        """Break off what is held."""
        self.web.cut.set()
        self.ssh.cut.set()


@pytest.fixture
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    with (
        guarded_servers(tmp_path_factory.mktemp("guarded")) as guarded,
        relay(guarded.web.port) as web,
        relay(guarded.ssh.port) as ssh,
        forward_proxy() as proxy,
    ):
        web.passes = ssh.passes = HELD_AFTER
        proxy.user = ("ada", PROXY_PASSWORD)
        yield Held(guarded=guarded, web=web, ssh=ssh, proxy=proxy)


def without_spec(thing: Object) -> str:
    """Return what the operator wrote of an object."""
    parts = {key: value for key, value in thing.items() if key != "spec"}
    return str({**parts, "metadata": {**parts["metadata"], "managedFields": None}})


def written(place: Place) -> Iterator[tuple[str, str]]:
    """Yield all that the operator wrote in the namespace, and where it stands."""
    for thing in place.all("JobRepository"):
        yield thing["metadata"]["name"], without_spec(thing)
    # Of pods the environment, too.
    for kind in ("Pod", "ConfigMap", "Event", "JobDefinition", "NetworkPolicy"):
        for thing in place.all(kind):
            yield f"{kind} {thing['metadata']['name']}", str(thing)


def test_no_secret_is_seen_outside_its_own_contact(
    running: Running, held: Held, place: Place
) -> None:
    secrets, names = secrets_of(held.guarded), held.plant(place)
    # All are in the middle of their download: three over https, two over ssh.
    eventually(lambda: running.transports() == TRANSPORTS, "all are fetching")
    shown = running.shown()
    assert len(shown) > sum(TRANSPORTS.values())
    for where, text in shown.items():
        assert_hidden(text, secrets, where)
    held.let_go()
    for name in names:
        becomes(place, name, "FetchFailed")
    becomes(place, "in-url", "UrlRefused")
    held.web.passes = held.ssh.passes = None
    eventually(lambda: len(running.packs()) == len(names), "all were fetched", 180)
    eventually(lambda: not running.descendants(), "no process of theirs is left")
    assert_hidden(running.log, secrets, "the operator's log")
    eventually(lambda: place.all("Pod"), "one of them is discovered")
    for where, text in written(place):
        assert_hidden(text, secrets, where)
    for path in running.folder.rglob("*"):
        if path.is_file():
            assert_hidden(path.read_bytes().decode(errors="replace"), secrets, str(path))
