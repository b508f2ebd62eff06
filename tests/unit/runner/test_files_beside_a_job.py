"""JSON and YAML that stand beside a job's own file."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from davit import Job
from davit.testing import run_job_for_testing

READER = """
from nautobot.apps.jobs import Job
class Reader(Job):
    def run(self):
        return [self.load_json("data/facts.json"), self.load_json("../up.json")]
"""


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A job class in a file of its own, with data beside it and above."""
    (tmp_path / "jobs" / "data").mkdir(parents=True)
    (tmp_path / "jobs" / "reader.py").write_text(READER)
    (tmp_path / "jobs" / "data" / "facts.json").write_text('{"name": "ü"}', encoding="utf-8")
    (tmp_path / "jobs" / "facts.yaml").write_text("name: ü\ndays: [1, 2]\n", encoding="utf-8")
    (tmp_path / "jobs" / "evil.yaml").write_text("!!python/object/apply:os.getcwd []\n")
    (tmp_path / "up.json").write_text("7")
    spec = spec_from_file_location("reader", tmp_path / "jobs" / "reader.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "reader", module)
    spec.loader.exec_module(module)
    return module.Reader


def test_a_job_reads_json_as_seen_from_its_own_file(reader: Any) -> None:
    assert run_job_for_testing(reader).result == [{"name": "ü"}, 7]


def test_a_job_reads_yaml_beside_its_own_file_safely(reader: Any) -> None:
    assert reader().load_yaml("facts.yaml") == {"name": "ü", "days": [1, 2]}
    with pytest.raises(Exception, match="could not determine a constructor"):
        reader().load_yaml("evil.yaml")


def test_without_pyyaml_a_sentence_says_what_to_install(
    reader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ModuleNotFoundError) as refused:
        reader().load_yaml("facts.yaml")
    assert str(refused.value) == (
        "load_yaml() needs PyYAML, which is not installed here. Install davit[nautobot] or PyYAML "
        "in the runner image, or write the file as JSON and use load_json()."
    )


def test_a_class_without_a_file_has_nothing_beside_it() -> None:
    lost = type("Lost", (Job,), {"__module__": "made.in.memory"})
    with pytest.raises(TypeError, match=r"made\.in\.memory\.Lost was not read from a file"):
        lost().load_json("a.json")
