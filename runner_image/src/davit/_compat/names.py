"""Which of Nautobot's modules exist here, and where davit keeps what they hold."""

from __future__ import annotations

# Module -> {name in it: davit's module that has it under the same name}.
MODULES: dict[str, dict[str, str]] = {
    "nautobot": {},
    "nautobot.apps": {},
    "nautobot.apps.exceptions": {"AbortTransaction": "davit.exceptions"},
    "nautobot.apps.jobs": {
        "BaseJob": "davit._job",
        "BooleanVar": "davit._variables",
        "IntegerVar": "davit._variables",
        "Job": "davit._job",
        "RunJobTaskFailed": "davit.exceptions",
        "ScriptVariable": "davit._variables",
        "StringVar": "davit._variables",
        "get_job": "davit._registry",
        "get_jobs": "davit._registry",
        "register_jobs": "davit._registry",
    },
    "nautobot.extras": {},
    "nautobot.extras.jobs": {
        "BaseJob": "davit._job",
        "BooleanVar": "davit._variables",
        "IntegerVar": "davit._variables",
        "Job": "davit._job",
        "RunJobTaskFailed": "davit.exceptions",
        "ScriptVariable": "davit._variables",
        "StringVar": "davit._variables",
        "get_job": "davit._registry",
        "get_jobs": "davit._registry",
        "get_task_logger": "davit._logs",
    },
}
