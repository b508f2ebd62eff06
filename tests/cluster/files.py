"""Writes small files whole or not at all: neither a power cut nor a reader meets half of one."""

import os
from pathlib import Path


def write_file(path: Path, content: str | bytes) -> Path:
    """Write a file for its owner alone; one that has this content already is not touched.

    Not touched, because some daemons (kube-proxy) end when their configuration is written.
    """
    data = content.encode() if isinstance(content, str) else content
    if path.exists() and path.read_bytes() == data:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_bytes(data)
    return draft.replace(path)
