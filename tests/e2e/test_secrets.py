"""Secrets on a real cluster: given by reference, and seen by the job alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.e2e.leaks import dump, leaks
from tests.e2e.place import Place, a, condition, messages
from tests.integration.kube import eventually
from tests.kubectl import Manifest

PASSWORD = "canary-Pa55/w'rd+é"  # noqa: S105 (canaries, as all below)
TOKEN = "canary-t0ken&<8Kq>"  # noqa: S105
NESTED = 'canary-ne"sted-3Wd'
CONTENT = "canary-file-content-1\ncanary-file-content-2"
CANARIES = (PASSWORD, TOKEN, NESTED, *CONTENT.splitlines())

TELLS_ALL = """\
import base64
import json
import os
import subprocess
import sys
import threading

from davit import BooleanVar, FileVar, Job, JSONVar, StringVar, register_jobs


class TellsAll(Job):
    password = StringVar()
    login = JSONVar(sensitive=True)
    key = FileVar()
    fails = BooleanVar(default=False)

    def run(self, *, password, login, key, fails):
        token = os.environ["LOGIN_TOKEN"]
        self.logger.info("inputs %s", {"password": password, "key": key.read()})
        self.logger.warning("env %s", token)
        self.logger.error("nested %s", login["deep"][0], extra={"object": json.dumps(login)})
        self.logger.info("url https://ada:%s@host/%s", password, token)
        print("base64", base64.b64encode(password.encode()).decode(), json.dumps(login))
        for letter in password + "\\n":
            os.write(1, letter.encode())
            sys.stderr.write(letter)
        thread = threading.Thread(target=lambda: (print("thread", token), self.logger.info(token)))
        thread.start()
        thread.join()
        subprocess.run(["echo", "subprocess", password, login["deep"][0]], check=True)
        subprocess.run("echo from env $LOGIN_TOKEN; env", shell=True, check=True)
        self.create_file("report.txt", f"{password}\\n{login}\\n" + key.open().read().decode())
        self.create_file(f"of {token.replace('/', '-')}.txt", "no secret")
        for number in range(200 if fails else 0):
            self.logger.info("%03d %s %s", number, password, "x" * 60)
        if fails:
            raise ValueError(f"refused: {password} {token} {login['deep'][0]}")
        return {"password": password, token: [login]}


class Looks(Job):
    password = StringVar()
    names = FileVar()

    def run(self, *, password, names):
        shown = []
        for process in filter(str.isdigit, os.listdir("/proc")):
            for file in ("cmdline", "environ"):
                with open(f"/proc/{process}/{file}", "rb") as opened:
                    shown.append(opened.read())
        try:
            open("/davit/inputs/0", "w")
        except OSError as error:
            refused = type(error).__name__ + " " + str(error.errno)
        else:
            refused = ""
        found = os.stat("/davit/inputs/0")
        return {
            "length": len(password),
            "in a command line or environment": any(password.encode() in text for text in shown),
            "mode": oct(found.st_mode & 0o777),
            "owner": [found.st_uid, found.st_gid],
            "me": [os.getuid(), os.getgid()],
            "files": sorted(name for name in os.listdir("/davit/inputs") if name[0] != "."),
            "write": refused,
            "region": os.environ["REGION"],
            "site": os.environ["SITE"],
            "names": [names.name, names.read().decode()],
            "user": str(self.user),
        }


register_jobs(TellsAll, Looks)
"""
REFERENCE = {"variable": "password", "secretKeyRef": {"name": "login", "key": "password"}}
FILE = {"variable": "key", "secretKeyRef": {"name": "files", "key": "key.pem"}}
NESTED_FROM = {"variable": "login", "secretKeyRef": {"name": "files", "key": "login.json"}}
NAMES = {"variable": "names", "configMapKeyRef": {"name": "lists", "key": "names.csv"}}


def secret(name: str, **data: str) -> Manifest:
    metadata = {"name": name}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}


def config_map(name: str, data: Mapping[str, str]) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def change(place: Place, definition: str, **spec: Any) -> None:
    patch = json.dumps({"spec": {"enabled": True, **spec}})
    place.kubectl("patch", "jobdefinition", definition, "--type=merge", "-p", patch)


def begin(place: Place, name: str, definition: str, **spec: Any) -> None:
    place.kubectl.create(a("JobRun", name, {"definitionRef": {"name": definition}, **spec}))


def finished(place: Place, name: str) -> Any:
    place.kubectl.wait(f"jobrun/{name}", "condition=Finished")
    return place.status("jobrun", name)


def is_waiting(place: Place, name: str, reason: str) -> Any:
    """Return the condition of a run that waits for a reason."""

    def probe() -> Any:
        status = place.kubectl.get("jobrun", name)["status"]
        found = condition({"conditions": (), **status}, "Ready")
        return found if found.get("reason") == reason else None

    return eventually(probe, f"run {name} waits: {reason}")


@pytest.fixture
def served(place: Place) -> Place:
    """Serve the jobs, and make what they name."""
    place.serve({"tells.py": TELLS_ALL})
    place.kubectl.apply(
        secret("login", password=f"{PASSWORD}\n"),
        secret("env", TOKEN=TOKEN),
        secret(
            "files",
            **{"key.pem": CONTENT, "login.json": json.dumps({"deep": [NESTED]}), "other": "never"},
        ),
        config_map("lists", {"names.csv": "ada\nbob\n"}),
        config_map("site", {"region": "eu"}),
    )
    return place


def test_canaries_in_twelve_places_are_seen_nowhere(served: Place) -> None:
    runner = {"envFrom": [{"prefix": "LOGIN_", "secretRef": {"name": "env"}}]}
    change(served, "jobs.tells-all", runner=runner, inputsFrom=[NESTED_FROM, FILE])
    begin(served, "good", "jobs.tells-all", inputsFrom=[REFERENCE])
    begin(served, "bad", "jobs.tells-all", inputsFrom=[REFERENCE], inputs={"fails": True})
    good, bad = finished(served, "good"), finished(served, "bad")

    assert (good["phase"], bad["phase"]) == ("Succeeded", "Failed")
    assert bad["error"]["message"] == "refused: (redacted) (redacted) (redacted)"
    assert good["result"] == {"password": "(redacted)", "(redacted)": [{"deep": ["(redacted)"]}]}
    said = messages(good)
    for expected in (
        "env (redacted)",
        "nested (redacted)",
        "url https://(redacted)@host/(redacted)",
        "thread (redacted)",
        "subprocess (redacted) (redacted)",
        "from env (redacted)",
    ):
        assert expected in said
    places = dump(served.kubectl)
    assert leaks(places, CANARIES) == []
    # The search finds what is there: logs and files, too.
    assert "(redacted)" in places["jobruns.davit.dev"]
    assert any("119 (redacted)" in text for where, text in places.items() if "records" in where)
    assert any("(redacted)" in text for where, text in places.items() if where.startswith("file "))
    assert leaks({"here": json.dumps([PASSWORD])}, CANARIES) != []


def test_a_secret_is_a_read_only_file_that_only_the_job_may_read(served: Place) -> None:
    runner = {
        "env": [
            {"name": "SITE", "value": "ber"},
            {"name": "REGION", "valueFrom": {"configMapKeyRef": {"name": "site", "key": "region"}}},
        ]
    }
    change(served, "jobs.looks", runner=runner)
    begin(served, "looks", "jobs.looks", inputsFrom=[REFERENCE, NAMES])
    status = finished(served, "looks")
    assert status["phase"] == "Succeeded", status["error"]
    assert status["result"] == {
        "length": len(PASSWORD),
        "in a command line or environment": False,
        "mode": "0o440",
        "owner": [0, 65532],
        "me": [65532, 65532],
        "files": ["0", "1"],
        "write": "OSError 30",
        "region": "eu",
        "site": "ber",
        "names": ["names.csv", "ada\nbob\n"],
        "user": served.kubectl.get("jobrun", "looks")["spec"]["requestedBy"],
    }


def test_a_run_waits_for_a_secret_and_says_which_one(served: Place) -> None:
    change(
        served, "jobs.looks", runner={"env": [{"name": n, "value": ""} for n in ("SITE", "REGION")]}
    )
    late = {"variable": "password", "secretKeyRef": {"name": "late", "key": "password"}}
    begin(served, "waits", "jobs.looks", inputsFrom=[late, NAMES])
    found = is_waiting(served, "waits", "SecretNotFound")
    assert (
        f'There is no Secret "late" in namespace "{served.kubectl.namespace}".' in found["message"]
    )
    assert "spec.inputsFrom of the JobRun" in found["message"]
    served.kubectl.apply(secret("late", password="worth-the-wait"))  # noqa: S106 (a canary)
    assert finished(served, "waits")["phase"] == "Succeeded"


@pytest.mark.parametrize(
    ("source", "reason", "words"),
    [
        (
            {"secretKeyRef": {"name": "nowhere", "key": "password"}},
            "SecretNotFound",
            'There is no Secret "nowhere"',
        ),
        (
            {"secretKeyRef": {"name": "login", "key": "passwort"}},
            "SecretNotFound",
            'Secret "login" has no key "passwort".',
        ),
        (
            {"configMapKeyRef": {"name": "lists", "key": "nomes"}},
            "ConfigMapNotFound",
            'ConfigMap "lists" has no key "nomes".',
        ),
    ],
    ids=["no Secret", "no key", "no key of a ConfigMap"],
)
def test_what_is_missing_at_the_start_deadline_ends_the_run_with_its_name(
    served: Place, source: dict[str, Any], reason: str, words: str
) -> None:
    change(served, "jobs.looks", startDeadlineSeconds=8)
    given = [{"variable": "password", **source}, NAMES]
    begin(served, "never", "jobs.looks", inputsFrom=given)
    status = finished(served, "never")
    assert (status["phase"], status["error"]["reason"]) == ("Failed", reason)
    assert words in status["error"]["message"]
    assert "spec.inputsFrom of the JobRun" in status["error"]["remedy"]


def test_a_sensitive_value_in_the_open_is_refused_and_where_it_belongs_is_said(
    served: Place,
) -> None:
    change(served, "jobs.tells-all")
    begin(served, "open", "jobs.tells-all", inputs={"login": {"deep": ["x"]}, "password": "x"})
    status = finished(served, "open")
    assert (status["phase"], status["error"]["reason"]) == ("Rejected", "InvalidInputs")
    assert "name a key of a Secret in spec.inputsFrom" in status["error"]["message"]
