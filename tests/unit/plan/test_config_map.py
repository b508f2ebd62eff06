"""A ConfigMap as a source: its keys are files, and its content is its commit."""

from __future__ import annotations

from base64 import b64encode

import pytest

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled, Waiting
from davit_operator.plan.artifact import pack
from davit_operator.plan.artifact_tree import SourceFile
from davit_operator.plan.config_map import config_map_files, config_map_missing, content_commit
from davit_operator.plan.sightings import ConfigMapLook

CONFIG_MAP = {
    "data": {"hello.py": "x = 1\n", "a.txt": "ä"},
    "binaryData": {"logo.png": b64encode(bytes(range(256))).decode()},
}


def look(*items: tuple[str, str]) -> ConfigMapLook:
    return ConfigMapLook(namespace="netops", name="my-jobs", items=items)


def files(*items: tuple[str, str]) -> dict[str, bytes]:
    return {file.path: file.data for file in config_map_files(look(*items), CONFIG_MAP)}


def test_without_items_every_key_is_a_file() -> None:
    assert files() == {
        "a.txt": "ä".encode(),
        "hello.py": b"x = 1\n",
        "logo.png": bytes(range(256)),
    }


def test_items_say_which_keys_are_files_and_where() -> None:
    assert files(("hello.py", "deep/er/hello.py"), ("hello.py", "twice.py")) == {
        "deep/er/hello.py": b"x = 1\n",
        "twice.py": b"x = 1\n",
    }


def test_a_key_that_is_missing_is_named_and_waited_for() -> None:
    with pytest.raises(Waiting, match=r'no key "gone\.py"') as missing:
        files(("hello.py", "hello.py"), ("gone.py", "gone.py"))
    assert missing.value.reason is Reason.CONFIG_MAP_NOT_FOUND
    assert "spec.source.configMap.items" in missing.value.message


def test_a_config_map_that_is_missing_is_named_and_waited_for() -> None:
    missing = config_map_missing(look())
    assert missing.reason is Reason.CONFIG_MAP_NOT_FOUND
    assert 'ConfigMap "my-jobs" was not found in namespace "netops"' in missing.message
    assert "spec.source.configMap.name" in missing.message


def test_two_items_of_one_path_are_refused() -> None:
    with pytest.raises(Stalled, match=r'two items have the path "same\.py"') as refused:
        files(("hello.py", "same.py"), ("a.txt", "same.py"))
    assert refused.value.reason is Reason.INVALID_SPEC


@pytest.mark.parametrize("path", ["../x.py", "/etc/passwd", "a/../../x", "a//b", ".git/config"])
def test_a_path_out_of_the_tree_is_refused_by_the_archive_too(path: str) -> None:
    with pytest.raises(Stalled) as refused:
        pack(config_map_files(look(("hello.py", path)), CONFIG_MAP))
    assert refused.value.reason is Reason.ARTIFACT_REFUSED


def test_an_empty_config_map_has_no_files() -> None:
    assert config_map_files(look(), {"data": None}) == ()


def test_the_commit_changes_with_every_path_and_byte_and_not_with_their_order() -> None:
    one, two = SourceFile(path="a", data=b"bc"), SourceFile(path="ab", data=b"c")
    commits = {content_commit(each) for each in ((one,), (two,), (one, two), ())}
    assert len(commits) == 4
    assert content_commit((one, two)) == content_commit((two, one))
    assert all(len(commit) == 64 for commit in commits)
