"""Labels, annotations and the names of the objects that we create.

Names derive from what they belong to, so that writing twice makes one object.
"""

from __future__ import annotations

import re
from collections.abc import Container
from hashlib import sha256

MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"
MANAGED_BY = "davit-operator"
# Every Pod, batch Job and ConfigMap of ours carries this label; the watches select by it.
COMPONENT_LABEL = "davit.dev/component"
RUN_COMPONENT = "run"
DISCOVERY_COMPONENT = "discovery"
ARTIFACT_COMPONENT = "artifact"
DEFINITION_UID_LABEL = "davit.dev/definition-uid"
# On a JobRun, and from there on its batch Job: what Kueue goes by.
QUEUE_LABEL = "kueue.x-k8s.io/queue-name"
QUEUE_LABELS = (QUEUE_LABEL, "kueue.x-k8s.io/priority-class")
# On JobLogs and JobFiles, to list those of one run.
RUN_UID_LABEL = "davit.dev/run-uid"
# On them, too: what they take of their namespace's storage, in bytes.
SIZE_ANNOTATION = "davit.dev/size-bytes"
# On a batch Job: the RunDefinition that its pod is bound to, as JSON.
DEFINITION_ANNOTATION = "davit.dev/definition"
# On a JobRepository: any new value asks for a sync at once.
REQUESTED_AT_ANNOTATION = "davit.dev/requestedAt"

MAX_OBJECT_NAME = 253
# batch/v1 copies a Job's name into a label.
MAX_LABEL = 63
_RUN_NAME_CHARACTERS = 45


def short_hash(text: str, digits: int = 8) -> str:
    """Return the first ``digits`` hexadecimal digits of the sha256 of ``text``."""
    return sha256(text.encode()).hexdigest()[:digits]


def batch_job_name(run_name: str, run_uid: str, attempt: int) -> str:
    """Return the name of a run's batch Job: a DNS label of at most 63 characters."""
    stem = run_name[:_RUN_NAME_CHARACTERS].replace(".", "-").rstrip("-")
    return f"{stem}-{short_hash(run_uid)}-{attempt}"


def log_name(batch_job: str, index: int) -> str:
    """Return the name of a JobLog of the attempt that ``batch_job`` made."""
    return f"{batch_job}-log-{index}"


def file_name(batch_job: str, index: int | str, part: int) -> str:
    """Return the name of a JobFile: part ``part`` of the attempt's file number ``index``.

    The result's number is ``result``.
    """
    return f"{batch_job}-file-{index}-{part}"


def discovery_pod_name(*identity: str) -> str:
    """Return the name of the pod that discovers what ``identity`` says: code, image, layout."""
    return "davit-discover-" + short_hash("\n".join(identity), 16)


def kebab(class_name: str) -> str:
    """Return ``class_name`` in kebab-case: SyncVLANs is sync-vlans, HTTPCheck is http-check."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1-\2", class_name)
    # The plural's s of VLANs begins no word.
    words = re.sub(r"([A-Z]+)([A-Z](?!s(?![a-z]))[a-z])", r"\1-\2", words)
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-") or "job"


def definition_name(repository: str, class_path: str, taken: Container[str]) -> str:
    """Return the name of a discovered definition: ``<repository>.<class>``.

    Where that is taken the module is added, then a hash of the class path.
    """
    module, _, class_name = class_path.rpartition(".")
    short = f"{repository}.{kebab(class_name)}"
    longer = f"{repository}.{kebab(module.rpartition('.')[2])}.{kebab(class_name)}"
    hashed = (_hashed(short, class_path, digits) for digits in (8, 16, 32))
    names = (name for name in (short, longer, *hashed) if len(name) <= MAX_OBJECT_NAME)
    return next((name for name in names if name not in taken), _hashed(short, class_path, 64))


def _hashed(stem: str, class_path: str, digits: int) -> str:
    # Neither "-" nor "." may stand before the hyphen where a long name was cut.
    return f"{stem[: MAX_OBJECT_NAME - digits - 1].rstrip('-.')}-{short_hash(class_path, digits)}"
