"""The kinds of our group: what they are called and what ``kubectl get`` shows of them."""

from __future__ import annotations

from dataclasses import dataclass

from davit_operator.api.base import ApiModel
from davit_operator.api.jobdefinition import JobDefinitionSpec, JobDefinitionStatus
from davit_operator.api.jobfile import JobFileSpec
from davit_operator.api.joblog import JobLogSpec
from davit_operator.api.jobrepository import JobRepositorySpec, JobRepositoryStatus
from davit_operator.api.jobrun import RUN_RULES, JobRunSpec, JobRunStatus

GROUP = "davit.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"
CATEGORY = "davit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of ``kubectl get``; ``wide`` ones only show with ``-o wide``."""

    name: str
    path: str
    type: str = "string"
    description: str
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A custom resource."""

    name: str
    plural: str
    short_name: str
    description: str
    spec: type[ApiModel]
    # None: its objects are data, written once.
    status: type[ApiModel] | None = None
    columns: tuple[Column, ...]
    selectable: tuple[str, ...] = ()
    # CEL on the whole object, each with the sentence that refuses.
    rules: tuple[tuple[str, str], ...] = ()


def _condition(condition: str, field: str) -> str:
    return f'.status.conditions[?(@.type=="{condition}")].{field}'


AGE = Column(
    name="Age", path=".metadata.creationTimestamp", type="date", description="Since its creation."
)

JOB_REPOSITORY = Kind(
    name="JobRepository",
    plural="jobrepositories",
    short_name="jrepo",
    description="A source of job classes. Each registered class becomes a JobDefinition.",
    spec=JobRepositorySpec,
    status=JobRepositoryStatus,
    columns=(
        Column(name="Ready", path=_condition("Ready", "status"), description="Newest is served."),
        Column(name="Reason", path=_condition("Ready", "reason"), description="Why."),
        Column(name="Revision", path=".status.artifact.revision", description="What is served."),
        Column(
            name="Jobs",
            path=".status.discovery.definitions",
            type="integer",
            description="Registered job classes.",
        ),
        AGE,
        Column(name="URL", path=".spec.source.git.url", description="Source.", wide=True),
        Column(
            name="Message", path=_condition("Ready", "message"), description="Details.", wide=True
        ),
    ),
)

JOB_DEFINITION = Kind(
    name="JobDefinition",
    plural="jobdefinitions",
    short_name="jd",
    description="A job class that users may run with a JobRun once spec.enabled is true.",
    spec=JobDefinitionSpec,
    status=JobDefinitionStatus,
    columns=(
        Column(name="Enabled", path=".spec.enabled", type="boolean", description="May it be run?"),
        Column(
            name="Installed",
            path=".status.installed",
            type="boolean",
            description="Is the class in the commit that is served?",
        ),
        Column(name="Job", path=".status.effective.name", description="Display name in force."),
        Column(
            name="Grouping",
            path=".status.effective.grouping",
            description="Group of jobs in force.",
        ),
        Column(name="Reason", path=_condition("Ready", "reason"), description="How it stands."),
        AGE,
        Column(name="Class", path=".spec.classPath", description="Class path.", wide=True),
        Column(name="Commit", path=".status.commit", description="Commit served.", wide=True),
        Column(
            name="Message", path=_condition("Ready", "message"), description="Details.", wide=True
        ),
    ),
)

# Of these columns the operator reads its finished runs: a thirtieth of what they are.
RUN_DEFINITION = Column(
    name="Definition", path=".spec.definitionRef.name", description="What is run."
)
RUN_PHASE = Column(name="Phase", path=".status.phase", description="Where it stands.")
RUN_FINISHED = Column(
    # As text: a date is shown as an age.
    name="Finished",
    path=".status.finishedAt",
    description="When it ended.",
    wide=True,
)
RUN_TTL = Column(
    name="TTL",
    path=".spec.ttlSecondsAfterFinished",
    type="integer",
    description="Seconds after its end when it is deleted.",
    wide=True,
)
RUN_COMPACTED = Column(
    name="Compacted",
    path=".status.compacted",
    type="boolean",
    description="Was it stripped, as it may not be deleted?",
    wide=True,
)
RUN_NAMESPACE = Column(
    name="Namespace", path=".metadata.namespace", description="Where it is.", wide=True
)

JOB_RUN = Kind(
    name="JobRun",
    plural="jobruns",
    short_name="jr",
    description="One execution of a JobDefinition, with its status, result and the end of its log.",
    spec=JobRunSpec,
    status=JobRunStatus,
    columns=(
        RUN_DEFINITION,
        RUN_PHASE,
        Column(name="Reason", path=_condition("Ready", "reason"), description="Why."),
        AGE,
        Column(
            name="Duration",
            path=".status.durationSeconds",
            type="number",
            description="Seconds that it took.",
        ),
        Column(name="User", path=".spec.requestedBy", description="Who created it.", wide=True),
        Column(name="Commit", path=".status.definition.commit", description="Code.", wide=True),
        Column(
            name="Message", path=_condition("Ready", "message"), description="Details.", wide=True
        ),
        RUN_FINISHED,
        RUN_TTL,
        RUN_COMPACTED,
        RUN_NAMESPACE,
    ),
    selectable=(".status.phase", ".spec.definitionRef.name"),
    rules=RUN_RULES,
)

_RUN = Column(name="Run", path=".spec.runRef.name", description="The run that it belongs to.")

JOB_LOG = Kind(
    name="JobLog",
    plural="joblogs",
    short_name="jlog",
    description="A piece of a run's log that does not fit into the run's status.",
    spec=JobLogSpec,
    columns=(
        _RUN,
        Column(name="Index", path=".spec.index", type="integer", description="Which piece."),
        Column(
            name="First", path=".spec.firstSequence", type="integer", description="First record."
        ),
        Column(name="Last", path=".spec.lastSequence", type="integer", description="Last record."),
        AGE,
    ),
    selectable=(".spec.runRef.name",),
)

JOB_FILE = Kind(
    name="JobFile",
    plural="jobfiles",
    short_name="jfile",
    description="A piece of a file that a run made.",
    spec=JobFileSpec,
    columns=(
        _RUN,
        Column(name="File", path=".spec.name", description="Name of the file."),
        Column(name="Size", path=".spec.sizeBytes", type="integer", description="Bytes in all."),
        Column(name="Part", path=".spec.part", type="integer", description="Which piece."),
        Column(name="Parts", path=".spec.parts", type="integer", description="How many."),
        AGE,
    ),
    selectable=(".spec.runRef.name",),
)

KINDS = (JOB_REPOSITORY, JOB_DEFINITION, JOB_RUN, JOB_LOG, JOB_FILE)
