from __future__ import annotations

from tests.runner.pods import Pod


def test_prints_logs_and_subprocesses_keep_their_order(pod: Pod) -> None:
    said = pod.run(
        "print('one')\n"
        "self.logger.info('two')\n"
        "print('three', file=sys.stderr)\n"
        "self.logger.success('four')\n"
        "subprocess.run(['echo', 'five'], check=True)\n"
        "self.logger.failure('six')\n"
        "os.write(1, b'se\\xffven')\n"
        "return {'done': [1, None, 'é']}"
    )
    assert said.logs == [
        ("info", "stdout", "one"),
        ("info", "run", "two"),
        ("warning", "stderr", "three"),
        ("success", "run", "four"),
        ("info", "stdout", "five"),
        ("failure", "run", "six"),
        ("info", "stdout", "se\ufffdven"),
    ]
    assert said.documents("result") == [{"done": [1, None, "é"]}]
    assert said.outcome.reason == "Succeeded"
    assert said.outcome.subject == "uid-1"
    assert said.exit_code == said.outcome.exit_code == 0
    assert said.outcome.counts == {  # type: ignore[comparison-overlap]
        "debug": 0, "info": 5, "success": 2, "warning": 1, "failure": 1, "error": 0, "critical": 0,
    }  # fmt: skip


def test_every_logger_and_thread_is_heard_and_extras_are_kept(pod: Pod) -> None:
    said = pod.run(
        "import logging\n"
        "def work():\n"
        "    logging.getLogger('some.package').warning('from a thread')\n"
        "thread = threading.Thread(target=work)\n"
        "thread.start()\n"
        "thread.join()\n"
        "self.logger.debug('%s of %s', 1, 2, extra={'grouping': 'G', 'object': 'switch-1'})\n"
        "self.logger.info('nowhere', extra={'skip_db_logging': True})\n"
        "logging.getLogger('some.package').debug('too fine')\n"
        "self.fail('no %s', 'luck')\n"
        "return 7"
    )
    assert said.logs == [
        ("warning", "work", "from a thread"),
        ("debug", "G", "1 of 2"),
        ("failure", "run", "no luck"),
    ]
    assert "switch-1" in [record.get("object") for record in said.records]
    assert said.outcome.reason == "JobFailed"
    assert said.error == "no luck"
    assert said.documents("result") == [7]


def test_records_below_the_asked_level_are_not_written(pod: Pod) -> None:
    said = pod.run("self.logger.info('no')\nself.logger.warning('yes')", log_level="WARNING")
    assert said.logs == [("warning", "run", "yes")]


def test_a_long_message_continues_over_several_lines(pod: Pod) -> None:
    said = pod.run("self.logger.info('é\"' * 20000)\nprint('x' * 200000)\nreturn 'r' * 50000")
    logs = [record for record in said.records if record["type"] == "log"][1:-1]
    first = [record for record in logs if record["grouping"] == "run"]
    second = [record for record in logs if record["grouping"] == "stdout"]
    for parts, whole in ((first, 'é"' * 20000), (second, "x" * 200000)):
        assert "".join(part["message"] for part in parts) == whole
        assert [part["continued"] for part in parts] == [False] + [True] * (len(parts) - 1)
    assert said.documents("result") == ["r" * 50000]
    assert said.outcome.counts["info"] == 3  # type: ignore[index]


def test_a_flood_is_cut_at_the_budget_and_says_so(pod: Pod) -> None:
    said = pod.run(
        "print(('x' * 999 + '\\n') * 8000)\nself.logger.warning('still heard')\nreturn 'kept'"
    )
    size = sum(len(str(record)) for record in said.records)
    assert size < 7 * 1024 * 1024
    assert said.outcome.dropped_records > 2000
    messages = [message for level, _, message in said.logs if level == "warning"]
    assert messages[0].startswith("The log is longer than the budget")
    assert "still heard" in messages
    dropped = said.outcome.dropped_records
    assert messages[-1].startswith(f"{dropped} records were dropped: 4.")
    assert messages[-1].endswith(" MiB of text.")
    assert said.documents("result") == ["kept"]
    assert said.outcome.reason == "Succeeded"


def test_of_much_progress_the_first_and_the_last_are_told_and_little_between(pod: Pod) -> None:
    said = pod.run(
        "for done in range(1, 5001): self.progress(done, 5000)\nself.logger.info('after')"
    )
    told = [record for record in said.records if record["type"] == "progress"]
    assert (told[0]["done"], told[0]["total"]) == (1.0, 5000.0)
    assert (told[-1]["done"], told[-1]["total"]) == (5000.0, 5000.0)
    assert len(told) < 50


def test_the_last_progress_is_told_even_when_the_log_is_full(pod: Pod) -> None:
    said = pod.run("print(('x' * 999 + '\\n') * 8000)\nself.progress(1, 2)\nself.progress(2, 2)")
    told = [record["done"] for record in said.records if record["type"] == "progress"]
    assert told == [2.0]


def test_an_exception_leaves_its_type_message_and_traceback(pod: Pod) -> None:
    said = pod.run("raise KeyError('vlan')")
    assert said.outcome.reason == "JobFailed"
    assert said.exit_code == 1
    assert said.outcome.error is not None
    assert said.outcome.error["type"] == "KeyError"  # type: ignore[index]
    trace = said.outcome.error["traceback"]  # type: ignore[index]
    assert trace.startswith("Traceback (most recent call last):\n  File ")
    assert 'code_.py", line' in trace.splitlines()[1]


def test_all_input_errors_are_told_before_any_code_of_the_job_runs(pod: Pod) -> None:
    members = (
        "    who = StringVar()\n    count = IntegerVar(min_value=1)\n"
        "    def before_start(self, *args):\n        print('too early')\n"
    )
    said = pod.run("pass", members=members, inputs={"count": 0, "colour": "red"})
    assert said.outcome.reason == "InvalidInputs"
    assert said.error.splitlines() == [
        "colour: Job data contained an unknown property. This job's variables: who, count.",
        "who: This field is required.",
        "count: Ensure this value is greater than or equal to 1.",
    ]
    assert said.logs == []


def test_a_module_that_does_not_import_fails_the_run_with_its_line(pod: Pod) -> None:
    said = pod.run("pass", before="import no_such_module")
    assert said.outcome.reason == "ImportFailed"
    words = "code_.py:3: ModuleNotFoundError: No module named 'no_such_module'. Correct the name,"
    assert said.error.startswith(words)


def test_a_thread_that_outlives_run_is_waited_for(pod: Pod) -> None:
    said = pod.run(
        "def work():\n"
        "    threading.main_thread().join()\n"
        "    print('late')\n"
        "threading.Thread(target=work).start()"
    )
    assert said.logs == [("info", "stdout", "late")]
    assert said.outcome.reason == "Succeeded"


HELLO = """
from nautobot.apps import jobs

name = "Examples"                 # Grouping shown in the UI

class HelloWorldJob(jobs.Job):
    class Meta:
        name = "Hello World"      # Job name

    who = jobs.StringVar(         # One user-supplied variable
        description="Whom should we greet?",
        default="world",
    )

    def run(self, *, who):
        self.logger.info("Hello, %s!", who) # code to execute when the Job is run goes here

jobs.register_jobs(HelloWorldJob) # <- required in Nautobot 2.x
"""


def test_the_first_job_of_nautobots_guide_runs_unchanged(pod: Pod) -> None:
    files = {"hello_world.py": HELLO, "nautobot.py": "raise RuntimeError('stands in front')"}
    runner = pod.start("run", files, class_path="hello_world.HelloWorldJob")
    assert pod.said(runner).logs == [("info", "run", "Hello, world!")]
