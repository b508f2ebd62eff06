"""Nothing that a job does to its own process keeps the run from its true end and its log."""

from __future__ import annotations

import pytest
from tests.runner.pods import Pod, Said

# With what a container's limits leave to a run, this is little.
MOST_MEBIBYTES = 50
SAID_FIRST = "print('printed')\nself.logger.info('logged')\n"
FIRST_LOGS = [("info", "stdout", "printed"), ("info", "run", "logged")]


def run(pod: Pod, body: str, *, before: str = "", members: str = "") -> Said:
    """Run ``body`` after two lines of log, and check what holds whatever it does."""
    said = pod.run(SAID_FIRST + body, before=before, members=members)
    assert [log for log in said.logs if log in FIRST_LOGS] == FIRST_LOGS
    assert said.peak_mebibytes < MOST_MEBIBYTES
    return said


@pytest.mark.parametrize(
    ("death", "exit_code", "words"),
    [
        ("import ctypes\nctypes.string_at(0)", 139, "signal 11 (SIGSEGV)"),
        ("os._exit(3)", 3, "exited with code 3"),
        ("os._exit(0)", 0, "exited with code 0"),
        ("os.kill(os.getpid(), signal.SIGKILL)", 137, "signal 9 (SIGKILL)"),
        ("os.killpg(0, signal.SIGKILL)", 137, "signal 9 (SIGKILL)"),
        ("os.abort()", 134, "signal 6 (SIGABRT)"),
        ("os.execv('/bin/sh', ['sh', '-c', 'exit 4'])", 4, "exited with code 4"),
        (
            "import faulthandler as f\nf.dump_traceback_later(0.01, exit=True)\ntime.sleep(9)",
            1,
            "exited with code 1",
        ),
        ("import atexit\natexit.register(os._exit, 5)", 5, "exited with code 5 after the job"),
        ("signal.signal(signal.SIGALRM, signal.SIG_DFL)\nsignal.setitimer(0, 0.01)\ntime.sleep(9)",
         142, "signal 14 (SIGALRM)"),
    ],
    ids=[
        "a segmentation fault", "os._exit(3)", "os._exit(0)", "kill -9", "kill -9 of its group",
        "an abort", "another program instead", "faulthandler's exit", "an exit handler's exit",
        "an alarm",
    ],
)  # fmt: skip
def test_a_process_that_dies_is_a_crash_with_its_cause(
    pod: Pod, death: str, exit_code: int, words: str
) -> None:
    said = run(pod, death)
    assert said.outcome.reason == "JobCrashed"
    assert words in said.error
    assert said.outcome.exit_code == exit_code
    assert said.exit_code != 0


@pytest.mark.parametrize(
    "deed",
    [
        "for fd in range(10):\n    try: os.close(fd)\n    except OSError: pass",
        "os.closerange(3, 65536)",
        "os.closerange(0, 65536)",
        "os.dup2(os.open(os.devnull, os.O_WRONLY), 1)",
        "sys.stdout = sys.stderr = None",
        "import io\nsys.stdout = io.StringIO()\nprint('unheard')",
        "sys.stdout.close()",
        "import logging\nlogging.shutdown()",
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))",
        "for number in {*range(1, 32)} - {9, 19}: signal.signal(number, signal.SIG_IGN)",
        "import tempfile\nos.chdir(tempfile.mkdtemp())\nos.rmdir(os.getcwd())",
        "import shutil\nshutil.rmtree(os.path.dirname(__file__))",
        "os.environ.clear()\nsys.path.clear()\nsys.modules.clear()",
        "threading.Thread(target=sys.exit).start()",
        "sys.settrace(lambda *_: None)\nsys.setprofile(lambda *_: None)",
        "import gc\ngc.disable()\ngc.freeze()\nsys.setrecursionlimit(60)",
        "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))",
        "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))",
        "os.umask(0o777)\nos.nice(5)",
        "if os.fork() == 0: time.sleep(60)",
        "if os.fork() == 0:\n  os.setsid()\n  if os.fork() == 0: time.sleep(60)\n  os._exit(0)",
        "if os.fork() == 0: return 'from the fork'\nos.wait()",
        "if os.fork() == 0: raise ValueError('in the fork')\nos.wait()",
    ],
    ids=[
        "closing 0 to 9", "closing all from 3 on", "closing all", "redirecting 1",
        "no sys.stdout", "another sys.stdout", "a closed sys.stdout", "logging.shutdown",
        "blocking all signals", "ignoring all signals", "deleting its working folder",
        "deleting its code", "clearing what Python needs", "sys.exit in a thread",
        "a trace function", "a small stack", "no more files", "no more bytes in files",
        "masks and niceness", "a fork that outlives it", "a daemon", "a fork that returns",
        "a fork that raises",
    ],
)  # fmt: skip
def test_what_a_job_does_to_its_process_leaves_its_result(pod: Pod, deed: str) -> None:
    said = run(pod, f"{deed}\nreturn 'the result'")
    assert said.outcome.reason == "Succeeded"
    assert said.documents("result") == ["the result"]


@pytest.mark.parametrize(
    ("deed", "level", "message"),
    [
        ("os.closerange(3, 65536)", "info", "still heard"),
        ("os.closerange(0, 65536)", "info", "still heard"),
        ("os.fork()", "info", "still heard"),
        ("os.close(1)", "info", "still heard"),
        ("import logging\nlogging.getLogger().handlers.clear()", "warning", "lost"),
        ("import logging\nlogging.basicConfig(force=True)", "warning", "INFO:code_:still heard"),
    ],
    ids=["closing from 3 on", "closing all", "a fork", "closing 1", "no handlers", "a new format"],
)
def test_a_line_that_follows_is_heard(pod: Pod, deed: str, level: str, message: str) -> None:
    said = run(pod, f"{deed}\nself.logger.info('still heard')\nself.logger.warning('lost')")
    assert (level, message) in [(level, message) for level, _, message in said.logs]


@pytest.mark.parametrize(
    ("raised", "error_type", "words"),
    [
        ("raise Unspeakable", "Unspeakable", "<its __str__ raised ZeroDivisionError>"),
        ("raise Leaving", "Leaving", "<its __str__ raised SystemExit>"),
        ("raise KeyError(Endless())", "KeyError", "<its __str__ raised RecursionError>"),
        ("def f(): f()\nf()", "RecursionError", "maximum recursion depth exceeded"),
        ("raise ValueError('x' * 20_000_000)", "ValueError", "xxxxxxxx"),
        ("raise ValueError('x\\n' * 300_000)", "ValueError", "x\nx\n"),
        ("raise ValueError('\\ud800\\x00')", "ValueError", "\\ud800\x00"),
        ("raise type('X' * 9000, (Exception,), {})('m')", "X" * 200, "m"),
        ("raise BaseException('odd')", "BaseException", "odd"),
        ("raise GeneratorExit('odd')", "GeneratorExit", "odd"),
        ("raise ExceptionGroup('many', [ValueError(1)] * 3)", "ExceptionGroup", "many"),
        ("e = ValueError('cycle')\ne.__cause__ = e\nraise e", "ValueError", "cycle"),
        ("raise MemoryError('all of it')", "MemoryError", "all of it"),
        ("input()", "EOFError", "EOF when reading a line"),
        (
            "import resource\nresource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))\n'x' * 2**31",
            "MemoryError",
            "",
        ),
    ],
    ids=[
        "__str__ raises", "__str__ exits", "repr without an end", "a deep recursion",
        "a huge message", "a huge message of lines", "odd characters", "a long name",
        "a BaseException", "a GeneratorExit", "a group", "its own cause", "no memory",
        "reading from nowhere", "a limit of memory",
    ],
)  # fmt: skip
def test_what_a_job_raises_is_its_error(pod: Pod, raised: str, error_type: str, words: str) -> None:
    before = (
        "class Unspeakable(Exception):\n    def __str__(self): return 1 / 0\n"
        "class Leaving(Exception):\n    def __str__(self): sys.exit(3)\n"
        "class Endless:\n    def __repr__(self): return repr(self)\n"
    )
    said = run(pod, raised, before=before)
    assert said.outcome.reason == "JobFailed"
    assert said.outcome.error is not None
    assert said.outcome.error["type"] == error_type  # type: ignore[index]
    assert words in said.error


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("object()", "object is not JSON serializable"),
        ("float('nan')", "Out of range float values are not JSON compliant"),
        ("{b'key': 1}", "keys must be str, int, float, bool or None, not bytes"),
        ("(x for x in ())", "generator is not JSON serializable"),
        ("own", "Circular reference detected"),
        ("deep", "maximum recursion depth exceeded"),
        ("10 ** 5000", "Exceeds the limit (4300 digits) for integer string conversion"),
    ],
    ids=["an object", "not a number", "keys of bytes", "a generator", "itself", "deep", "digits"],
)
def test_a_result_that_is_no_json_fails_the_job(pod: Pod, value: str, words: str) -> None:
    before = "own = []\nown.append(own)\ndeep = []\nfor _ in range(99_999): deep = [deep]\n"
    said = run(pod, f"return {value}", before=before)
    assert said.outcome.reason == "JobFailed"
    assert words in said.error


@pytest.mark.parametrize(
    ("value", "size"),
    [("'x' * (100 * 2**20)", "104,857,602"), ("'\\U0001f600' * 700_000", "700,002")],
    ids=["100 MiB", "few characters of many bytes"],
)
def test_a_result_that_is_too_large_is_left_out_and_told(pod: Pod, value: str, size: str) -> None:
    said = run(pod, f"return {value}")
    assert said.outcome.reason == "Succeeded"
    assert said.documents("result") == []
    [message] = [message for level, _, message in said.logs if level == "warning"]
    assert message == f"A result of {size} characters was too large to keep."
    assert said.outcome.dropped_result


def test_a_result_of_all_the_room_there_is_is_kept(pod: Pod) -> None:
    said = run(pod, "return ['\\U0001f600\"' * 100] * 2700")
    assert said.documents("result") == [['\U0001f600"' * 100] * 2700]
    assert not said.outcome.dropped_result


@pytest.mark.parametrize(
    "flood",
    [
        "for _ in range(256): os.write(1, b'x' * 65536)",
        "for _ in range(16): print('x' * 2**20, end='')",
        "for _ in range(8): print('x' * 2**20, end='', file=sys.stderr)",
        "for _ in range(99): os.write(1, b'y\\n' * 32768)",
        "for _ in range(4): self.logger.info('\\U0001f600' * 2**20)",
    ],
    ids=["written", "printed", "printed as an error", "short lines", "long messages"],
)
def test_a_flood_without_an_end_is_cut_off_and_the_rest_counted(pod: Pod, flood: str) -> None:
    said = run(pod, f"{flood}\nreturn 'done'")
    assert said.documents("result") == ["done"]
    [_, message] = [message for _, grouping, message in said.logs if grouping == "runner"]
    assert " records were dropped: " in message
    assert sum(len(str(record)) for record in said.records) < 7 * 2**20


@pytest.mark.parametrize(
    ("deed", "message"),
    [
        ("self.logger.info('%s %s', 'one')", "%s %s [not formatted"),
        ("self.logger.info('%s', Unspeakable())", "%s [not formatted"),
        ("self.logger.log(33, 'a level of its own')", "a level of its own"),
        ("self.logger.info('\\ud800 \\x00 \\x1e \\r')", "\\ud800 \x00 \x1e \r"),
        ("os.write(1, b'\\xff\\x00\\x1edavit-\\n')", "\ufffd\x00\x1edavit-"),
        ("print('a\\rb\\r')", "a\rb"),
        ("threading.Thread(target=lambda: 1 / 0).start()", "ZeroDivisionError: division by zero"),
        ("import warnings\nwarnings.warn('be warned')", "UserWarning: be warned"),
    ],
    ids=[
        "too few arguments", "an argument that fails", "an unknown level", "odd characters",
        "odd bytes", "returns", "an error in a thread", "a warning",
    ],
)  # fmt: skip
def test_odd_lines_are_lines(pod: Pod, deed: str, message: str) -> None:
    before = "class Unspeakable:\n    def __str__(self): return 1 / 0\n"
    said = run(pod, deed, before=before)
    assert said.outcome.reason == "Succeeded"
    assert any(message in found for _, _, found in said.logs)


def test_many_threads_and_forks_never_garble_one_another(pod: Pod) -> None:
    said = run(
        pod,
        "def work(name):\n"
        "    for number in range(50): self.logger.info('%s %s %s', name, number, 'x' * 5000)\n"
        "pids = []\n"
        "for fork in range(3):\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        work(f'fork {fork}')\n"
        "        os._exit(0)\n"
        "    pids.append(pid)\n"
        "threads = [threading.Thread(target=work, args=(f'thread {n}',)) for n in range(3)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
        "for pid in pids: os.waitpid(pid, 0)",
    )
    names = [f"{kind} {n}" for kind in ("fork", "thread") for n in range(3)]
    expected = {f"{name} {number} {'x' * 5000}" for name in names for number in range(50)}
    assert {message for _, _, message in said.logs} - {"printed", "logged"} == expected


def test_a_job_that_ends_its_supervisor_is_cancelled(pod: Pod) -> None:
    said = run(pod, "os.kill(os.getppid(), signal.SIGTERM)\nsignal.pause()")
    assert said.outcome.reason == "Cancelled"


def test_a_job_that_stops_itself_meets_its_hard_limit(pod: Pod) -> None:
    said = pod.run("print('before')\nos.kill(0, signal.SIGSTOP)", time_limit_seconds=0.3)
    assert said.outcome.reason == "TimeLimitExceeded"
    assert said.logs == [("info", "stdout", "before")]
