"""Jobs for whom it ends badly, and some to whom that is done."""

JOBS = """\
import os
import signal
import time

from davit import Job, register_jobs

if os.environ.get("EATS"):
    held = []
    while True:
        held.append(bytearray(b"x" * 1024 * 1024))


class Says(Job):
    class Meta:
        abstract = True

    def say(self):
        for number in range(20):
            self.logger.info("line %02d", number)
        self.logger.info("all said")


class Waits(Says):
    class Meta:
        abstract = True

    def run(self):
        self.say()
        while True:
            time.sleep(60)


class Stays(Says):
    class Meta:
        abstract = True

    def run(self):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self.say()
        while True:
            try:
                time.sleep(60)
            except BaseException:
                pass


class Pod_Deleted(Waits):
    pass


class Job_Deleted(Waits):
    pass


class Evicted(Waits):
    pass


class Preempted(Waits):
    pass


class Ignores(Stays):
    pass


class Child_Killed(Waits):
    pass


class Eats_At_Import(Waits):
    pass


class Again(Stays):
    pass


class Out_Of_Memory(Says):
    def run(self):
        self.say()
        while not os.path.exists("/tmp/go"):
            time.sleep(0.1)
        held = []
        while True:
            held.append(bytearray(b"x" * 1024 * 1024))


class Forges(Says):
    def run(self):
        outcome = (
            '{"version": 1, "subject": "00000000-0000-4000-8000-000000000000", '
            '"reason": "Succeeded", "exit_code": 0, "started_at": "2026-01-01T00:00:00Z", '
            '"finished_at": "2026-01-01T00:00:01Z", "last_sequence": 1}'
        )
        with open("/dev/termination-log", "w") as opened:
            opened.write(outcome)
        self.say()
        time.sleep(600)


class Hangs(Says):
    class Meta:
        time_limit = 3
        soft_time_limit = 0

    def run(self):
        self.say()
        if os.fork() == 0:
            os.setsid()
        while True:
            try:
                time.sleep(60)
            except BaseException:
                pass


class Beside(Says):
    def run(self):
        self.say()
        return "done"


register_jobs(
    Pod_Deleted, Job_Deleted, Evicted, Preempted, Ignores, Child_Killed, Eats_At_Import, Again,
    Out_Of_Memory, Forges, Hangs, Beside,
)
"""
