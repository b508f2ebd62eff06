"""What a Secret may hold for Git, and the sentence for everything else."""

from __future__ import annotations

import base64
import traceback
from collections.abc import Mapping

import pytest

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled
from davit_operator.effects.git_credentials import (
    ANONYMOUS,
    GitCredentials,
    git_credentials,
    require_fit,
)
from davit_operator.effects.git_proxy import git_proxy
from davit_operator.plan.git_address import HostPolicy, git_address

PEM = b"-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"


def openssh_key(cipher: str = "none") -> bytes:
    name = cipher.encode()
    body = base64.b64encode(b"openssh-key-v1\0" + len(name).to_bytes(4, "big") + name + bytes(80))
    return b"-----BEGIN OPENSSH PRIVATE KEY-----\n%s\n-----END OPENSSH PRIVATE KEY-----\n" % body


def pem_key(kind: str, head: str = "") -> bytes:
    return f"-----BEGIN {kind}-----\n{head}canary+AAAA\n-----END {kind}-----\n".encode()


KNOWN = b"git.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBGg\n"
SSH = {"identity": openssh_key(), "known_hosts": KNOWN}


def read(data: Mapping[str, bytes]) -> GitCredentials:
    return git_credentials("netops-git", "uid-1", data)


@pytest.mark.parametrize(
    ("data", "header"),
    [
        ({"username": b"ada", "password": b"x:y"}, "Authorization: Basic YWRhOng6eQ=="),
        ({"bearerToken": b"abc._~+/-="}, "Authorization: Bearer abc._~+/-="),
        ({"ca.crt": PEM}, ""),
        ({"caFile": PEM}, ""),
        (SSH, ""),
    ],
    ids=["password", "token", "an authority", "its older key", "ssh"],
)
def test_the_keys_of_flux_are_read(data: dict[str, bytes], header: str) -> None:
    assert read(data).header == header


def test_the_newer_key_of_an_authority_wins() -> None:
    assert read({"ca.crt": PEM, "caFile": b"not looked at"}).ca == PEM


@pytest.mark.parametrize(
    "identity",
    [
        openssh_key("aes256-ctr"),
        pem_key("ENCRYPTED PRIVATE KEY"),
        pem_key("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"),
    ],
    ids=["OpenSSH", "PKCS 8", "PEM"],
)
def test_a_key_with_a_passphrase_needs_it(identity: bytes) -> None:
    closed = {"identity": identity, "known_hosts": KNOWN}
    with pytest.raises(Stalled, match="passphrase into the key password"):
        read(closed)
    assert read({**closed, "password": b"open"}).passphrase == "open"  # noqa: S105 (of the test)


@pytest.mark.parametrize(
    "identity",
    [openssh_key(), pem_key("EC PRIVATE KEY"), pem_key("PRIVATE KEY")],
    ids=["OpenSSH", "EC", "PKCS 8"],
)
def test_an_open_key_uses_no_passphrase(identity: bytes) -> None:
    found = read({"identity": identity, "known_hosts": KNOWN, "password": b"unused"})
    assert found.passphrase == ""
    assert found.identity == identity


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "neither"),
        ({"token": b"canary"}, "neither"),
        ({"username": b"canary"}, "no key password"),
        ({"password": b"canary"}, "no key username"),
        ({"username": b"can:ary", "password": b"x"}, "HTTP cannot send"),
        ({"username": b"a", "password": b"canary\n"}, "line break"),
        ({"username": b"a", "password": b"canary\0"}, "control character"),
        ({"username": b"a", "password": b"canary\xff"}, "not UTF-8"),
        ({"username": b"a", "password": b"canary" * 20_000}, "64 KiB"),
        ({"bearerToken": b"canary two"}, "HTTP cannot send"),
        ({"bearerToken": "canary-ü".encode()}, "HTTP cannot send"),
        ({"bearerToken": b"canary\r\nX: y"}, "line break"),
        ({"bearerToken": b"canary", "username": b"a", "password": b"x"}, "Keep one kind"),
        ({"bearerToken": b"canary", "password": b"x"}, "Keep one kind"),
        ({"ca.crt": b"canary"}, "PEM"),
        ({**SSH, "username": b"canary"}, "Keep one kind"),
        ({**SSH, "bearerToken": b"canary"}, "Keep one kind"),
        ({**SSH, "ca.crt": PEM}, "Keep one kind"),
        ({"known_hosts": KNOWN}, "no key identity"),
        ({"identity": openssh_key()}, "no host key"),
        ({**SSH, "known_hosts": b"# canary\n\n"}, "no host key"),
        ({**SSH, "known_hosts": KNOWN + b"canary\n"}, "line 2 is no host key"),
        ({**SSH, "known_hosts": b"git.example.com ssh-ed25519 canary!"}, "line 1 is no"),
        ({**SSH, "known_hosts": b"@evil git.example.com ssh-rsa AAAA"}, "line 1 is no"),
        ({**SSH, "identity": b"ssh-ed25519 AAAA canary"}, "a public key"),
        ({**SSH, "identity": b"PuTTY-User-Key-File-3: canary"}, "PuTTY"),
        ({**SSH, "identity": b"canary"}, "no private key"),
        ({**SSH, "identity": b"-----BEGIN OPENSSH PRIVATE KEY-----\ncanary"}, "no private key"),
        ({**SSH, "identity": b"canary\xff\0"}, "no private key"),
    ],
)
def test_what_cannot_be_used_names_secret_and_key(data: dict[str, bytes], words: str) -> None:
    with pytest.raises(Stalled) as refused:
        read(data)
    assert refused.value.reason is Reason.AUTHENTICATION_FAILED
    assert refused.value.message.startswith('Secret "netops-git" (spec.source.git.secretRef) ')
    assert words in refused.value.message
    assert "canary" not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize(
    ("url", "data", "words"),
    [
        ("ssh://git@git.example.com/x", None, "Create it, and name it"),
        ("ssh://git@git.example.com/x", {"bearerToken": b"x"}, "has no keys identity"),
        ("ssh://git@git.example.com/x", {"ca.crt": PEM}, "has no keys identity"),
        ("https://git.example.com/x", SSH, "begin with ssh"),
    ],
    ids=["nothing", "a token", "an authority", "a key for https"],
)
def test_credentials_of_another_protocol_are_refused(
    url: str, data: dict[str, bytes] | None, words: str
) -> None:
    given = ANONYMOUS if data is None else read(data)
    with pytest.raises(Stalled, match=words) as refused:
        require_fit(given, git_address(url, HostPolicy()))
    assert refused.value.reason is Reason.AUTHENTICATION_FAILED


def test_fingerprints_differ_with_every_key_and_tell_nothing() -> None:
    kinds = [
        {"username": b"a", "password": b"bc"},
        {"username": b"ab", "password": b"c"},
        {"bearerToken": b"bc"},
        {"ca.crt": PEM},
        SSH,
        {**SSH, "known_hosts": KNOWN * 2},
        {**SSH, "identity": openssh_key("aes256-ctr"), "password": b"x"},
    ]
    found = [read(data).fingerprint for data in kinds]
    assert len(set(found)) == len(kinds)
    assert found == [read(data).fingerprint for data in kinds]
    assert all(len(each) == 64 for each in found)


@pytest.mark.parametrize(
    ("data", "reason", "words"),
    [
        ({}, Reason.AUTHENTICATION_FAILED, "no key address"),
        ({"username": b"a", "password": b"canary"}, Reason.AUTHENTICATION_FAILED, "address"),
        ({"address": b"http://p:1", "username": b"a"}, Reason.AUTHENTICATION_FAILED, "password"),
        ({"address": b"http://p:1", "password": b"canary"}, Reason.AUTHENTICATION_FAILED, "user"),
        ({"address": b"http://p:1\n"}, Reason.AUTHENTICATION_FAILED, "line break"),
        ({"address": b"socks5://p:1"}, Reason.URL_REFUSED, "no HTTP proxy"),
        ({"address": b"p:1"}, Reason.URL_REFUSED, "no HTTP proxy"),
        ({"address": b"http://a:canary@p:1"}, Reason.URL_REFUSED, "keys of their own"),
        ({"address": b"http://p:1/canary"}, Reason.URL_REFUSED, "no path"),
        ({"address": b"http://p:1?canary"}, Reason.URL_REFUSED, "no path"),
        ({"address": b"http://127.0.0.1:1"}, Reason.URL_REFUSED, "loopback"),
        ({"address": b"http://169.254.169.254"}, Reason.URL_REFUSED, "metadata"),
        ({"address": b"http://localhost:1"}, Reason.URL_REFUSED, "own pod"),
        ({"address": b"http://p:99999"}, Reason.URL_REFUSED, "port"),
        ({"address": b"http://-x:1"}, Reason.URL_REFUSED, "no host"),
    ],
)
def test_a_proxy_that_cannot_be_used_names_secret_and_key(
    data: dict[str, bytes], reason: Reason, words: str
) -> None:
    with pytest.raises(Stalled) as refused:
        git_proxy("company-proxy", data, HostPolicy())
    assert refused.value.reason is reason
    assert 'Secret "company-proxy" (spec.source.git.proxySecretRef)' in refused.value.message
    assert words in refused.value.message
    assert "canary" not in refused.value.message


def test_a_proxys_password_is_quoted_in_its_url_and_hidden_in_its_repr() -> None:
    data = {"address": b"HTTP://Proxy.Example.COM", "username": b"a@b", "password": b"c:/%\xc3\xbc"}
    proxy = git_proxy("company-proxy", data, HostPolicy())
    assert proxy.url == "http://a%40b:c%3A%2F%25%C3%BC@proxy.example.com:80/"
    assert "c:/" not in repr(proxy)
    assert "c%3A" not in repr(proxy)
