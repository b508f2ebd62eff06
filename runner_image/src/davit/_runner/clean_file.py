"""Output files without secrets: who may read a file need not be allowed to read the Secret."""

from __future__ import annotations

import json
from binascii import a2b_base64
from typing import TYPE_CHECKING

from davit._runner.instance import file_document

if TYPE_CHECKING:
    from davit._runner.redact import Redactor


def clean_file(text: str, redactor: Redactor) -> tuple[str, str]:
    """Return the FileContent ``text`` without secrets, and what the log is to say about it.

    A file that holds none stays as it is, byte by byte.

    Raises:
        ValueError: it is none.
    """
    try:
        document = json.loads(text)
        name = redactor.redact(str(document["name"]))
        content = a2b_base64(document["data"])
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"it is no file: {error}") from None
    clean = redactor.redact_content(content)
    if clean == content:
        return json.dumps({**document, "name": name}, ensure_ascii=False), ""
    told = (
        f"The file {name} held a secret, which was replaced by (redacted): who may read the files "
        "of a run may not read its Secrets."
    )
    return file_document(name, clean), told
