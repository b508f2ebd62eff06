"""``kubectl davit`` against a real API server: each verb, and what it answers."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.cluster.binaries import binaries
from tests.cluster.controlplane import ControlPlane
from tests.gitserver.forward_proxy import forward_proxy
from tests.integration.kube import Kube, eventually
from tests.integration.live_node import LiveNode, running_live_node
from tests.integration.place import Place
from tests.integration.plugin import Ended, Plugin
from tests.integration.rights import POLICIES, installed
from tests.integration.running import OperatorThread
from tests.integration.told import a_told_run, allow, lines

VARIABLES: list[dict[str, Any]] = [
    {"name": "who", "type": "StringVar", "required": True, "description": "Whom to greet."},
    {"name": "count", "type": "IntegerVar", "default": 1, "min": 1, "max": 9, "label": "How often"},
    {"name": "loud", "type": "BooleanVar", "required": False},
    {"name": "about", "type": "JSONVar", "required": False},
    {
        "name": "where",
        "type": "MultiChoiceVar",
        "required": False,
        "choices": [{"value": "ams", "label": "Amsterdam"}, {"value": "ber"}],
    },
    {"name": "password", "type": "StringVar", "required": False, "sensitive": True},
]
AGE = re.compile(r"\b\d+[smh](\d+s)?\b")


@pytest.fixture
def davit(place: Place, no_operator: OperatorThread) -> Plugin:
    del no_operator
    place.installed(repository="netops")
    place.discover("hello", variables=VARIABLES, effective={"name": "Hello", "grouping": "Demo"})
    return Plugin(kubeconfig=place.kube.kubeconfig, namespace=place.name)


@pytest.fixture(scope="module")
def node(plane: ControlPlane, kube: Kube) -> Iterator[LiveNode]:
    with running_live_node(plane, kube) as running:
        yield running


# --- list


@pytest.mark.parametrize("form", [[], ["-o", "wide"]], ids=["narrow", "wide"])
@pytest.mark.parametrize(
    ("kind", "plural"),
    [("definitions", "jobdefinitions"), ("runs", "jobruns"), ("repositories", "jobrepositories")],
)
def test_list_shows_what_kubectl_get_shows(
    place: Place, davit: Plugin, kind: str, plural: str, form: list[str]
) -> None:
    a_told_run(place, "ada", who="Ada").end()
    kubectl = [str(binaries() / "kubectl"), "--kubeconfig", str(davit.kubeconfig), "-n", place.name]
    got = subprocess.run(
        [*kubectl, "get", plural, *form], capture_output=True, text=True, check=True
    ).stdout
    assert alike(davit("list", kind, *form).out) == alike(got)


def alike(table: str) -> list[str]:
    # Ages differ, and with them the width of their column.
    return [re.sub(r" {3,}", "   ", AGE.sub("AGE", line)).rstrip() for line in table.splitlines()]


def test_list_leaves_out_what_is_hidden_and_says_where_there_is_nothing(
    place: Place, davit: Plugin
) -> None:
    place.discover("hello", effective={"name": "Hello", "hidden": True})
    nothing = davit("list")
    assert (nothing.code, nothing.out) == (0, "")
    assert nothing.err == f"No definitions found in {place.name} namespace.\n"
    assert "hello" in davit("list", "definitions", "--hidden").out
    assert davit("list", "--hidden", "-o", "name").out == "jobdefinition.davit.dev/hello\n"


def test_list_chooses_among_runs(place: Place, davit: Plugin) -> None:
    a_told_run(place, "ada").end()
    a_told_run(place, "bob").end("Failed")
    assert davit("list", "runs", "--phase", "Failed", "-o", "name").out == (
        "jobrun.davit.dev/bob\n"
    )
    found = yaml.safe_load(davit("list", "runs", "--definition", "hello", "-o", "yaml").out)
    assert [item["metadata"]["name"] for item in found["items"]] == ["ada", "bob"]


# --- run


def test_run_reads_each_value_as_its_variable_says(place: Place, davit: Plugin) -> None:
    ended = davit(
        "run", "hello", "--name", "ada", "-i", "who= @Ada=1 ", "-i", "count=7", "-i", "loud=yes",
        "-i", 'about={"a": [1]}', "-i", "where=ams,ber",
        "--input-from", "password=secret/login/key",
    )  # fmt: skip
    assert ended == (0, "jobrun.davit.dev/ada created\n", "")
    spec = place.get("JobRun", "ada")["spec"]
    assert spec["inputs"] == {
        "who": " @Ada=1 ",
        "count": 7,
        "loud": True,
        "about": {"a": [1]},
        "where": ["ams", "ber"],
    }
    reference = {"name": "login", "key": "key"}
    assert spec["inputsFrom"] == [{"variable": "password", "secretKeyRef": reference}]


def test_run_names_a_run_after_its_definition(place: Place, davit: Plugin) -> None:
    made = json.loads(davit("run", "hello", "-i", "who=Ada", "-o", "json").out)
    assert made["metadata"]["name"].startswith("hello-")
    assert place.find("JobRun", made["metadata"]["name"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "The job needs who: give -i who=VALUE."),
        (["-i", "who=Ada", "-i", "count=x"], '"count" must be a whole number, not "x".'),
        (["-i", "who=Ada", "-i", "whom=x"], 'The job has no variable "whom". Its variables: who,'),
        (["-i", "password=x"], '"password" is a secret, and whoever may list runs reads'),
        (["-i", "who=Ada", "--ask"], "--ask needs a terminal."),
        (["-i", "who=Ada", "--name", "No!"], "The run was refused: JobRun.davit.dev"),
    ],
    ids=["missing", "no number", "unknown", "a secret", "no terminal", "no name"],
)
def test_run_refuses_what_cannot_be(
    place: Place, davit: Plugin, arguments: list[str], sentence: str
) -> None:
    ended = davit("run", "hello", *arguments)
    assert ended.code == 2
    assert ended.err.startswith(f"kubectl davit: {sentence}")
    assert place.all("JobRun") == []


def test_run_says_who_may_help_where_a_definition_may_not_be_run(davit: Plugin) -> None:
    davit("disable", "hello")
    ended = davit("run", "hello", "-i", "who=Ada")
    assert ended.code == 2
    assert ended.err == (
        "kubectl davit: hello is not enabled. An admin lets it be run with "
        "`kubectl davit enable hello`.\n"
    )
    ended = davit("run", "nobody")
    assert (ended.code, "There is no JobDefinition" in ended.err) == (1, True)


@pytest.mark.parametrize(
    ("phase", "reason", "code"),
    [
        ("Succeeded", "Succeeded", 0),
        ("Failed", "JobFailed", 1),
        ("Failed", "InvalidInputs", 2),
        ("Rejected", "Disabled", 2),
        ("Cancelled", "Cancelled", 3),
    ],
)
@pytest.mark.parametrize("option", ["--wait", "--follow"])
def test_the_exit_code_is_the_runs_outcome(
    place: Place, davit: Plugin, option: str, phase: str, reason: str, code: int
) -> None:
    name = f"ada-{reason.lower()}"
    error = {} if code == 0 else {"error": {"message": "It is so.", "reason": reason}}
    with davit.live("run", "hello", "-i", "who=Ada", "--name", name, option) as live:
        live.wait_for("created")
        uid = place.get("JobRun", name)["metadata"]["uid"]
        run = a_told(place, name, uid)
        run.end(phase, reason=reason, result={"a": 1}, **error)
        assert live.ended() == code
        assert live.lines[1:] == ['Result: {"a": 1}', f"{reason} after 2.50 s: nothing logged"]
        assert live.errors == ([] if code == 0 else ["It is so."])


def a_told(place: Place, name: str, uid: str) -> Any:
    from tests.integration.told import ToldRun

    return ToldRun(place=place, name=name, uid=uid)


def test_waiting_prints_the_run_as_json_when_asked(place: Place, davit: Plugin) -> None:
    arguments = ["-i", "who=Ada", "--name", "ada", "--wait", "-o", "json"]
    with davit.live("run", "hello", *arguments) as live:
        live.wait_for("created")
        a_told(place, "ada", place.get("JobRun", "ada")["metadata"]["uid"]).end(result=42)
        assert live.ended() == 0
        assert json.loads("\n".join(live.lines))["status"]["result"] == 42


def test_a_run_that_is_deleted_ends_the_wait(place: Place, davit: Plugin) -> None:
    with davit.live("run", "hello", "-i", "who=Ada", "--name", "ada", "--wait") as live:
        live.wait_for("created")
        place.delete("JobRun", "ada")
        assert live.ended() == 1
        assert live.errors == ['kubectl davit: JobRun "ada" was deleted.']


def test_ctrl_c_while_waiting_says_that_the_run_goes_on(place: Place, davit: Plugin) -> None:
    with davit.live("run", "hello", "-i", "who=Ada", "--name", "ada", "--wait") as live:
        live.wait_for("created")
        live.process.send_signal(signal.SIGINT)
        assert live.ended() == 130
        assert live.errors == [
            f"ada goes on. To cancel it: kubectl davit cancel ada -n {place.name}"
        ]


def test_a_real_operator_s_run_is_followed_to_its_end(
    place: Place, davit: Plugin, node: LiveNode, operators: OperatorThread
) -> None:
    operators.start()
    with davit.live("run", "hello", "-i", "who=Ada", "--name", "ada", "--follow") as live:
        live.wait_for("created")
        log = node.take(place, place.pod_of("ada"))
        log.print(*lines(1, 20))
        place.start("ada")
        live.wait_for("line 20")
        log.print(*lines(21, 25))
        log.end()
        place.finish("ada", last_sequence=25)
        assert live.ended() == 0
        assert [line for line in live.lines if " line " in line] == [
            f"06:30:{number // 10:02d} INFO    run: line {number}" for number in range(1, 26)
        ]
        assert live.lines[-1].startswith("Succeeded after 1.25 s: 25 info")


def test_what_an_admission_policy_says_is_passed_on(
    kube: Kube, place: Place, davit: Plugin
) -> None:
    allow(place, "ann", jobruns="create", jobdefinitions="get")
    arguments = ["-i", "who=Ada", "--input-from", "password=secret/login/key"]

    def refused() -> Ended | None:
        ended = davit.acting("ann")("run", "hello", *arguments)
        return ended if ended.code else None

    with installed(kube, POLICIES):
        ended = eventually(refused, "the policy is in force")
    assert (ended.code, ended.out) == (2, "")
    sentence = f"You (ann) may not get Secret login in namespace {place.name}"
    assert ended.err.startswith(f"kubectl davit: The run was refused: {sentence}")


# --- prompts


def test_run_asks_for_what_is_missing_and_for_nothing_else(place: Place, davit: Plugin) -> None:
    terminal = davit.terminal("run", "hello", "-n", place.name, "--name", "ada")
    terminal.wait_for("who: ")
    terminal.press("\n")
    terminal.wait_for("A value is needed.")
    terminal.press("Ada\n")
    assert terminal.ended() == 0
    assert "count" not in terminal.said
    assert terminal.screen[:2] == ["who", "  Whom to greet."]
    assert place.get("JobRun", "ada")["spec"]["inputs"] == {"who": "Ada"}
    terminal.close()


def test_run_asks_for_everything_on_request_but_never_for_secrets(
    place: Place, davit: Plugin
) -> None:
    terminal = davit.terminal("run", "hello", "-n", place.name, "--name", "ada", "--ask")
    answers = (
        ("who: ", "Ada"),
        ("count [1]: ", "12"),
        ("It must be at most 9.", "3"),
        ("loud: ", ""),
        ("about: ", "[1"),
        ('"about" must be JSON', '{"a": 1}'),
        ("where: ", "ber, ams"),
    )
    for prompt, answer in answers:
        terminal.wait_for(prompt)
        terminal.press(f"{answer}\n")
    assert terminal.ended() == 0
    assert "password" not in terminal.said
    assert "How often (count)" in terminal.said
    assert "a whole number, 1 to 9" in terminal.said
    assert "some of: ams (Amsterdam), ber" in terminal.said
    spec = place.get("JobRun", "ada")["spec"]
    assert spec["inputs"] == {"who": "Ada", "count": 3, "about": {"a": 1}, "where": ["ber", "ams"]}
    terminal.close()


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        ({"type": "StringVar", "sensitive": True}, '"key" is missing. It is a secret, which is'),
        ({"type": "FileVar"}, '"key" is missing. It is a file: put it into a Secret or ConfigMap'),
    ],
    ids=["secret", "file"],
)
def test_what_may_not_be_typed_is_not_asked_for(
    place: Place, davit: Plugin, variable: dict[str, Any], sentence: str
) -> None:
    place.discover("hello", variables=[{"name": "key", **variable}])
    terminal = davit.terminal("run", "hello", "-n", place.name)
    assert terminal.ended() == 2
    assert sentence in terminal.said
    assert "--input-from key=secret/OBJECT/KEY" in terminal.said
    terminal.close()


# --- describe, cancel, enable, disable


def test_describe_shows_a_definition_s_variables_with_their_rules(davit: Plugin) -> None:
    shown = davit("describe", "hello").out
    assert "Job:          Hello\n" in shown
    assert "  who (StringVar)\n      Whom to greet.\n" in shown
    assert "  count How often (IntegerVar, default 1)\n      a whole number, 1 to 9\n" in shown
    assert "  password (StringVar, secret, optional)\n" in shown


def test_describe_shows_why_a_run_failed_and_never_what_a_secret_holds(
    place: Place, davit: Plugin
) -> None:
    place.create("Secret", "login", stringData={"key": "canary-7f3a"})
    davit(
        "run",
        "hello",
        "--name",
        "ada",
        "-i",
        "who=Ada",
        "--input-from",
        "password=secret/login/key",
    )
    run = a_told(place, "ada", place.get("JobRun", "ada")["metadata"]["uid"])
    run.end(
        "Failed",
        reason="OutOfMemory",
        message="It was killed.",
        error={"message": "It was killed.", "reason": "OutOfMemory", "remedy": "Raise the limit."},
        log=run.log(*lines(1, 3), droppedRecords=4),
    )
    shown = davit("describe", "run/ada").out
    for line in (
        "Phase:        Failed (OutOfMemory)",
        "Cause:        It was killed.",
        "Remedy:       Raise the limit.",
        '  who = "Ada"',
        "  password from key key of Secret login",
        "Log:          3 info, 4 records dropped: the log's budget was used up",
    ):
        assert f"{line}\n" in shown, shown
    assert "canary" not in shown


def test_describe_asks_which_one_where_two_bear_a_name(place: Place, davit: Plugin) -> None:
    a_told_run(place, "hello")
    ended = davit("describe", "hello")
    assert (ended.code, "write definition/hello or run/hello" in ended.err) == (2, True)
    assert "Kind:" in davit("describe", "jobrepository.davit.dev/netops").out
    assert davit("describe", "nobody").code == 1


def test_enable_and_disable_say_whether_something_changed(place: Place, davit: Plugin) -> None:
    said = "jobdefinition.davit.dev/hello"
    assert davit("enable", "hello").out == f"{said} enabled (unchanged)\n"
    assert davit("disable", "hello").out == f"{said} disabled\n"
    assert place.get("JobDefinition", "hello")["spec"]["enabled"] is False
    ended = davit("enable", "nobody", "hello")
    assert (ended.code, ended.out) == (1, f"{said} enabled\n")
    assert ended.err.startswith("nobody: There is no JobDefinition")


def test_cancel_asks_for_the_end_of_a_run_that_lives(place: Place, davit: Plugin) -> None:
    a_told_run(place, "ada").status("Starting")
    assert davit("cancel", "ada").out == "jobrun.davit.dev/ada cancel requested\n"
    assert place.get("JobRun", "ada")["spec"]["cancel"] is True
    a_told_run(place, "bob").end()
    ended = davit("cancel", "bob")
    assert ended.code == 1
    assert ended.err == (
        "kubectl davit: bob has ended already: Succeeded. There is nothing to cancel.\n"
    )


# --- files, result


def test_files_are_joined_from_their_parts_and_checked(
    place: Place, davit: Plugin, tmp_path: Path
) -> None:
    run = a_told_run(place, "ada")
    content = bytes(range(256)) * 40
    good = run.file(0, "report.bin", content[:5000], content[5000:])
    bad = run.file(1, "bad.txt", b"hello", digest="sha256:" + "0" * 64)
    run.end(files=[good, bad])
    assert davit("files", "ada").out == (
        "NUMBER   NAME         SIZE\n1        report.bin   10240\n2        bad.txt      5\n"
    )
    path = tmp_path / "here.bin"
    assert davit("files", "ada", "report.bin", "-o", str(path)).code == 0
    assert path.read_bytes() == content
    ended = davit("files", "ada", "bad.txt", "-o", str(tmp_path / "bad"))
    assert (ended.code, "is damaged: its digest is" in ended.err) == (1, True)
    assert not (tmp_path / "bad").exists()
    ended = davit("files", "ada", "none.txt")
    assert (ended.code, "Its files: report.bin, bad.txt." in ended.err) == (2, True)


def test_who_may_not_read_files_is_told_so(place: Place, davit: Plugin) -> None:
    allow(place, "ann", jobruns="get")
    run = a_told_run(place, "ada")
    run.end(files=[run.file(0, "a.txt", b"hello")])
    ended = davit.acting("ann")("files", "ada", "a.txt", "-o", "-")
    assert ended.code == 1
    assert f"You may not read jobfiles in namespace {place.name}." in ended.err
    assert davit("files", "ada", "a.txt", "-o", "-").out == "hello"


def test_result_is_json_and_a_failed_run_has_none(place: Place, davit: Plugin) -> None:
    a_told_run(place, "ada").end(result="Greeted Ada.")
    assert davit("result", "ada") == (0, '"Greeted Ada."\n', "")
    error = {"message": "No.", "reason": "JobFailed", "remedy": "Mend it."}
    a_told_run(place, "bob").end("Failed", reason="JobFailed", error=error)
    ended = davit("result", "bob")
    assert ended.code == 1
    assert ended.err == ("kubectl davit: bob returned nothing: Failed (JobFailed). No. Mend it.\n")


def test_a_large_result_is_read_from_its_file(place: Place, davit: Plugin) -> None:
    run = a_told_run(place, "ada")
    other = run.file(0, "result.json", b'"of the job itself"')
    result = {**run.file(1, "result.json", json.dumps(["x" * 50_000]).encode()), "kind": "Result"}
    run.end(resultTruncated=True, files=[other, result])
    assert json.loads(davit("result", "ada").out) == ["x" * 50_000]
    ended = davit("files", "ada", "result.json", "-o", "-")
    assert (ended.code, "has 2 files" in ended.err) == (2, True)
    assert davit("files", "ada", "--number", "1", "-o", "-").out == '"of the job itself"'


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"removed": True}, "was removed, to make room in the namespace's storage"),
        (
            {"persistentVolumeClaim": {"claimName": "big", "path": "ada/a.bin"}},
            "It is ada/a.bin on the PersistentVolumeClaim big",
        ),
    ],
    ids=["removed", "on a claim"],
)
def test_a_file_that_stands_elsewhere_is_said_to(
    place: Place, davit: Plugin, more: dict[str, Any], sentence: str
) -> None:
    file = {"name": "a.bin", "sizeBytes": 9, "digest": f"sha256:{'0' * 64}", **more}
    a_told_run(place, "ada").end(files=[file])
    ended = davit("files", "ada", "a.bin")
    assert (ended.code, sentence in ended.err) == (1, True)


# --- completion


def test_completion_offers_what_the_cluster_has(place: Place, davit: Plugin) -> None:
    a_told_run(place, "ada").end()
    offers = {
        ("run", ""): "hello\tHello\n:4\n",
        ("run", "hello", "-i", ""): ("who=\tWhom to greet.\ncount=\nloud=\nabout=\nwhere=\n:6\n"),
        ("run", "hello", "-i", "where=a"): "where=ams\tAmsterdam\n:4\n",
        ("run", "hello", "-i", "loud="): "loud=true\nloud=false\n:4\n",
        ("run", "hello", "--input-from", "password=s"): "password=secret/\n:6\n",
        ("logs", "a"): "ada\tSucceeded\n:4\n",
        ("run", "nobody", "-i", ""): ":4\n",
    }
    for words, printed in offers.items():
        assert davit.completes(*words) == printed


# --- the cluster


def test_a_forbidden_call_is_a_sentence(davit: Plugin) -> None:
    ended = davit.acting("eve")("list", "runs")
    assert ended.code == 1
    assert 'User "eve" cannot list resource "jobruns"' in ended.err


def test_a_cluster_without_davit_is_said_to_be_one(
    tmp_path: Path, davit: Plugin, kube: Kube
) -> None:
    # The server's own answer to a group that it does not know.
    config = yaml.safe_load(kube.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] += "/apis/nowhere"
    (tmp_path / "config").write_text(yaml.safe_dump(config))
    without = Plugin(kubeconfig=tmp_path / "config", namespace=davit.namespace)
    for verb in ("list", "logs", "describe"):
        ended = without(verb, *(["ada"] if verb != "list" else []))
        assert ended.code == 1
        assert ended.err.startswith("kubectl davit: This cluster has no davit: install it")


def test_a_server_is_reached_through_the_cluster_s_proxy(
    tmp_path: Path, davit: Plugin, kube: Kube
) -> None:
    with forward_proxy() as proxy:
        proxy.user = ("ann", "p@ss")
        config = yaml.safe_load(kube.kubeconfig.read_text())
        cluster = config["clusters"][0]["cluster"]
        cluster["proxy-url"] = f"http://ann:p%40ss@127.0.0.1:{proxy.port}"
        (tmp_path / "config").write_text(yaml.safe_dump(config))
        behind = Plugin(kubeconfig=tmp_path / "config", namespace=davit.namespace)
        assert "hello" in behind("list").out
        assert proxy.asked == [cluster["server"].removeprefix("https://")]
        proxy.user = ("ann", "another")
        ended = behind("list")
    assert ended.code == 1
    assert "does not answer: Tunnel connection failed: 407" in ended.err


def test_a_server_that_does_not_answer_is_a_sentence(tmp_path: Path) -> None:
    config = {
        "current-context": "away",
        "contexts": [{"name": "away", "context": {"cluster": "away"}}],
        "clusters": [{"name": "away", "cluster": {"server": "https://127.0.0.1:9"}}],
    }
    (tmp_path / "config").write_text(yaml.safe_dump(config))
    ended = Plugin(kubeconfig=tmp_path / "config", namespace="x")("list")
    assert ended == (
        1,
        "",
        "kubectl davit: The API server 127.0.0.1:9 does not answer: Connection refused.\n",
    )
