"""Values that stand in a pod's mounted files: unseen, or refused in a sentence."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.runner.pods import Pod, Said

HIGH = bytes(range(128, 256))


def source(kind: str = "Secret", *, file: str = "0", key: str = "pass.txt") -> dict[str, str]:
    return {"file": file, "kind": kind, "name": "login", "key": key}


SECRET = "c4n'ry é&?"  # noqa: S105 (a canary)


def mounted(pod: Pod, content: bytes, folder: str = "inputs") -> None:
    path = pod.folder / folder
    path.mkdir(parents=True, exist_ok=True)
    (path / ("0" if folder == "inputs" else "TOKEN")).write_bytes(content)


def assert_unseen(pod: Pod, told: Said) -> None:
    everything = json.dumps(told.records, ensure_ascii=False)
    everything += (pod.folder / "termination").read_text()
    assert SECRET not in everything
    assert "(redacted)" in everything


def test_a_secret_is_unseen_from_the_first_line_of_the_module_on(pod: Pod) -> None:
    """The class does not say that it is secret: that it comes from a Secret is enough."""
    mounted(pod, SECRET.encode() + b"\n")
    found = json.dumps([str(pod.folder / "inputs" / "0")])
    told = pod.run(
        "print('run', inputs['password'], len(inputs['password']))\nreturn inputs",
        before=f"print('imported', open({found}[0]).read())\n",
        members="    password = StringVar()\n",
        inputs_from={"password": source()},
        sensitive=["password"],
    )
    assert ("info", "stdout", "imported (redacted)") in told.logs
    assert ("info", "stdout", f"run (redacted) {len(SECRET)}") in told.logs
    assert told.documents("result") == [{"password": "(redacted)"}]
    assert_unseen(pod, told)


def test_a_secret_environment_is_the_jobs_alone_and_unseen(pod: Pod) -> None:
    mounted(pod, SECRET.encode(), "environment/0")
    told = pod.run(
        "print(os.environ['LOGIN_TOKEN'])\n"
        "subprocess.run('echo program $LOGIN_TOKEN', shell=True)\n"
        "supervisor = open(f'/proc/{os.getppid()}/environ').read()\n"
        "return 'LOGIN_TOKEN' in supervisor",
        environment_from=[{"folder": "0", "name": "login", "prefix": "LOGIN_"}],
    )
    assert ("info", "stdout", "(redacted)") in told.logs
    assert ("info", "stdout", "program (redacted)") in told.logs
    assert told.documents("result") == [False]
    assert_unseen(pod, told)


def test_a_leaf_of_a_secret_document_is_unseen(pod: Pod) -> None:
    mounted(pod, json.dumps({"login": {"password": SECRET, "port": 2222}}).encode())
    told = pod.run(
        "raise ValueError(f\"{inputs['login']['login']['password']} refused\")",
        members="    login = JSONVar()\n",
        inputs_from={"login": source()},
        sensitive=["login"],
    )
    assert told.error == "(redacted) refused"
    assert_unseen(pod, told)


def test_a_value_that_does_not_fit_is_refused_without_being_quoted(pod: Pod) -> None:
    mounted(pod, SECRET.encode())
    told = pod.run(
        "pass",
        members="    color = ChoiceVar(choices=(('a', 'A'),))\n",
        inputs_from={"color": source()},
    )
    assert told.outcome.reason == "InvalidInputs"
    assert "(redacted) is not one of the available choices" in told.error


def test_a_file_that_is_not_mounted_ends_the_run_with_a_sentence(pod: Pod) -> None:
    told = pod.run("pass", inputs_from={"password": source()})
    assert told.outcome.reason == "InvalidInputs"
    assert told.error.startswith('Key "pass.txt" of Secret "login" cannot be read in the pod')


@pytest.mark.parametrize(
    "request_",
    [
        {"inputs_from": ["password"]},
        {"inputs_from": {"password": {"file": 0}}},
        {"environment_from": {"a": {}}},
        {"environment_from": ["a"]},
        {"sensitive": "password"},
        {"inputs_from": {"password": {"file": "0"}}},
        {"environment_from": [{"folder": "0"}]},
    ],
    ids=str,
)
def test_a_request_of_another_shape_is_refused(pod: Pod, request_: dict[str, Any]) -> None:
    told = pod.run("pass", **request_)
    assert told.outcome.reason == "InvalidRequest"
    assert next(iter(request_)) in told.error
