"""Makes the certificates and keys that the cluster's parts trust each other by."""

import ipaddress
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.cluster.files import write_file

LIFETIME = timedelta(days=3650)
BACKDATED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who a certificate speaks for: a user and group, or a server with its addresses."""

    user: str
    group: str | None = None
    hosts: Sequence[str] = ()

    def name(self) -> x509.Name:
        """Return the subject as Kubernetes reads it: CN is the user, O the group."""
        parts = [x509.NameAttribute(NameOID.COMMON_NAME, self.user)]
        if self.group:
            parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.group))
        return x509.Name(parts)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """Two files in PEM."""

    certificate: Path
    key: Path


class Authority:
    """A certificate authority in a folder; what exists there is kept."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.files = KeyPair(folder / "ca.crt", folder / "ca.key")
        if not self.files.certificate.exists():
            key = write_key(self.files.key)
            write_file(self.files.certificate, pem(self_signed(key)))

    def issue(self, name: str, subject: Subject) -> KeyPair:
        """Return a certificate good for both ends of a TLS connection."""
        pair = KeyPair(self.folder / f"{name}.crt", self.folder / f"{name}.key")
        if not pair.certificate.exists():
            key = write_key(pair.key)
            write_file(pair.certificate, pem(self._sign(key, subject)))
        return pair

    def service_account_keys(self) -> KeyPair:
        """Return the public (as ``certificate``) and private key of ServiceAccount tokens."""
        pair = KeyPair(self.folder / "sa.pub", self.folder / "sa.key")
        if not pair.certificate.exists():
            public = write_key(pair.key).public_key()
            write_file(
                pair.certificate,
                public.public_bytes(
                    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
                ),
            )
        return pair

    def _sign(self, key: ec.EllipticCurvePrivateKey, subject: Subject) -> x509.Certificate:
        authority = x509.load_pem_x509_certificate(self.files.certificate.read_bytes())
        signer = serialization.load_pem_private_key(self.files.key.read_bytes(), None)
        if not isinstance(signer, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{self.files.key} does not hold an elliptic curve key")
        usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        builder = unsigned(key, subject.name(), authority.subject).add_extension(
            x509.ExtendedKeyUsage(usages), critical=False
        )
        if subject.hosts:
            names = [alternative_name(host) for host in subject.hosts]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(signer, hashes.SHA256())


def self_signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """Return the authority's own certificate."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "davit-local-cluster")])
    constraint = x509.BasicConstraints(ca=True, path_length=None)
    return (
        unsigned(key, name, name)
        .add_extension(constraint, critical=True)
        .sign(key, hashes.SHA256())
    )


def unsigned(
    key: ec.EllipticCurvePrivateKey, subject: x509.Name, issuer: x509.Name
) -> x509.CertificateBuilder:
    """Return what all our certificates have in common."""
    now = datetime.fromtimestamp(time.time(), UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + LIFETIME)
    )


def alternative_name(host: str) -> x509.GeneralName:
    """Return an IP address as one, anything else as a DNS name."""
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def write_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Make a private key and write it for its owner alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    encoded = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_file(path, encoded)
    return key


def pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate as text."""
    return certificate.public_bytes(serialization.Encoding.PEM)
