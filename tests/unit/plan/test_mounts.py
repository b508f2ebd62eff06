"""What a pod is shown of Secrets and ConfigMaps: named keys, in files, and nothing in the open."""

from __future__ import annotations

import json
from typing import Any

from tests.builders import (
    DEFAULTS,
    a_definition,
    a_repository,
    an_artifact,
    fetched,
    serving,
)
from tests.unit.plan.test_given import VARIABLES, config_map, run_of, secret

from davit_operator.plan.batch_job import batch_job
from davit_operator.plan.discovery import discovery_pod

RUNNER = {
    "env": [
        {"name": "SITE", "value": "ber"},
        {"name": "REGION", "valueFrom": {"configMapKeyRef": {"name": "site", "key": "region"}}},
    ],
    "envFrom": [
        {"secretRef": {"name": "api"}},
        {"prefix": "LOGIN_", "secretRef": {"name": "login"}},
    ],
}


def pod_of(
    run: dict[str, Any], definition: dict[str, Any], variables: Any = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the pod's spec, and what it is told."""
    made = batch_job(
        run_of(**run),
        a_definition(spec=definition, status={"variables": variables or VARIABLES}),
        a_repository(status=serving()),
        DEFAULTS,
    )
    template = made["spec"]["template"]
    return template["spec"], json.loads(template["metadata"]["annotations"]["davit.dev/request"])


def named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    [found] = [item for item in items if item["name"] == name]
    return found


def test_named_keys_and_no_others_are_files_that_only_the_runner_reads() -> None:
    spec, told = pod_of(
        {"inputsFrom": [config_map()]}, {"inputsFrom": [secret(), secret("who", key="user")]}
    )
    assert named(spec["volumes"], "inputs")["projected"] == {
        "defaultMode": 0o400,
        "sources": [
            {"secret": {"name": "login", "items": [{"key": "pw", "path": "0"}]}},
            {"secret": {"name": "login", "items": [{"key": "user", "path": "1"}]}},
            {"configMap": {"name": "lists", "items": [{"key": "all", "path": "2"}]}},
        ],
    }
    [container] = spec["containers"]
    mount = named(container["volumeMounts"], "inputs")
    assert mount == {"name": "inputs", "mountPath": "/davit/inputs", "readOnly": True}
    assert told["inputs_from"] == {
        "password": {"file": "0", "kind": "Secret", "name": "login", "key": "pw"},
        "who": {"file": "1", "kind": "Secret", "name": "login", "key": "user"},
        "names": {"file": "2", "kind": "ConfigMap", "name": "lists", "key": "all"},
    }
    assert told["sensitive"] == ["password", "who"]
    assert "env" not in container


def test_secrets_for_the_environment_are_folders_and_plain_variables_are_the_containers() -> None:
    spec, told = pod_of({}, {"runner": RUNNER})
    [container] = spec["containers"]
    assert container["env"] == RUNNER["env"]
    assert "envFrom" not in container
    for number, name in enumerate(("api", "login")):
        volume = named(spec["volumes"], f"environment-{number}")
        assert volume["secret"] == {"secretName": name, "defaultMode": 0o400}
        mount = named(container["volumeMounts"], f"environment-{number}")
        assert (mount["mountPath"], mount["readOnly"]) == (f"/davit/environment/{number}", True)
    assert told["environment_from"] == [
        {"folder": "0", "name": "api", "prefix": ""},
        {"folder": "1", "name": "login", "prefix": "LOGIN_"},
    ]
    assert told["environment"] == ["SITE", "REGION"]


def test_a_run_without_references_has_no_volume_for_them() -> None:
    spec, told = pod_of({}, {})
    assert [volume["name"] for volume in spec["volumes"]] == ["request", "artifact", "scratch"]
    assert (told["inputs_from"], told["environment_from"], told["sensitive"]) == ({}, [], [])


def test_what_a_definition_fixes_reaches_the_pod_beside_what_the_run_says() -> None:
    _, told = pod_of({"inputs": {"count": 2}}, {"inputs": {"who": "Bob"}})
    assert told["inputs"] == {"count": 2, "who": "Bob"}


def test_an_override_that_makes_all_secret_is_told_to_the_pod() -> None:
    _, told = pod_of({}, {"overrides": {"hasSensitiveVariables": True}})
    assert told["sensitive"] == ["who", "count", "password", "names"]


def test_a_chosen_dry_run_does_not_replace_one_that_is_given_by_reference() -> None:
    dryrun = [{"name": "dryrun", "type": "DryRunVar", "required": False}]
    chosen = {"overrides": {"dryrunDefault": True}}
    assert pod_of({}, chosen, dryrun)[1]["inputs"] == {"dryrun": True}
    assert pod_of({"inputs": {"dryrun": False}}, chosen, dryrun)[1]["inputs"] == {"dryrun": False}
    assert pod_of({"inputsFrom": [config_map("dryrun")]}, chosen, dryrun)[1]["inputs"] == {}


def test_the_pod_is_told_who_asked() -> None:
    assert pod_of({"requestedBy": "ada@example.com"}, {})[1]["requested_by"] == "ada@example.com"


def test_a_discovery_pod_has_no_environment_and_no_secret_of_the_runs() -> None:
    repository = a_repository(spec={"runner": RUNNER})
    pod = discovery_pod(repository, fetched(), an_artifact(), DEFAULTS)
    assert "env" not in pod["spec"]["containers"][0]
    assert "secret" not in str(pod["spec"]).lower()
