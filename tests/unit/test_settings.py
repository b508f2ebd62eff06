"""Settings: every error names the variable and says what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from davit_operator.settings import Settings, SettingsError, settings_from

IMAGE = {"DAVIT_RUNNER_IMAGE": "registry.example/davit-runner:1"}


def test_only_the_image_must_be_said() -> None:
    assert settings_from(IMAGE) == Settings(runner_image="registry.example/davit-runner:1")


def test_every_setting_is_read() -> None:
    found = settings_from(
        {
            **IMAGE,
            "DAVIT_STATE_DIR": "/var/davit",
            "DAVIT_GIT_ALLOWED_HOSTS": "git.local, Localhost ,",
            "DAVIT_GIT_ALLOW_HTTP": "True",
            "DAVIT_WORKERS": "3",
            "DAVIT_START_DEADLINE_SECONDS": "7",
            "DAVIT_NAMESPACE_STORAGE_MIB": "0",
            "DAVIT_PROBE_PORT": "0",
            "DAVIT_NAMESPACE": "davit-system",
            "DAVIT_LEADER_ELECTION": "true",
        }
    )
    assert found == Settings(
        runner_image=IMAGE["DAVIT_RUNNER_IMAGE"],
        state_dir=Path("/var/davit"),
        git_allowed_hosts=frozenset({"git.local", "localhost"}),
        git_allow_http=True,
        workers=3,
        start_deadline_seconds=7,
        namespace_storage_mib=0,
        probe_port=0,
        namespace="davit-system",
        leader_election=True,
    )


@pytest.mark.parametrize(
    ("given", "elects"),
    [
        ({}, False),
        ({"DAVIT_NAMESPACE": "davit"}, True),
        ({"DAVIT_NAMESPACE": "davit", "DAVIT_LEADER_ELECTION": "false"}, False),
    ],
    ids=["a process on somebody's machine", "a pod", "a pod that is alone"],
)
def test_replicas_agree_on_who_leads_where_they_know_their_namespace(
    given: dict[str, str], elects: bool
) -> None:
    assert settings_from({**IMAGE, **given}).leader_election is elects


def test_an_empty_variable_counts_as_not_set() -> None:
    names = ("STATE_DIR", "GIT_ALLOWED_HOSTS", "GIT_ALLOW_HTTP", "WORKERS", "PROBE_PORT")
    assert settings_from({**IMAGE, **{f"DAVIT_{name}": "" for name in names}}) == settings_from(
        IMAGE
    )


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("DAVIT_RUNNER_IMAGE", "", "Set it to davit's runner image"),
        ("DAVIT_WORKERS", "0", "a whole number of at least 1"),
        ("DAVIT_WORKERS", "many", "a whole number of at least 1"),
        ("DAVIT_WORKERS", "1.5", "a whole number of at least 1"),
        ("DAVIT_START_DEADLINE_SECONDS", "-1", "a whole number of at least 1"),
        ("DAVIT_PROBE_PORT", "-1", "a whole number of at least 0"),
        ("DAVIT_NAMESPACE_STORAGE_MIB", "1Gi", "a whole number of at least 0"),
        ("DAVIT_LEADER_ELECTION", "true", "Set it to the namespace"),
        ("DAVIT_LEADER_ELECTION", "2", 'Set it to "true" or "false"'),
        ("DAVIT_GIT_ALLOW_HTTP", "yes", 'Set it to "true" or "false"'),
    ],
)
def test_an_error_names_the_variable_and_says_what_to_write(
    name: str, value: str, remedy: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        settings_from({**IMAGE, name: value})
    assert str(refused.value).startswith(f"{name} is ")
    assert remedy in str(refused.value)
    assert value in str(refused.value)
