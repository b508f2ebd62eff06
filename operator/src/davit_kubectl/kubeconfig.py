"""The user's kubeconfig, read as kubectl reads it.

The official client does it too, but its import alone takes half a second, which every TAB would
wait for; it is asked only for what is rare (``credentials.py``).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from davit_kubectl.failures import BadUsage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Section = dict[str, Any]
_LISTS = {"contexts": "context", "clusters": "cluster", "users": "user"}
# What names files, relative to the folder of the kubeconfig that says so.
_FILE_KEYS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")


class Kubeconfig(NamedTuple):
    """Several files as one: of two entries of one name the first counts."""

    current_context: str
    contexts: dict[str, Section]
    clusters: dict[str, Section]
    users: dict[str, Section]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is configured: then a pod's own account is used."""
        return not (self.contexts or self.clusters or self.users)


class Chosen(NamedTuple):
    """What one context names."""

    context: str
    namespace: str
    cluster: Section
    user: Section


def read_kubeconfig(given: str | None, environment: Mapping[str, str]) -> Kubeconfig:
    """Return what ``--kubeconfig`` names, else KUBECONFIG, else ``~/.kube/config``.

    Of KUBECONFIG's files some may be missing, the one that is given must be there.

    Raises:
        BadUsage: a file cannot be read.
    """
    if given:
        return merged([_file(Path(given))])
    named = [Path(name) for name in environment.get("KUBECONFIG", "").split(":") if name]
    paths = named or [Path.home() / ".kube" / "config"]
    return merged(_file(path) for path in paths if path.exists())


def merged(files: Iterable[Section]) -> Kubeconfig:
    """Return several files' content as one."""
    current = ""
    found: dict[str, dict[str, Section]] = {plural: {} for plural in _LISTS}
    for file in files:
        current = current or file.get("current-context") or ""
        for plural, singular in _LISTS.items():
            for entry in file.get(plural) or ():
                found[plural].setdefault(entry["name"], entry.get(singular) or {})
    return Kubeconfig(current, found["contexts"], found["clusters"], found["users"])


def chosen(config: Kubeconfig, context: str | None) -> Chosen:
    """Return what ``context`` names, by default the current one.

    Raises:
        BadUsage: there is no such context, or it names a cluster or user that is missing.
    """
    name = context or config.current_context
    if not name:
        raise BadUsage(
            "The kubeconfig has no current context. Choose one with `kubectl config use-context` "
            "or --context."
        )
    if name not in config.contexts:
        known = ", ".join(sorted(config.contexts)) or "none"
        raise BadUsage(f'The kubeconfig has no context "{name}". It has: {known}.')
    section = config.contexts[name]
    cluster = _entry(config.clusters, section, "cluster", name)
    user = _entry(config.users, section, "user", name) if section.get("user") else {}
    return Chosen(name, section.get("namespace") or "", cluster, user)


def _entry(entries: dict[str, Section], context: Section, kind: str, of: str) -> Section:
    name = context.get(kind, "")
    if name not in entries:
        raise BadUsage(f'Context "{of}" names the {kind} "{name}", which the kubeconfig lacks.')
    return entries[name]


def _file(path: Path) -> Section:
    import yaml  # noqa: PLC0415 (not needed in a pod)

    try:
        text = path.read_text(encoding="utf-8")
        content = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe)
    except (OSError, ValueError, yaml.YAMLError) as error:
        cause = getattr(error, "strerror", None) or error
        raise BadUsage(f"The kubeconfig {path} cannot be read: {cause}.") from error
    if content is not None and not isinstance(content, dict):
        raise BadUsage(f"{path} is no kubeconfig: it must be a mapping.")
    return _anchored(content or {}, path.absolute().parent)


def _anchored(content: Section, folder: Path) -> Section:
    """Return ``content`` with relative paths made absolute, in place."""
    try:
        for plural, singular in _LISTS.items():
            for entry in content.get(plural) or ():
                section = entry.get(singular) or {}
                for key in _FILE_KEYS:
                    if section.get(key):
                        section[key] = str(folder / section[key])
                command = (section.get("exec") or {}).get("command", "")
                if "/" in command:
                    section["exec"]["command"] = str(folder / command)
    except (AttributeError, TypeError) as error:
        raise BadUsage(f"A kubeconfig in {folder} has another form than kubectl's.") from error
    return content
