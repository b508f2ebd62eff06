"""``kubectl davit logs``: live from the pod, afterwards from objects, each record once."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
from pathlib import Path

from tests.integration.live_node import LiveNode
from tests.integration.place import Place
from tests.integration.plugin import Plugin
from tests.integration.told import a_told_run, allow, lines
from tests.integration.wire import wire

from davit_contract import PartRecord, PartType


def numbers(printed: list[str]) -> list[int]:
    return [int(line.rpartition(" ")[2]) for line in printed if " line " in line]


def test_a_small_log_is_read_from_the_run(place: Place, davit: Plugin) -> None:
    run = a_told_run(place, "ada")
    run.end(log=run.log(*lines(1, 2), *lines(3, 3, "warning")))
    assert davit("logs", "ada") == (
        0,
        "06:30:00 INFO    run: line 1\n"
        "06:30:00 INFO    run: line 2\n"
        "06:30:00 WARNING run: line 3\n",
        "",
    )
    assert davit("logs", "ada", "--level", "warning").out == "06:30:00 WARNING run: line 3\n"
    assert davit("logs", "ada", "--grouping", "other").out == ""
    assert davit("logs", "ada", "--since", "1h").out == ""
    assert numbers(davit("logs", "ada", "--tail", "2").out.splitlines()) == [2, 3]
    raw = json.loads(davit("logs", "ada", "-o", "json", "--tail", "1").out)
    assert raw["type"], raw["sequence"] == ("log", 3)


def test_a_long_log_is_read_from_job_logs(place: Place, davit: Plugin) -> None:
    run = a_told_run(place, "ada")
    run.job_log(0, lines(1, 200))
    run.job_log(1, lines(201, 390), last=400)
    # What the tail repeats is told once.
    run.end(log=run.log(*lines(380, 390), lastSequence=400, chunks=2))
    ended = davit("logs", "ada")
    assert numbers(ended.out.splitlines()) == list(range(1, 391))
    assert ended.err == ""


def test_a_live_log_comes_from_the_pod_through_cuts_and_ends_with_the_run(
    place: Place, davit: Plugin, node: LiveNode
) -> None:
    run = a_told_run(place, "ada")
    run.status("Starting")
    with davit.live("logs", "-f", "ada") as live:
        log = node.take(place, run.pod())
        run.status("Running")
        log.print(*lines(1, 15))
        log.print_raw(b"no record\n" + b"x" * 100_000 + b"\n")
        live.wait_for("line 15")
        log.cut()
        log.print(*lines(16, 25))
        live.wait_for("line 25")
        log.cut()
        log.print(*lines(26, 30))
        # A file's piece is no line, and still the last record.
        piece = PartRecord(
            type=PartType.FILE, sequence=31, time="2026-11-22T06:30:03.5Z", part=1, parts=1, data=""
        )
        log.print(piece)
        live.wait_for("line 30")
        log.end()
        # The end of a stream is not the end of the run.
        assert live.process.poll() is None
        run.end(log=run.log(*lines(1, 30), lastSequence=31))
        assert live.ended() == 0
        assert numbers(live.lines) == list(range(1, 31))
        assert log.streams >= 3


def test_a_log_survives_an_api_server_that_comes_and_goes(
    place: Place, davit: Plugin, node: LiveNode, tmp_path: Path
) -> None:
    run = a_told_run(place, "ada")
    log = node.take(place, run.pod())
    run.status("Running")
    with wire(davit.kubeconfig, tmp_path) as (way, kubeconfig):
        far = Plugin(kubeconfig=kubeconfig, namespace=place.name)
        with far.live("logs", "-f", "ada") as live:
            for begin in range(1, 500, 100):
                log.print(*lines(begin, begin + 99))
                live.wait_for(f"line {begin + 99}")
                way.cut()
                log.print(*lines(begin + 100, begin + 100))
                way.mend()
                live.wait_for(f"line {begin + 100}")
            # What happens while nobody can hear it is found out afterwards.
            way.cut()
            log.print(*lines(501, 520))
            log.end()
            run.end(log=run.log(*lines(519, 520), lastSequence=520, counts={"info": 520}))
            way.mend()
            assert live.ended() == 0
            assert numbers(live.lines) == list(range(1, 521))
            assert all("does not answer" in line for line in live.errors)


def test_who_may_not_watch_a_run_looks_at_it_again_and_again(
    place: Place, davit: Plugin, node: LiveNode
) -> None:
    allow(place, "ann", jobruns="get", pods_log="get")
    run = a_told_run(place, "ada")
    log = node.take(place, run.pod())
    run.status("Starting")
    with davit.acting("ann").live("logs", "-f", "ada") as live:
        log.print(*lines(1, 3))
        live.wait_for("line 3")
        run.end(log=run.log(*lines(1, 3)))
        assert live.ended() == 0
        assert numbers(live.lines) == [1, 2, 3]


def test_what_the_pod_does_not_say_any_more_comes_from_job_logs(
    place: Place, davit: Plugin, node: LiveNode
) -> None:
    run = a_told_run(place, "ada")
    pod = run.pod()
    log = node.take(place, pod)
    run.status("Running")
    log.print(*lines(1, 150))
    with davit.live("logs", "-f", "ada") as live:
        live.wait_for("line 150")
        place.kube.call(
            "DELETE",
            f"/api/v1/namespaces/{place.name}/pods/{pod['metadata']['name']}",
            {"gracePeriodSeconds": 0},
        )
        log.cut()
        for index in range(4):
            run.job_log(index, lines(index * 100 + 1, index * 100 + 100))
        run.end("Failed", log=run.log(*lines(395, 400), chunks=4))
        assert live.ended() == 0
        assert numbers(live.lines) == list(range(1, 401))


def test_the_last_records_of_a_live_log_are_followed_by_what_comes(
    place: Place, davit: Plugin, node: LiveNode
) -> None:
    run = a_told_run(place, "ada")
    log = node.take(place, run.pod())
    run.status("Running")
    log.print(*lines(1, 40))
    with davit.live("logs", "-f", "ada", "--tail", "3") as live:
        live.wait_for("line 40")
        log.print(*lines(41, 42))
        live.wait_for("line 42")
        assert numbers(live.lines) == [38, 39, 40, 41, 42]


def test_who_may_not_read_pods_follows_the_job_logs(
    place: Place, davit: Plugin, node: LiveNode
) -> None:
    allow(place, "ann", jobruns="get list watch", joblogs="get")
    run = a_told_run(place, "ada")
    log = node.take(place, run.pod())
    run.status("Running", log=run.log(*lines(1, 2)))
    log.print(*lines(1, 300))
    with davit.acting("ann").live("logs", "-f", "ada") as live:
        live.wait_for("line 2")
        run.job_log(0, lines(1, 100))
        # The tail goes on somewhere after what was told: the next JobLog will say what is between.
        run.status("Running", log=run.log(*lines(295, 300), chunks=1, counts={"info": 300}))
        live.wait_for("line 100")
        run.job_log(1, lines(101, 299))
        run.status("Running", log=run.log(*lines(295, 300), chunks=2, counts={"info": 300}))
        live.wait_for("line 300")
        run.end(log=run.log(*lines(295, 300), chunks=2, counts={"info": 300}))
        assert live.ended() == 0
        assert numbers(live.lines) == list(range(1, 301))
        [note] = live.errors
        assert note.startswith(f"note: You may not read pods/log in namespace {place.name}")


def test_who_may_read_pods_only_needs_no_job_logs_while_the_pod_is_there(
    place: Place, davit: Plugin, node: LiveNode
) -> None:
    allow(place, "ann", jobruns="get", pods_log="get")
    run = a_told_run(place, "ada")
    log = node.take(place, run.pod())
    log.print(*lines(1, 300))
    log.end()
    run.job_log(0, lines(1, 300))
    run.end(log=run.log(*lines(295, 300), chunks=1))
    ended = davit.acting("ann")("logs", "ada")
    assert numbers(ended.out.splitlines()) == list(range(1, 301))
    assert "You may not read joblogs" in ended.err


def test_who_may_read_neither_gets_the_end_and_is_told_so(place: Place, davit: Plugin) -> None:
    allow(place, "ann", jobruns="get")
    run = a_told_run(place, "ada")
    run.pod()
    run.job_log(0, lines(1, 300))
    run.end(log=run.log(*lines(295, 300), chunks=1))
    ended = davit.acting("ann")("logs", "ada")
    assert numbers(ended.out.splitlines()) == list(range(295, 301))
    assert "You may not read joblogs" in ended.err
    assert "You may not read pods/log" in ended.err


def test_pieces_that_were_removed_are_spoken_of(place: Place, davit: Plugin) -> None:
    run = a_told_run(place, "ada")
    run.job_log(1, lines(101, 200))
    run.end(log=run.log(*lines(195, 200), chunks=2))
    ended = davit("logs", "ada")
    assert numbers(ended.out.splitlines()) == list(range(101, 201))
    assert ended.err.startswith("note: Older pieces of the log were removed")


def test_ctrl_c_leaves_the_run_alone_and_says_how_to_cancel_it(
    place: Place, davit: Plugin, node: LiveNode
) -> None:
    run = a_told_run(place, "ada")
    node.take(place, run.pod()).print(*lines(1, 1))
    run.status("Running")
    with davit.live("logs", "-f", "ada") as live:
        live.wait_for("line 1")
        live.process.send_signal(signal.SIGINT)
        assert live.ended() == 130
        goes_on = f"ada goes on. To cancel it: kubectl davit cancel ada -n {place.name}"
        assert live.errors == [goes_on]
    assert not place.get("JobRun", "ada")["spec"].get("cancel")


def test_a_reader_that_leaves_ends_the_command_in_silence(
    place: Place, davit: Plugin, node: LiveNode
) -> None:
    run = a_told_run(place, "ada")
    log = node.take(place, run.pod())
    log.print(*lines(1, 1))
    run.status("Running")
    with davit.live("logs", "-f", "ada") as live:
        live.wait_for("line 1")
        live.stop_reading()
        for number in range(2, 1000):
            log.print(*lines(number, number))
            with contextlib.suppress(subprocess.TimeoutExpired):
                assert live.process.wait(0.05) == -signal.SIGPIPE
                break
        assert live.errors == []
