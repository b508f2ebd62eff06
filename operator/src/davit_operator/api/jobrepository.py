"""JobRepository: where job classes come from."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from davit_contract import Layout
from davit_operator.api.base import (
    UNOBSERVED,
    ApiModel,
    LocalObjectReference,
    Metadata,
    ObservedGeneration,
)
from davit_operator.api.conditions import Condition
from davit_operator.api.runner import RunnerSettings
from davit_operator.api.schema import CONDITION_LIST, rules, validations
from davit_operator.api.source import (
    LAYOUT_OF_CONFIG_MAP,
    LAYOUT_OF_IMAGE,
    ONE_SOURCE,
    ConfigMapSource,
    ImageSource,
)

# A duration as Flux writes it, in hours, minutes and seconds.
DURATION = r"^([0-9]+h)?([0-9]+m)?([0-9]+s)?$"
REF_PATTERN = r"^[^-\s~^:?*\[\\][^\s~^:?*\[\\]*$"


class GitReference(ApiModel):
    """Which commit of a Git repository is served."""

    model_config = rules(
        (
            "[has(self.branch), has(self.tag), has(self.commit)].filter(given, given).size() <= 1",
            "set at most one of branch, tag and commit",
        )
    )

    branch: Annotated[str, Field(min_length=1, max_length=255, pattern=REF_PATTERN)] | None = Field(
        default=None, description="Branch whose newest commit is served. Default: main."
    )
    tag: Annotated[str, Field(min_length=1, max_length=255, pattern=REF_PATTERN)] | None = Field(
        default=None, description="Tag whose commit is served."
    )
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")] | None = Field(
        default=None, description="Commit that is served: 40 hexadecimal digits."
    )


class GitSource(ApiModel):
    """A Git repository, read over https or ssh."""

    url: str = Field(
        min_length=1,
        max_length=2048,
        description=(
            "URL of the Git repository: https://host/path or ssh://user@host/path (user: git "
            "where none is named). Credentials do not belong here: name a Secret in secretRef."
        ),
    )
    ref: GitReference = Field(
        default_factory=GitReference,
        description="Branch, tag or commit that is served. Default: branch main.",
    )
    secret_ref: LocalObjectReference | None = Field(
        default=None,
        description=(
            "Secret of the same namespace with the credentials, in Flux's keys. For https: "
            "username and password, or bearerToken; and ca.crt (also caFile) where an own "
            "authority signs the server's certificate. For ssh: identity (a private key), "
            "known_hosts (the server's host keys), and password where the key has a passphrase."
        ),
    )
    proxy_secret_ref: LocalObjectReference | None = Field(
        default=None,
        description=(
            "Secret of the same namespace that names an HTTP proxy to reach an https URL through, "
            "in Flux's keys: address (http://host:port or https://host:port), and username and "
            "password where it wants them; beside them ca.crt for an https proxy of an own "
            "authority. The proxy looks up the host of the URL, so that it decides which "
            "addresses are reached."
        ),
    )
    path: str = Field(
        default="",
        max_length=1024,
        pattern=r"^$|^[^/\x00-\x1f][^\x00-\x1f]*$",
        description="Folder of the repository that is its root for davit. Default: the top.",
    )
    ignore: str = Field(
        default="",
        max_length=4096,
        description=(
            "Files that are not served, as patterns of a .gitignore, one a line, below path. "
            "Default: none."
        ),
    )


class Source(ApiModel):
    """Where the code comes from: exactly one of its fields."""

    model_config = rules(ONE_SOURCE)

    git: GitSource | None = Field(default=None, description="A Git repository.")
    config_map: ConfigMapSource | None = Field(
        default=None, description="A ConfigMap of the same namespace: jobs without Git."
    )
    image: ImageSource | None = Field(
        default=None, description="Modules that are installed in the runner image."
    )


class JobRepositorySpec(ApiModel):
    """What an author or admin wants of a repository."""

    model_config = rules(
        (
            "has(self.slug) == has(oldSelf.slug) && (!has(self.slug) || self.slug == oldSelf.slug)",
            "slug is immutable: class paths begin with it",
        ),
        LAYOUT_OF_CONFIG_MAP,
        LAYOUT_OF_IMAGE,
    )

    slug: (
        Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
        | None
    ) = Field(
        default=None,
        description=(
            "Python identifier that the repository's modules stand below (layout Repository). "
            'Immutable. Default: the object\'s name with "-" and "." as "_".'
        ),
    )
    layout: Layout = Field(
        default=Layout.REPOSITORY,
        description=(
            "How modules are found. Repository: only <slug>.jobs is imported. JobsRoot: every "
            "top-level module, and packages recursively. App: modules of the runner image."
        ),
    )
    source: Source = Field(description="Where the code comes from.")
    interval: str = Field(
        default="60s",
        max_length=32,
        pattern=DURATION,
        description=(
            "How often the source is looked at, such as 60s, 5m or 1h; at least 10s. Source image: "
            "how often its jobs are discovered again, at most once an hour."
        ),
        json_schema_extra=validations(
            ("duration(self) >= duration('10s')", "interval must be at least 10s")
        ),
    )
    timeout: str = Field(
        default="60s",
        max_length=32,
        pattern=DURATION,
        description=(
            "How long one contact with the source may take, such as 60s; at least 1s, at most 10m."
        ),
        json_schema_extra=validations(
            (
                "duration(self) >= duration('1s') && duration(self) <= duration('10m')",
                "timeout must be at least 1s and at most 10m",
            )
        ),
    )
    suspend: bool = Field(
        default=False, description="True: the source is not looked at; what is served stays."
    )
    runner: RunnerSettings = Field(
        default_factory=RunnerSettings,
        description="How pods that run this code look; absent keys are the operator's.",
    )


class Artifact(ApiModel):
    """The code that is served, as pods find it."""

    revision: str = Field(
        description=(
            "What was asked for and what it was: main@sha1:9f3c… of Git, name@sha256:… of a "
            "ConfigMap or image."
        )
    )
    commit: str = Field(
        description="Hash of the commit, of the ConfigMap's files, or of the image (its name "
        "where the kubelet reports no hash)."
    )
    digest: str = Field(
        default="", description="sha256:… of the packed code; empty for code of the image."
    )
    size_bytes: int = Field(ge=0, description="Bytes of the packed code.")
    files: int = Field(ge=0, description="Files in it.")
    parts: list[str] = Field(
        default_factory=list,
        max_length=16,
        description="ConfigMaps that hold it, in order, named by its content.",
    )
    notes: list[str] = Field(
        default_factory=list,
        max_length=32,
        description="What was left out of it: submodules, contents of Git LFS.",
    )


class Problem(ApiModel):
    """One thing that keeps a module from giving its jobs."""

    path: str = Field(description="File, below the repository's root.")
    line: int = Field(default=0, ge=0, description="Line of the file; 0 where none is known.")
    message: str = Field(description="What is wrong, and what to do.")


Problems = Annotated[list[Problem], Field(max_length=100)]


class FailedDiscovery(ApiModel):
    """A revision that is not served."""

    revision: str = Field(description="The revision, in the form of artifact.revision.")
    message: str = Field(description="Why it is not served, and what to do.")
    problems: Problems = Field(
        default_factory=list, description="What keeps its modules from giving their jobs."
    )


class Discovery(ApiModel):
    """What was found in the code that is served, and what is broken in newer code."""

    commit: str = Field(
        default="", description="artifact.commit, whose jobs are served; empty: none yet."
    )
    inputs: str = Field(
        default="",
        description=(
            "Hash of what discovery depends on beside the commit: slug, layout, path, ignore, "
            "modules, runner image. Another one means: discover again."
        ),
    )
    definitions: int = Field(default=0, ge=0, description="How many job classes are registered.")
    problems: Problems = Field(
        default_factory=list, description="What keeps modules from giving their jobs."
    )
    failed: FailedDiscovery | None = Field(
        default=None,
        description="The newest revision, where it is broken and the one before is served.",
    )


class JobRepositoryStatus(ApiModel):
    """What the operator knows of a repository."""

    observed_generation: ObservedGeneration = UNOBSERVED
    artifact: Artifact | None = Field(default=None, description="The code that is served.")
    discovery: Discovery | None = Field(
        default=None, description="What was found in the code that is served."
    )
    conditions: list[Condition] = Field(
        default_factory=list,
        max_length=16,
        description="Ready, and Reconciling, Stalled, FetchFailed or DiscoveryProblems while true.",
        json_schema_extra=CONDITION_LIST,
    )
    last_handled_reconcile_at: Annotated[str, Field(max_length=256)] | None = Field(
        default=None,
        description="The annotation davit.dev/requestedAt that was answered last.",
    )


class JobRepository(ApiModel):
    """A repository of job classes."""

    metadata: Metadata
    spec: JobRepositorySpec = Field(description="What is wanted.")
    status: JobRepositoryStatus = Field(
        default_factory=JobRepositoryStatus, description="What is. Written by the operator."
    )

    @property
    def slug(self) -> str:
        """Return the identifier that the repository's modules stand below."""
        return self.spec.slug or self.metadata.name.replace("-", "_").replace(".", "_")
