"""Files that are too large for a pod's log, with a volume for them and without."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.runner.pods import Pod

from davit_contract import places

MEBIBYTE = 1024 * 1024
LEAVE = """
large = self.create_file("zeros.bin", bytes(5 * 2**20))
self.create_file("small.txt", "x")
self.create_file("secrets.txt", "-" * 2**20 + str(inputs["password"]))
return [large.size, large.content == bytes(5 * 2**20)]
"""
MEMBERS = "    password = StringVar(sensitive=True)\n"


def run(pod: Pod, **request: Any) -> Any:
    return pod.run(LEAVE, members=MEMBERS, inputs={"password": "hunter2!"}, **request)


def test_a_pod_writes_large_files_to_its_volume_without_secrets(pod: Pod) -> None:
    (pod.folder / "files").mkdir()
    said = run(pod, files_max_bytes=8 * MEBIBYTE)
    zeros, small, secrets = said.documents("file")
    content = (pod.folder / "files" / "zeros.bin").read_bytes()
    assert content == bytes(5 * MEBIBYTE)
    assert (zeros["stored"], zeros["data"], zeros["size_bytes"]) == ("zeros.bin", "", len(content))
    assert zeros["digest"] == "sha256:" + hashlib.sha256(content).hexdigest()
    assert (small["stored"], small["data"]) == ("", "eA==")
    clean = (pod.folder / "files" / "secrets.txt").read_bytes()
    assert clean == b"-" * MEBIBYTE + b"(redacted)"
    assert (secrets["size_bytes"], secrets["digest"]) == (
        len(clean),
        "sha256:" + hashlib.sha256(clean).hexdigest(),
    )
    assert [message for level, _, message in said.logs if level == "warning"] == [
        "The file secrets.txt held a secret, which was replaced by (redacted): who may read the "
        "files of a run may not read its Secrets."
    ]
    assert said.documents("result") == [[5 * MEBIBYTE, True]]
    assert sorted(path.name for path in (pod.folder / "files").iterdir()) == [
        "secrets.txt",
        "zeros.bin",
    ]


def test_without_a_volume_the_limit_is_the_logs(pod: Pod) -> None:
    said = run(pod)
    assert said.outcome.reason == "JobFailed"
    limit = places.MAX_FILE_BYTES
    assert said.error == (
        f"Provided 5242880 bytes of content, but JOB_CREATE_FILE_MAX_SIZE is {limit}"
    )
