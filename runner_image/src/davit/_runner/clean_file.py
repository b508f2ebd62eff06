"""Output files without secrets: who may read a file need not be allowed to read the Secret."""

from __future__ import annotations

import json
from binascii import a2b_base64
from typing import TYPE_CHECKING

from davit._runner.file_document import file_document, held_a_secret

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
        if document.get("stored"):
            # Its content is not here; who wrote it left the secrets out.
            document["stored"] = redactor.redact(str(document["stored"]))
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"it is no file: {error}") from None
    clean = redactor.redact_content(content)
    if clean == content:
        return json.dumps({**document, "name": name}, ensure_ascii=False), ""
    return file_document(name, clean), held_a_secret(name)
