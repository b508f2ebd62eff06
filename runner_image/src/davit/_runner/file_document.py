"""An output file as it is sent: JSON of a FileContent."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

from davit_contract import FileContent, encode


def file_document(name: str, content: bytes) -> str:
    """Return the FileContent as JSON."""
    data = b64encode(content).decode()
    told = FileContent(name=name, size_bytes=len(content), digest=digest_of(content), data=data)
    return encode(told)


def digest_of(content: bytes) -> str:
    """Return ``sha256:`` and the content's hash."""
    return f"sha256:{sha256(content).hexdigest()}"


def held_a_secret(name: str) -> str:
    """Return what the log says of a file that is not as the job made it."""
    return (
        f"The file {name} held a secret, which was replaced by (redacted): who may read the files "
        "of a run may not read its Secrets."
    )
