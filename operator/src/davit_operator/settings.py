"""What the environment says about the operator; nothing else reads it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_STATE_DIR = Path("/tmp/davit")  # noqa: S108 (the pod's own emptyDir)


class SettingsError(ValueError):
    """A setting is missing or makes no sense; the message says which, and what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The operator's settings, each from the environment variable in its comment."""

    # DAVIT_RUNNER_IMAGE: image of pods whose repository and definition name none.
    runner_image: str
    # DAVIT_STATE_DIR: folder for Git mirrors; nothing in it needs to survive.
    state_dir: Path = DEFAULT_STATE_DIR
    # DAVIT_GIT_ALLOWED_HOSTS: comma-separated hosts that are let through though they are local.
    git_allowed_hosts: frozenset[str] = frozenset()
    # DAVIT_GIT_ALLOW_HTTP: "true" allows plain http; everybody on the way may change the code.
    git_allow_http: bool = False
    # DAVIT_WORKERS: how many objects of each kind are worked on at once.
    workers: int = 16
    # DAVIT_START_DEADLINE_SECONDS: how long a run waits for a definition that does not exist yet.
    start_deadline_seconds: int = 300
    # DAVIT_NAMESPACE_STORAGE_MIB: what JobLogs and JobFiles of a namespace may have; 0: no limit.
    namespace_storage_mib: int = 256
    # DAVIT_PROBE_PORT: where /healthz, /readyz and /metrics answer; 0: nowhere.
    probe_port: int = 8080
    # DAVIT_NAMESPACE: where the operator itself runs, and has its Lease.
    namespace: str = ""
    # DAVIT_LEADER_ELECTION: "true" has replicas agree on who works; "false" where there is one.
    leader_election: bool = False


def settings_from(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings that ``environment`` (default: the process's own) holds.

    Raises:
        SettingsError: a variable is missing or malformed.
    """
    given = os.environ if environment is None else environment  # noqa: TID251 (its only reader)
    image = given.get("DAVIT_RUNNER_IMAGE", "")
    if not image:
        raise SettingsError("DAVIT_RUNNER_IMAGE is not set. Set it to davit's runner image.")
    namespace = given.get("DAVIT_NAMESPACE", "")
    elects = _boolean(given, "DAVIT_LEADER_ELECTION", default=bool(namespace))
    if elects and not namespace:
        raise SettingsError(
            "DAVIT_LEADER_ELECTION is true, but DAVIT_NAMESPACE is not set. Set it to the "
            "namespace that the operator's Lease is to be in."
        )
    hosts = given.get("DAVIT_GIT_ALLOWED_HOSTS", "")
    return Settings(
        runner_image=image,
        state_dir=Path(given.get("DAVIT_STATE_DIR") or DEFAULT_STATE_DIR),
        git_allowed_hosts=frozenset(
            host.strip().lower() for host in hosts.split(",") if host.strip()
        ),
        git_allow_http=_boolean(given, "DAVIT_GIT_ALLOW_HTTP"),
        workers=_number(given, "DAVIT_WORKERS", 16, least=1),
        start_deadline_seconds=_number(given, "DAVIT_START_DEADLINE_SECONDS", 300, least=1),
        namespace_storage_mib=_number(given, "DAVIT_NAMESPACE_STORAGE_MIB", 256, least=0),
        probe_port=_number(given, "DAVIT_PROBE_PORT", 8080, least=0),
        namespace=namespace,
        leader_election=elects,
    )


def _number(given: Mapping[str, str], name: str, default: int, *, least: int) -> int:
    text = given.get(name) or str(default)
    if not text.isdecimal() or int(text) < least:
        raise SettingsError(f"{name} is {text!r}. Set it to a whole number of at least {least}.")
    return int(text)


def _boolean(given: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    text = (given.get(name) or str(default)).lower()
    if text not in {"true", "false"}:
        raise SettingsError(f'{name} is {text!r}. Set it to "true" or "false".')
    return text == "true"
