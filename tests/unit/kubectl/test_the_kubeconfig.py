from __future__ import annotations

import json
import ssl
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cluster.pki import Authority, Subject

from davit_kubectl.access import Access, Wanted, access
from davit_kubectl.failures import Failure

Section = dict[str, Any]


def a_config(
    name: str = "one", *, cluster: Section | None = None, user: Section | None = None, **more: Any
) -> Section:
    return {
        "current-context": name,
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, **more}}],
        "clusters": [
            {"name": name, "cluster": {"server": f"https://{name}.example:6443", **(cluster or {})}}
        ],
        "users": [{"name": name, "user": user or {"token": f"of-{name}"}}],
    }


def written(path: Path, config: Section) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(config))
    return str(path)


def accessed(
    path: Path, config: Section, environment: Mapping[str, str] | None = None, **wanted: Any
) -> Access:
    given = written(path / "config", config)
    return access(Wanted(kubeconfig=given, **wanted), environment or {})


def test_several_files_are_read_as_one_and_the_first_counts(tmp_path: Path) -> None:
    names = (
        written(tmp_path / "a", a_config("one")),
        str(tmp_path / "missing"),
        written(tmp_path / "b", a_config("two", namespace="netops")),
    )
    environment = {"KUBECONFIG": ":".join(names)}
    assert access(Wanted(), environment)[:2] == ("one.example", 6443)
    found = access(Wanted(context="two"), environment)
    assert (found.host, found.namespace) == ("two.example", "netops")
    assert found.headers == (("Authorization", "Bearer of-two"),)


def test_the_command_line_beats_the_context(tmp_path: Path) -> None:
    found = accessed(
        tmp_path, a_config(namespace="a"), namespace="b", user="ann", groups=["x", "y"]
    )
    assert found.namespace == "b"
    assert found.headers[1:] == (
        ("Impersonate-User", "ann"),
        ("Impersonate-Group", "x"),
        ("Impersonate-Group", "y"),
    )


def test_certificates_are_found_beside_the_file_that_names_them(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "pki")
    pair = authority.issue("ann", Subject(user="ann"))
    user = {"client-certificate": "pki/ann.crt", "client-key": f"{pair.key}"}
    cluster = {"certificate-authority": "pki/ca.crt", "tls-server-name": "kubernetes"}
    found = accessed(tmp_path, a_config(cluster=cluster, user=user))
    assert found.tls
    assert found.tls.verify_mode is ssl.CERT_REQUIRED
    assert found.tls_server_name == "kubernetes"
    assert found.tls.get_ca_certs()[0]["issuer"]


def test_an_unchecked_server_is_unchecked(tmp_path: Path) -> None:
    found = accessed(tmp_path, a_config(cluster={"insecure-skip-tls-verify": True}))
    assert found.tls
    assert found.tls.verify_mode is ssl.CERT_NONE


def test_other_ways_to_say_who_asks(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n")
    by_file = accessed(tmp_path, a_config(user={"tokenFile": "token"}))
    assert by_file.headers == (("Authorization", "Bearer from-a-file"),)
    by_name = accessed(tmp_path, a_config(user={"username": "ann", "password": "x"}))
    assert by_name.headers == (("Authorization", "Basic YW5uOng="),)


def test_the_official_client_is_asked_for_what_is_rare(tmp_path: Path) -> None:
    claims = b64encode(json.dumps({"exp": 4_102_444_800}).encode()).decode().rstrip("=")
    token = f"e30.{claims}.c2ln"
    provider = {"name": "oidc", "config": {"id-token": token}}
    found = accessed(tmp_path, a_config(user={"auth-provider": provider}))
    assert found.headers == (("Authorization", f"Bearer {token}"),)
    with pytest.raises(Failure, match='auth-provider "gone" gives no token'):
        accessed(tmp_path, a_config(user={"auth-provider": {"name": "gone"}}))


PLUGIN = """#!/bin/sh
echo "{\\"kind\\": \\"ExecCredential\\", \\"status\\": {\\"token\\": \\"$WHO $1\\"}}"
echo "$KUBERNETES_EXEC_INFO" > "$(dirname "$0")/told"
"""


def test_a_credential_plugin_is_asked(tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    plugin.write_text(PLUGIN)
    plugin.chmod(0o755)
    user = {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": "./plugin",
            "args": ["login"],
            "env": [{"name": "WHO", "value": "ann"}],
            "interactiveMode": "Never",
            "provideClusterInfo": True,
        }
    }
    found = accessed(tmp_path, a_config(user=user), {"PATH": "/usr/bin:/bin"})
    assert found.headers == (("Authorization", "Bearer ann login"),)
    told = yaml.safe_load((tmp_path / "told").read_text())
    assert told["spec"]["cluster"]["server"] == "https://one.example:6443"
    assert told["spec"]["interactive"] is False


@pytest.mark.parametrize(
    ("user", "sentence"),
    [
        (
            {"command": "no-such-plugin", "installHint": "Install it."},
            'The credential plugin "no-such-plugin", which the kubeconfig names, cannot be run: '
            "No such file or directory. Install it.",
        ),
        ({"command": "false"}, 'The credential plugin "false" ended with 1.'),
        ({"command": "true"}, 'The credential plugin "true" printed no ExecCredential'),
    ],
    ids=["missing", "fails", "says nothing"],
)
def test_a_plugin_that_gives_nothing_is_named(tmp_path: Path, user: Section, sentence: str) -> None:
    with pytest.raises(Failure) as failed:
        accessed(tmp_path, a_config(user={"exec": user}), {"PATH": "/usr/bin:/bin"})
    assert str(failed.value).startswith(sentence)


def test_a_proxy_comes_from_the_cluster_or_the_environment(tmp_path: Path) -> None:
    environment = {"HTTPS_PROXY": "http://proxy.example:3128"}
    assert accessed(tmp_path, a_config(), environment).proxy == "http://proxy.example:3128"
    cluster = {"proxy-url": "http://other.example:8080"}
    found = accessed(tmp_path, a_config(cluster=cluster), environment)
    assert found.proxy == "http://other.example:8080"


@pytest.mark.parametrize(
    ("config", "wanted", "sentence"),
    [
        (a_config(), {"context": "two"}, 'The kubeconfig has no context "two". It has: one.'),
        ({**a_config(), "current-context": ""}, {}, "The kubeconfig has no current context."),
        ({**a_config(), "clusters": []}, {}, 'Context "one" names the cluster "one", which'),
        (a_config(cluster={"server": "ftp://x"}), {}, 'The kubeconfig\'s server "ftp://x" is no'),
        ({"contexts": 3}, {}, "A kubeconfig in"),
        ([], {}, ""),
        (
            a_config(cluster={"certificate-authority": "no.crt"}),
            {},
            "The kubeconfig names",
        ),
        (
            a_config(cluster={"certificate-authority-data": "AAAA"}),
            {},
            "A certificate or key of the kubeconfig cannot be read",
        ),
    ],
    ids=["context", "current", "cluster", "server", "form", "empty", "file", "certificate"],
)
def test_a_kubeconfig_that_says_nothing_usable_is_a_sentence(
    tmp_path: Path, config: Section, wanted: Section, sentence: str
) -> None:
    with pytest.raises(Failure) as failed:
        accessed(tmp_path, config, **wanted)
    assert str(failed.value).startswith(sentence)


def test_without_any_configuration_it_is_said_where_one_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no kubeconfig"):
        access(Wanted(), {"KUBECONFIG": str(tmp_path / "missing")})
