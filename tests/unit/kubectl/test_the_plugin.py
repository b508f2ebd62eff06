from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from davit_kubectl import resources
from davit_kubectl.arguments import VERBS, duration, parsed
from davit_kubectl.completion import offered
from davit_kubectl.outcome import age
from davit_kubectl.printing import table_lines
from davit_operator.api import kinds
from davit_operator.api.jobrun import TERMINAL_PHASES


def test_what_is_said_again_is_what_the_models_say() -> None:
    said = {(kind.name, kind.plural, kind.short) for kind in vars(resources).values() if _own(kind)}
    assert said == {(kind.name, kind.plural, kind.short_name) for kind in kinds.KINDS}
    assert resources.API_VERSION == kinds.API_VERSION
    assert resources.TERMINAL_PHASES == TERMINAL_PHASES


def _own(thing: object) -> bool:
    return isinstance(thing, resources.Kind) and thing.group == kinds.GROUP


@pytest.mark.parametrize("word", ["jobruns", "jobrun", "jr", "runs", "RUN"])
def test_a_kind_has_the_names_that_kubectl_knows_and_short_ones(word: str) -> None:
    assert resources.kind_called(word) is resources.RUNS


def test_each_verb_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in VERBS:
        with pytest.raises(SystemExit) as ended:
            parsed([verb, "--help"], "kubectl davit")
        assert ended.value.code == 0
        assert capsys.readouterr().out.startswith(f"usage: kubectl davit {verb} ")


def test_no_verb_shows_the_verbs_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed([], "kubectl davit")
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "  3    the run was cancelled\n" in said
    assert "  logs        print a run's log, live while it runs\n" in said


def test_options_of_the_cluster_may_stand_before_the_verb_and_after() -> None:
    options = parsed(
        ["-n", "a", "--context=c", "logs", "ada", "-f", "--as", "eve"], "davit cluster"
    )
    assert (options.namespace, options.context, options.user) == ("a", "c", "eve")
    assert (options.verb, options.name, options.follow) == ("logs", "ada", True)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("5m", 300), ("1h30m", 5400), ("2d", 172_800)]
)
def test_a_duration_is_read_as_kubernetes_writes_it(text: str, seconds: int) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("arguments", [["--since", "soon"], ["--tail", "-1"], ["--level", "loud"]])
def test_what_cannot_be_ends_with_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(["logs", "ada", *arguments], "kubectl davit")
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (119, "119s"),
        (130, "2m10s"),
        (600, "10m"),
        (3 * 3600, "3h"),
        (3 * 3600 + 60, "3h1m"),
        (9 * 3600, "9h"),
        (72 * 3600, "3d"),
    ],
)
def test_an_age_reads_as_kubectl_s(seconds: int, text: str) -> None:
    now = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    then = (now - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert age(then, now) == text


def test_a_table_is_aligned_and_steers_no_terminal() -> None:
    rows = [["ada", True, None], ["bob\x1b[2J", 7, "a\nb"]]
    assert table_lines(["name", "on", "why"], rows) == [
        "NAME         ON     WHY",
        "ada          true",
        "bob\\x1b[2J   7      a\\nb",
    ]


@pytest.mark.parametrize(
    ("words", "begun", "values", "directive"),
    [
        ([], "l", ["logs", "list"], 4),
        (["list"], "", ["definitions", "runs", "repositories"], 4),
        (["list", "-o"], "", ["json", "yaml", "wide", "name"], 4),
        (["logs", "ada", "--level"], "s", ["success"], 4),
        (["logs", "ada"], "--gr", ["--grouping"], 4),
        (["list", "runs"], "--phase=S", ["Starting", "Succeeded"], 4),
        (["files", "ada", "a.txt", "-o"], "", [], 0),
        (["run", "hello", "--data"], "@", [], 0),
    ],
)
def test_completion_offers_what_needs_no_cluster(
    words: list[str], begun: str, values: list[str], directive: int
) -> None:
    offers, found = offered(words, begun)
    assert ([value for value, _ in offers], found) == (values, directive)
