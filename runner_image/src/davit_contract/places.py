"""Where a pod finds what it is told, and how large what it says may be."""

from __future__ import annotations

from typing import Final

# The pod's annotation, shown to the runner as a file by a downwardAPI volume.
REQUEST_ANNOTATION: Final = "davit.dev/request"
CANCEL_ANNOTATION: Final = "davit.dev/cancel"
MOUNT_PATH: Final = "/davit"
REQUEST_FILE: Final = f"{MOUNT_PATH}/request/request.json"
CANCEL_FILE: Final = f"{MOUNT_PATH}/request/cancel"
# Artifact part n is the file ``/davit/artifact/<n>``, counted from 0; joined in order they are a
# tar.bz2: bzip2, because its output is the same on every machine.
ARTIFACT_PATH: Final = f"{MOUNT_PATH}/artifact"
# Inputs that stand in Secrets and ConfigMaps, and Secrets that become environment variables:
# ``/davit/inputs/<n>`` and ``/davit/environment/<n>/<key>``, counted from 0 (see RunRequest).
INPUTS_PATH: Final = f"{MOUNT_PATH}/inputs"
ENVIRONMENT_PATH: Final = f"{MOUNT_PATH}/environment"
# Files that are too large for the log: the run's own folder of a volume, where one is mounted.
FILES_PATH: Final = f"{MOUNT_PATH}/files"
# The only place that is always writable: an emptyDir.
SCRATCH_PATH: Final = "/tmp"  # noqa: S108 (the pod's own emptyDir, shared with nobody)
TERMINATION_PATH: Final = "/dev/termination-log"
RUNNER_CONTAINER: Final = "runner"

# The kubelet keeps 4,096 bytes of a termination message and drops the rest without a word.
MAX_OUTCOME_BYTES: Final = 4096
# Container runtimes cut longer lines into pieces.
MAX_LINE_BYTES: Final = 16 * 1024
# Everything a pod may print, so that the kubelet never rotates the log away (design 3.9).
LOG_BUDGET_BYTES: Final = 7 * 1024 * 1024
# What the runtime adds to a line, with a margin.
LINE_OVERHEAD_BYTES: Final = 48
# Of a result that stands in the run's status, and of one that is a file.
MAX_RESULT_BYTES: Final = 16 * 1024
MAX_RESULT_FILE_BYTES: Final = 9 * 1024 * 1024 // 4
# Of one output file, of those of a run together (before base64, which takes 4/3), and their number.
MAX_FILE_BYTES: Final = 1024 * 1024
MAX_FILES_BYTES: Final = 3 * 1024 * 1024 // 2
MAX_FILES: Final = 64
MAX_FILE_NAME_CHARACTERS: Final = 255
MAX_DESCRIPTION_BYTES: Final = 64 * 1024
MAX_DESCRIPTIONS: Final = 500
