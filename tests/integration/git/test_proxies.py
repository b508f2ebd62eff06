"""Repositories through an HTTP proxy: a real one that tunnels, in front of the real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.gitserver.certificates import write_certificates
from tests.gitserver.forward_proxy import ForwardProxy, forward_proxy
from tests.gitserver.running import HOST_NAME
from tests.gitserver.server import tls_context
from tests.integration.git.conftest import CANARY, LOCAL, Reading, assert_no_canary

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Blocked, Stalled, Waiting
from davit_operator.effects.git import GitReader, GitRequest, GitSettings
from davit_operator.effects.git_proxy import GitProxy, git_proxy
from davit_operator.plan.git_address import HostPolicy, git_address

PROXY_NAME = "proxy.davit.test"
USER = ("ada@example.com", CANARY)


def proxy_at(port: int, *, host: str = "127.0.0.1", scheme: str = "http", **keys: str) -> GitProxy:
    """Return what a Secret says of a proxy on this machine."""
    policy = HostPolicy(allowed_hosts=LOCAL.allowed_hosts | {PROXY_NAME})
    data = {key.replace("_", "."): value.encode() for key, value in keys.items()}
    return git_proxy(
        "company-proxy", {"address": f"{scheme}://{host}:{port}".encode(), **data}, policy
    )


def with_password(port: int, password: str = CANARY) -> GitProxy:
    return proxy_at(port, username=USER[0], password=password)


@pytest.fixture
def proxy() -> Iterator[ForwardProxy]:
    with forward_proxy() as running:
        running.names = {HOST_NAME: "127.0.0.1"}
        yield running


def through(reading: Reading, proxy: GitProxy) -> GitRequest:
    """Return a request for a host that the proxy alone can find."""
    return replace(reading.request(url=reading.server.url("jobs", HOST_NAME)), proxy=proxy)


def refusal(reader: GitReader, request: GitRequest) -> Blocked:
    with pytest.raises(Blocked) as raised:
        reader.fetch(reader.resolve(request))
    assert_no_canary(raised.value.message)
    return raised.value


def looking_up(folder: Path, *known: str) -> GitReader:
    """Return a reader that finds the hosts ``known`` at the loopback, and fails for others."""

    def look_up(host: str, _port: int, _seconds: float) -> tuple[str, ...]:
        if host not in known:
            raise OSError(host)
        return ("127.0.0.1",)

    return GitReader(GitSettings(folder=folder), look_up)


def test_the_proxy_finds_the_host_and_sees_nothing_of_the_credentials(
    reading: Reading, proxy: ForwardProxy, tmp_path: Path
) -> None:
    reader = looking_up(tmp_path / "found")
    assert reader.fetch(reader.resolve(through(reading, proxy_at(proxy.port)))).files
    assert set(proxy.asked) == {f"{HOST_NAME}:{reading.server.port}"}
    assert_no_canary("".join(proxy.heads))
    assert "Authorization" not in "".join(proxy.heads)


def test_the_proxy_is_contacted_at_the_address_that_was_checked(
    reading: Reading, proxy: ForwardProxy, tmp_path: Path
) -> None:
    # Its name is in no DNS: without pinning libcurl could not find it.
    reader = looking_up(tmp_path / "found", PROXY_NAME)
    wanted = through(reading, proxy_at(proxy.port, host=PROXY_NAME))
    assert reader.fetch(reader.resolve(wanted)).files


def test_a_proxy_that_wants_a_password_gets_it(reading: Reading, proxy: ForwardProxy) -> None:
    proxy.user = USER
    wanted = through(reading, with_password(proxy.port))
    assert reading.reader.fetch(reading.reader.resolve(wanted)).files


def test_a_proxy_over_tls_is_believed_by_its_own_authority(
    reading: Reading, tmp_path: Path
) -> None:
    theirs = write_certificates(tmp_path / "proxy", ["127.0.0.1"])
    with forward_proxy(tls_context(theirs.cert, theirs.key)) as proxy:
        proxy.names = {HOST_NAME: "127.0.0.1"}
        trusted = proxy_at(proxy.port, scheme="https", ca_crt=theirs.ca.read_text())
        wanted = through(reading, trusted)
        assert reading.reader.fetch(reading.reader.resolve(wanted)).files
        found = refusal(reading.reader, replace(wanted, proxy=replace(trusted, ca=b"")))
    assert "TLS failed" in found.message


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_proxy_that_refuses_us_is_named_by_its_secret(
    reading: Reading, proxy: ForwardProxy, password: str
) -> None:
    proxy.user = USER
    given = with_password(proxy.port, password) if password else proxy_at(proxy.port)
    found = refusal(reading.reader, through(reading, given))
    assert (type(found), found.reason) == (Waiting, Reason.AUTHENTICATION_FAILED)
    assert 'The proxy of Secret "company-proxy" (spec.source.git.proxySecretRef)' in found.message


def test_a_proxy_that_refuses_the_host_is_told_apart(reading: Reading, proxy: ForwardProxy) -> None:
    proxy.answer = "403 Forbidden"
    found = refusal(reading.reader, through(reading, proxy_at(proxy.port)))
    assert found.reason is Reason.FETCH_FAILED
    assert "refuses to connect to it (HTTP 403)" in found.message


def test_a_proxy_that_is_down_is_named_by_its_secret(reading: Reading, proxy: ForwardProxy) -> None:
    nobody = proxy_at(1, host="127.0.0.1")
    assert proxy.port != 1
    found = refusal(reading.reader, through(reading, nobody))
    assert 'the proxy of Secret "company-proxy"' in found.message
    assert "accepts no connections" in found.message


def test_a_proxy_without_an_address_in_dns_names_the_key(reading: Reading, tmp_path: Path) -> None:
    wanted = through(reading, proxy_at(3128, host=PROXY_NAME))
    found = refusal(looking_up(tmp_path / "none"), wanted)
    assert 'Secret "company-proxy" (spec.source.git.proxySecretRef), key address' in found.message


def test_a_proxy_that_resolves_to_loopback_is_never_contacted(
    reading: Reading, proxy: ForwardProxy
) -> None:
    address = f"http://{PROXY_NAME}:{proxy.port}".encode()
    strange = git_proxy("company-proxy", {"address": address}, HostPolicy())
    found = refusal(reading.reader, through(reading, strange))
    assert (type(found), found.reason) == (Stalled, Reason.URL_REFUSED)
    assert "a loopback address" in found.message
    assert proxy.asked == []


def test_a_proxy_of_http_is_not_for_ssh(reading: Reading, proxy: ForwardProxy) -> None:
    address = git_address(f"ssh://git@{HOST_NAME}/jobs.git", LOCAL)
    keys = replace(reading.credentials, identity=b"x")
    wanted = replace(
        reading.request(), address=address, credentials=keys, proxy=proxy_at(proxy.port)
    )
    found = refusal(reading.reader, wanted)
    assert (type(found), found.reason) == (Stalled, Reason.INVALID_SPEC)
    assert "spec.source.git.proxySecretRef" in found.message


def test_no_proxy_of_the_operators_own_environment_is_used(
    reading: Reading, proxy: ForwardProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    assert reading.files(reading.request())
    assert proxy.asked == []
