"""A job that notes the calls of its methods, and runs what a test puts into them."""

from __future__ import annotations

from typing import Any, ClassVar

from davit import Job, StringVar

Calls = list[str]


class Traced(Job):
    """Notes its calls; handlers must get the run's id, no arguments, and the inputs by name."""

    calls: ClassVar[Calls]
    # What runs inside the methods of these names.
    bodies: ClassVar[dict[str, Any]]

    who = StringVar(default="Ada")

    def before_start(self, *arguments: Any) -> Any:
        self.check(*arguments)
        return self.call("before_start")

    def run(self, *, who: str) -> Any:
        return self.call("run", who)

    def on_success(self, retval: Any, *arguments: Any) -> None:
        self.check(*arguments)
        self.call("on_success", retval)

    def on_failure(self, exc: Any, *arguments: Any) -> None:
        self.call("on_failure", exc, self.check(*arguments))

    def on_retry(self, exc: Any, *arguments: Any) -> None:
        self.call("on_retry", exc, self.check(*arguments))

    def after_return(self, status: str, retval: Any, *arguments: Any) -> None:
        self.call("after_return", status, retval, self.check(*arguments))

    def check(self, task_id: str, args: Any, kwargs: Any, einfo: Any = None) -> str:
        assert (task_id, args, kwargs) == (self.request.id, (), {"who": "Ada"})
        return "without einfo" if einfo is None else f"with einfo of {einfo.type.__name__}"

    def call(self, method: str, *arguments: Any) -> Any:
        self.calls.append(" ".join([method, *(str(argument) for argument in arguments)]))
        body = self.bodies.get(method)
        return body(self, len(self.calls)) if body else None


def job_class(calls: Calls, **bodies: Any) -> type[Traced]:
    return type("Noted", (Traced,), {"calls": calls, "bodies": bodies})


def fails(text: str, value: Any = None) -> Any:
    def body(job: Job, _: int) -> Any:
        job.fail(text)
        return value

    return body


def raises(error: str | BaseException, *, once: bool = False) -> Any:
    seen: list[int] = []
    raised = ValueError(error) if isinstance(error, str) else error

    def body(_: Job, number: int) -> None:
        if not (once and seen):
            seen.append(number)
            raise raised

    return body


BEGUN = ["before_start", "run Ada"]
