"""What a pod prints besides its result: files, progress, a profile."""

from __future__ import annotations

import base64

from tests.runner.pods import Pod

LEAVE = """
self.create_file("zeros.bin", bytes(2**20))
self.create_file("rest.txt", "x" * 2**19)
self.progress(1, 2)
self.progress(2, 2)
raise ValueError("after all that")
"""


def test_a_pod_prints_files_of_full_size_progress_and_profile_though_the_job_fails(
    pod: Pod,
) -> None:
    said = pod.run(LEAVE)
    found = [(file["name"], file["size_bytes"]) for file in said.documents("file")]
    assert found == [("zeros.bin", 2**20), ("rest.txt", 2**19)]
    assert base64.b64decode(said.documents("file")[1]["data"]) == b"x" * 2**19
    steps = [(record["done"], record["total"]) for record in said.records if "done" in record]
    assert steps[-1] == (2, 2)
    assert said.error == "after all that"


def test_a_pod_measures_and_says_that_it_tries_again(pod: Pod) -> None:
    members = (
        "    def on_retry(self, *_): print('again')\n    def on_failure(self, *_): print('no')"
    )
    said = pod.run("raise ValueError", members=members, retries_left=1, profile=True)
    assert [file["name"] for file in said.documents("file")] == ["jobrun-uid-1.pstats"]
    assert ("info", "stdout", "again") in said.logs
    assert ("info", "stdout", "no") not in said.logs
