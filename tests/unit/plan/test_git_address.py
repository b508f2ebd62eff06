"""Which URLs and hosts are let through, and what the refusals say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from davit_operator.api.conditions import Reason
from davit_operator.api.errors import Stalled
from davit_operator.plan.git_address import (
    HostPolicy,
    check_addresses,
    git_address,
    printable,
)

DEFAULT = HostPolicy()
REFUSED = [
    ("http is readable by all", "http://git.example.com/jobs.git", "administrator"),
    ("scp-like with a user", "git@git.example.com:jobs.git", "ssh://user@host/path"),
    ("scp-like without a user", "git.example.com:jobs.git", "ssh://user@host/path"),
    ("scp-like with an option", "-oProxyCommand=x@git.example.com:jobs.git", "only https and ssh"),
    ("another name of ssh", "git+ssh://git@git.example.com/jobs.git", "ssh://user@host/path"),
    ("ssh with a password", "ssh://git:canary@git.example.com/jobs.git", "secretRef"),
    ("ssh with an option for a host", "ssh://-oProxyCommand=x/jobs.git", "no host"),
    ("ssh with an option for a user", "ssh://-oProxyCommand=x@git.example.com/x", "the user"),
    ("ssh with two users", "ssh://a@b@git.example.com/x", "the user"),
    ("ssh with an escaped user", "ssh://a%40b@git.example.com/x", "the user"),
    ("ssh with an empty user", "ssh://@git.example.com/x", "the user"),
    ("ssh to a second host", "ssh://git.example.com/x@[evil.example]:1/y", "the path of an ssh"),
    ("ssh to an escaped one", "ssh://git.example.com/x%40%5bevil.example%5d/y", "the path of an"),
    ("ssh with a line break", "ssh://git.example.com/x%0aHost", "the path of an ssh"),
    ("ssh with a shell's words", "ssh://git.example.com/$(x);y", "the path of an ssh"),
    ("ssh to loopback", "ssh://git@127.0.0.1/jobs.git", "a loopback address"),
    ("ssh without a repository", "ssh://git@git.example.com/", "Write ssh://host/path"),
    ("git's own protocol", "git://git.example.com/jobs.git", "only https"),
    ("a local file", "file:///etc/passwd", "only https"),
    ("a local path", "/srv/jobs.git", "only https"),
    ("a remote helper", "ext::sh -c touch% /tmp/x", "printable ASCII"),
    ("a remote helper without spaces", "ext::touch", "only https"),
    ("a helper before https", "fd::https://git.example.com/jobs.git", "only https"),
    ("an option", "--upload-pack=touch", "only https"),
    ("an option with a slash", "--upload-pack=/bin/x", "only https"),
    ("ftp", "ftps://git.example.com/jobs.git", "only https"),
    ("no scheme", "git.example.com/jobs.git", "only https"),
    ("empty", "", "printable ASCII"),
    ("a line break", "https://git.example.com/jobs.git\nx", "printable ASCII"),
    ("a null character", "https://git.example.com/\0", "printable ASCII"),
    ("a backslash", "https://git.example.com\\@evil.example/x", "printable ASCII"),
    ("letters beyond ASCII", "https://git.exämple.com/jobs.git", "xn--"),
    ("a password", "https://ada:canary@git.example.com/jobs.git", "secretRef"),
    ("a token as user", "https://canary@git.example.com/jobs.git", "secretRef"),
    ("an empty user", "https://@git.example.com/jobs.git", "secretRef"),
    ("a token in the query", "https://git.example.com/jobs.git?token=canary", "query"),
    ("an empty query", "https://git.example.com/jobs.git?", "query"),
    ("a fragment", "https://git.example.com/jobs.git#canary", "fragment"),
    ("no host", "https:///jobs.git", "no host"),
    ("no repository", "https://git.example.com/", "no repository"),
    ("no path", "https://git.example.com", "no repository"),
    ("a port beyond all", "https://git.example.com:65536/jobs.git", "port"),
    ("port zero", "https://git.example.com:0/jobs.git", "port"),
    ("a port of letters", "https://git.example.com:https/jobs.git", "port"),
    ("an empty port", "https://git.example.com:/jobs.git", "port"),
    ("an escaped host", "https://git%2eexample.com/jobs.git", "no host"),
    ("an endless label", f"https://{'a' * 64}.example.com/jobs.git", "no host"),
    ("a host that begins with a dash", "https://-oProxyCommand/jobs.git", "no host"),
    ("a bracket that never closes", "https://[::1/jobs.git", "not a URL"),
    ("a number for a host", "https://2130706433/jobs.git", "no host"),
    ("a short address", "https://127.1/jobs.git", "no host"),
    ("a hexadecimal address", "https://0x7f.0.0.1/jobs.git", "no host"),
    ("a hexadecimal number", "https://0x7f000001/jobs.git", "no host"),
    ("an octal address", "https://0177.0.0.1/jobs.git", "no host"),
    ("a hexadecimal last part", "https://127.0.0.0x1/jobs.git", "no host"),
    ("loopback", "https://127.0.0.1/jobs.git", "a loopback address"),
    ("all of loopback", "https://127.8.9.10:8443/jobs.git", "a loopback address"),
    ("loopback with a trailing dot", "https://127.0.0.1./jobs.git", "a loopback address"),
    ("localhost", "https://LocalHost/jobs.git", "the operator's own pod"),
    ("a name below localhost", "https://git.localhost./jobs.git", "the operator's own pod"),
    ("loopback of IPv6", "https://[::1]/jobs.git", "a loopback address"),
    ("loopback, written long", "https://[0:0:0:0:0:0:0:1]/jobs.git", "a loopback address"),
    ("loopback, mapped to IPv6", "https://[::ffff:127.0.0.1]/jobs.git", "a loopback address"),
    ("loopback, in hexadecimal", "https://[::ffff:7f00:1]/jobs.git", "a loopback address"),
    ("loopback, compatible form", "https://[::127.0.0.1]/jobs.git", "a loopback address"),
    ("unspecified", "https://0.0.0.0/jobs.git", "the unspecified address"),
    ("unspecified of IPv6", "https://[::]/jobs.git", "the unspecified address"),
    ("this network", "https://0.1.2.3/jobs.git", "the unspecified address"),
    ("metadata", "https://169.254.169.254/jobs.git", "metadata service"),
    ("metadata of AWS in IPv6", "https://[fd00:ec2::254]/jobs.git", "metadata service"),
    ("metadata of Google by name", "https://metadata.google.internal/x", "metadata service"),
    ("metadata with a dot", "https://metadata.google.internal./x", "metadata service"),
    ("metadata of Alibaba", "https://100.100.100.200/jobs.git", "metadata service"),
    ("metadata through NAT64", "https://[64:ff9b::a9fe:a9fe]/jobs.git", "metadata service"),
    ("metadata through 6to4", "https://[2002:a9fe:a9fe::]/jobs.git", "metadata service"),
    ("link-local", "https://169.254.1.1/jobs.git", "a link-local address"),
    ("link-local of IPv6", "https://[fe80::1]/jobs.git", "a link-local address"),
    ("an interface", "https://[fe80::1%25eth0]/jobs.git", "no host"),
    ("multicast", "https://224.0.0.1/jobs.git", "a multicast address"),
    ("multicast of IPv6", "https://[ff02::1]/jobs.git", "a multicast address"),
    ("broadcast", "https://255.255.255.255/jobs.git", "a reserved address"),
]


@pytest.mark.parametrize(
    ("url", "words"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED]
)
def test_a_url_is_refused_with_field_reason_and_remedy(url: str, words: str) -> None:
    with pytest.raises(Stalled) as refused:
        git_address(url, DEFAULT)
    assert refused.value.reason is Reason.URL_REFUSED
    assert refused.value.message.startswith("spec.source.git.url: ")
    assert words in refused.value.message
    assert "canary" not in refused.value.message


@pytest.mark.parametrize(
    ("url", "canonical", "origin"),
    [
        (
            "https://git.example.com/netops/jobs.git",
            "https://git.example.com/netops/jobs.git",
            "https://git.example.com:443/",
        ),
        (
            "HTTPS://Git.Example.COM.:8443/Jobs",
            "https://git.example.com:8443/Jobs",
            "https://git.example.com:8443/",
        ),
        ("https://gitea/jobs", "https://gitea/jobs", "https://gitea:443/"),
        ("https://10.0.0.7/jobs", "https://10.0.0.7/jobs", "https://10.0.0.7:443/"),
        ("https://[FD00::7]:1/jobs", "https://[fd00::7]:1/jobs", "https://[fd00::7]:1/"),
        ("https://a/@scope/x", "https://a/@scope/x", "https://a:443/"),
        (
            "SSH://Ada@Git.Example.com/A%20b",
            "ssh://Ada@git.example.com/A%20b",
            "ssh://git.example.com:22/",
        ),
        (
            "ssh://git.example.com:22/~/x",
            "ssh://git@git.example.com:22/~/x",
            "ssh://git.example.com:22/",
        ),
        ("ssh://a.b-c@[fd00::7]:2222/x", "ssh://a.b-c@[fd00::7]:2222/x", "ssh://[fd00::7]:2222/"),
    ],
    ids=[
        *("plain", "capitals and a dot", "a service", "a private address", "IPv6", "an at sign"),
        *("ssh", "ssh without a user", "ssh to IPv6"),
    ],
)
def test_a_url_is_written_in_one_way(url: str, canonical: str, origin: str) -> None:
    address = git_address(url, DEFAULT)
    assert (address.url, address.origin) == (canonical, origin)
    assert git_address(canonical, DEFAULT) == address


def test_http_is_spoken_when_the_settings_allow_it() -> None:
    assert git_address("http://gitea/x", HostPolicy(allow_http=True)).origin == "http://gitea:80/"


def test_an_allowed_host_is_not_checked() -> None:
    policy = HostPolicy(allowed_hosts=frozenset({"localhost", "127.0.0.1"}))
    check_addresses(git_address("https://localhost/x", policy), ["127.0.0.1"])
    assert git_address("https://127.0.0.1/x", policy).is_allowed
    assert not git_address("https://127.0.0.2.example/x", policy).is_allowed


@pytest.mark.parametrize(
    "resolved",
    [["127.0.0.1"], ["93.184.216.34", "169.254.169.254"], ["10.0.0.1", "::1"], ["fe80::1%eth0"]],
    ids=["loopback", "metadata beside a good one", "IPv6 beside a good one", "with an interface"],
)
def test_a_name_that_resolves_to_a_refused_address_is_refused(resolved: list[str]) -> None:
    address = git_address("https://rebind.example.com/x", DEFAULT)
    with pytest.raises(Stalled, match=r"rebind\.example\.com") as refused:
        check_addresses(address, resolved)
    assert refused.value.reason is Reason.URL_REFUSED


def test_public_and_private_addresses_pass() -> None:
    address = git_address("https://git.example.com/x", DEFAULT)
    check_addresses(address, ["93.184.216.34", "10.1.2.3", "192.168.0.1", "fd12::1", "2606::1"])


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://git.example.com/x.git", "https://git.example.com/x.git"),
        ("https://ada:canary@git.example.com/x?token=canary#canary", "https://git.example.com/x"),
        ("https://ada:can/ary@git.example.com/x", "https://…"),
        ("https://ada:can#canary@git.example.com/x", "https://…"),
        ("https://git.example.com/x?mail=canary@example.com", "https://…"),
        ("ada:canary@git.example.com:x", "git.example.com:x"),
        ("https://a/\x1b[31m", "https://a/?[31m"),
    ],
    ids=["plain", "userinfo", "a slash in it", "a hash in it", "unclear", "scp-like", "control"],
)
def test_what_is_shown_of_a_url_has_no_credentials(url: str, shown: str) -> None:
    assert printable(url) == shown


@given(
    scheme=st.sampled_from(["https", "ssh"]),
    rest=st.text() | st.text("ab.:@[]0x1/%-#?", max_size=12),
)
def test_any_text_is_refused_or_an_address_written_in_one_way(scheme: str, rest: str) -> None:
    try:
        address = git_address(f"{scheme}://{rest}", DEFAULT)
    except Stalled:
        return
    assert address.url.startswith(f"{scheme}://")
    assert git_address(address.url, DEFAULT) == address
