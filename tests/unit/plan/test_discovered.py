"""What a discovery pod says is read as far as it can be, and the rest becomes problems."""

from __future__ import annotations

import json

import pytest
from tests.builders import CLASS_PATH, printed
from tests.unit.plan.printed import changed, described, descriptions, part

from davit_contract import DiscoveryProblem, PartType, encode
from davit_operator.plan.discovered import MAX_PROBLEMS, read_discovery

DEEP = "[" * 200 + "]" * 200


def test_descriptions_and_problems_are_read() -> None:
    problem = DiscoveryProblem(path="jobs/broken.py", line=3, message="SyntaxError")
    text = descriptions(described()) + printed(part(encode(problem), kind=PartType.PROBLEM))
    found = read_discovery(text)
    assert [item.class_path for item in found.descriptions] == [CLASS_PATH]
    assert [(item.path, item.line) for item in found.problems] == [("jobs/broken.py", 3)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("{}", "version 1", id="an empty object"),
        pytest.param(
            changed(json.loads(described()), version=2), "version 1", id="another version"
        ),
        pytest.param(
            changed(json.loads(described()), hidden="maybe"),
            "hidden: Input should be a valid boolean",
            id="a wrong type",
        ),
        pytest.param(
            changed(json.loads(described()), name="\ud800"),
            "surrogates not allowed",
            id="half a character",
        ),
        pytest.param(
            described().replace('"variables":[]', f'"variables":[{{"name":{DEEP}}}]'),
            "nested too deeply",
            id="a deep nest",
        ),
        pytest.param(
            described().replace(
                '"variables":[]', '"variables":[{"name":"a","type":"b","default":1e999}]'
            ),
            "a number that cannot be stored",
            id="an endless number",
        ),
        pytest.param(
            described().replace(
                '"variables":[]', f'"variables":[{{"name":"a","type":"b","default":{DEEP}}}]'
            ),
            "nested too deeply",
            id="a deep default",
        ),
        pytest.param(described(description="é" * 40_000), "65,536 are read", id="more than 64 KiB"),
    ],
)
def test_a_description_that_is_none_is_a_problem_and_hides_no_other(text: str, why: str) -> None:
    found = read_discovery(descriptions(text, described()))
    assert [item.class_path for item in found.descriptions] == [CLASS_PATH]
    [problem] = found.problems
    assert why in problem.message
    assert "Simplify" in problem.message
    assert len(problem.message) < 900


def test_the_problem_of_a_description_names_the_class_and_its_file() -> None:
    text = described("jobs.a.Odd", source_path="jobs/a.py", time_limit_seconds="soon")
    [problem] = read_discovery(descriptions(text)).problems
    assert problem.path == "jobs/a.py"
    assert "The description of jobs.a.Odd cannot be read" in problem.message
    assert "time_limit_seconds: Input should be a valid integer" in problem.message


def test_a_problem_that_cannot_be_read_is_one_still() -> None:
    junk = printed(part("{}", kind=PartType.PROBLEM))
    [problem] = read_discovery(junk).problems
    assert "cannot be read" in problem.message


@pytest.mark.parametrize(
    "class_path",
    ["", "NoModule", "a.b c", "../x.Y", "jobs.Süß", "jobs.X\n", ".jobs.X", "jobs." + "X" * 250],
)
def test_a_class_path_that_no_definition_can_have_is_a_problem_not_a_definition(
    class_path: str,
) -> None:
    found = read_discovery(
        descriptions(described(class_path, source_path="jobs/x.py", source_line=4), described())
    )
    assert [item.class_path for item in found.descriptions] == [CLASS_PATH]
    [problem] = found.problems
    assert (problem.path, problem.line) == ("jobs/x.py", 4)
    assert "ASCII" in problem.message


def test_descriptions_and_problems_are_at_most_so_many_and_so_long() -> None:
    long = DiscoveryProblem(path="p" * 9_000, line=10**30, message="m" * 9_000)
    records = [part(described(f"jobs.X{n}"), kind=PartType.DESCRIPTION) for n in range(600)]
    records += [part(encode(long), kind=PartType.PROBLEM)]
    records += [
        part(encode(DiscoveryProblem(path="p", message=str(n))), kind=PartType.PROBLEM)
        for n in range(200)
    ]
    found = read_discovery(printed(*records))
    assert (len(found.descriptions), len(found.problems)) == (500, MAX_PROBLEMS)
    first, *_, last = found.problems
    assert (len(first.path), len(first.message), first.line) == (2_000, 2_000, 0)
    assert "202 more problems" in last.message


def test_jobs_beyond_the_most_that_are_read_are_problems() -> None:
    texts = [described(f"jobs.X{n}", source_path="jobs.py", source_line=n) for n in range(502)]
    found = read_discovery(descriptions(*texts))
    assert [(item.path, item.line) for item in found.problems] == [
        ("jobs.py", 500),
        ("jobs.py", 501),
    ]
    assert "500 jobs are read at most" in found.problems[0].message


def test_a_problem_is_told_whole() -> None:
    problem = DiscoveryProblem(path="jobs/broken.py", line=3, message="m" * 1_000)
    found = read_discovery(printed(part(encode(problem), kind=PartType.PROBLEM)))
    [told] = found.problems
    assert (told.path, told.line, told.message) == (problem.path, 3, problem.message)


def test_a_class_that_is_told_of_twice_is_one_job_and_a_problem() -> None:
    found = read_discovery(descriptions(described(), described(description="again")))
    assert [item.description for item in found.descriptions] == [""]
    [problem] = found.problems
    assert f"{CLASS_PATH} is told of twice" in problem.message
