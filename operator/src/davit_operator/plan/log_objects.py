"""The JobLogs that hold a log which does not fit into a run's status."""

from __future__ import annotations

from davit_operator.api.joblog import JobLogSpec
from davit_operator.api.kinds import JOB_LOG
from davit_operator.api.names import log_name
from davit_operator.plan.log_chunks import Chunk
from davit_operator.plan.pods import Manifest
from davit_operator.plan.run_objects import RunAttempt, run_object


def job_log(attempt: RunAttempt, chunk: Chunk) -> Manifest:
    """Return the JobLog of a piece of the attempt's log."""
    spec = JobLogSpec(
        run_ref=attempt.reference,
        attempt=attempt.number,
        index=chunk.number,
        first_sequence=chunk.first_sequence,
        last_sequence=chunk.last_sequence,
        data=chunk.data(),
    )
    name = log_name(attempt.batch_job, chunk.number)
    return run_object(JOB_LOG, attempt, name, spec.model_dump(by_alias=True))
