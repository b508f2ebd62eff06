"""Which of Nautobot's and Celery's modules exist here, and where davit keeps what they hold."""

from __future__ import annotations

_RECEIVERS = "davit._receivers"
_VARIABLES = "davit._variables"
_ADDRESSES = "davit._compat.addresses"
_CHOICES = "davit._compat.choices"
_FUNCTIONS = "davit._compat.functions"
_TESTING = "davit.testing"
_TEST_CASES = "davit._compat.test_cases"
_CELERY = "davit._compat.celery_exceptions"

_JOBS = {
    "BaseJob": "davit._job",
    "BooleanVar": _VARIABLES,
    "ChoiceVar": _VARIABLES,
    "DryRunVar": _VARIABLES,
    "FileVar": _VARIABLES,
    "IPAddressVar": _ADDRESSES,
    "IPAddressWithMaskVar": _ADDRESSES,
    "IPNetworkVar": _ADDRESSES,
    "IntegerVar": _VARIABLES,
    "JSONVar": _VARIABLES,
    "Job": "davit._job",
    "JobButtonReceiver": _RECEIVERS,
    "JobHookReceiver": _RECEIVERS,
    "MultiChoiceVar": _VARIABLES,
    "MultiObjectVar": _VARIABLES,
    "NautobotKombuJSONEncoder": _FUNCTIONS,
    "ObjectVar": _VARIABLES,
    "RunJobTaskFailed": "davit.exceptions",
    "ScriptVariable": _VARIABLES,
    "StringVar": _VARIABLES,
    "TextVar": _VARIABLES,
    "enqueue_job_hooks": _FUNCTIONS,
    "get_celery_queues": _FUNCTIONS,
    "get_job": "davit._registry",
    "get_jobs": "davit._registry",
    "is_job": "davit._registry",
    "is_variable": _VARIABLES,
    "register_jobs": "davit._registry",
}
_CHOICE_SETS = {
    "ChoiceSet": _CHOICES,
    "JobResultStatusChoices": _CHOICES,
    "LogLevelChoices": _CHOICES,
    "ObjectChangeActionChoices": _CHOICES,
    "ObjectChangeEventContextChoices": _CHOICES,
}
_TESTS = {
    "JobClassInfo": _TESTING,
    "TestCase": _TEST_CASES,
    "TransactionTestCase": _TEST_CASES,
    "create_job_result_and_run_job": _TESTING,
    "get_job_class_and_model": _TESTING,
    "run_job_for_testing": _TESTING,
}
_ENCODER = {"NautobotKombuJSONEncoder": _FUNCTIONS}
_ABORT = {"AbortTransaction": "davit.exceptions"}
_APP_CONFIG = {"NautobotAppConfig": "davit._compat.apps"}

# Module -> {name in it: davit's module that has it, with ``:name`` where it is another there}.
MODULES: dict[str, dict[str, str]] = {
    "nautobot": {},
    "nautobot.apps": _APP_CONFIG,
    "nautobot.apps.apps": _APP_CONFIG,
    "nautobot.apps.choices": _CHOICE_SETS,
    "nautobot.apps.exceptions": _ABORT,
    "nautobot.apps.jobs": _JOBS,
    "nautobot.apps.testing": _TESTS,
    "nautobot.core": {},
    "nautobot.core.celery": {"register_jobs": "davit._registry", **_ENCODER},
    "nautobot.core.celery.encoders": _ENCODER,
    "nautobot.core.exceptions": _ABORT,
    "nautobot.core.testing": _TESTS,
    "nautobot.extras": {},
    "nautobot.extras.choices": _CHOICE_SETS,
    "nautobot.extras.jobs": {**_JOBS, "get_task_logger": "davit._logs"},
    "nautobot.extras.models": {
        "FileProxy": "davit._files:OutputFile",
        "Job": "davit._compat.models",
        "JobResult": "davit._identity",
        "ObjectChange": _RECEIVERS,
    },
    "celery": {},
    "celery.exceptions": {
        "CeleryError": _CELERY,
        "Ignore": _CELERY,
        "MaxRetriesExceededError": _CELERY,
        "Reject": _CELERY,
        "Retry": _CELERY,
        "SoftTimeLimitExceeded": "davit.exceptions",
        "TaskPredicate": _CELERY,
        "TimeLimitExceeded": _CELERY,
        "WorkerLostError": _CELERY,
    },
    "celery.utils": {},
    "celery.utils.log": {
        "get_logger": "davit._logs:get_task_logger",
        "get_task_logger": "davit._logs",
    },
}

# What stands in Nautobot's public list and has no meaning here, and why.
_GIT = "synchronises Nautobot's own Git repositories; here a JobRepository does that by itself"
ABSENT = {
    "nautobot.apps.jobs.DatabaseFileField": "is a form field over Nautobot's database",
    "nautobot.apps.jobs.GitRepositoryDryRun": _GIT,
    "nautobot.apps.jobs.GitRepositorySync": _GIT,
}
_SCOPE = {"nautobot": "Nautobot's job API", "celery": "Celery's exceptions and task loggers"}


def missing_message(fullname: str) -> str:
    """Return why ``fullname`` cannot be imported, and what helps."""
    root = fullname.partition(".")[0]
    reason = ABSENT.get(fullname)
    if reason:
        return f"{fullname} {reason}. Remove the import."
    return (
        f"{fullname} is not there: {root} is not installed, and davit stands in for {_SCOPE[root]} "
        f"alone. Install {root} in the runner image, or remove the import."
    )
