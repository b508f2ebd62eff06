"""Runner settings: what is said nearest wins, and what is not said comes from further away."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from davit_operator.api.runner import Resources, RunnerSettings

some = st.sampled_from(["a", "b", "c"])
all_settings = st.builds(
    RunnerSettings.model_validate,
    st.fixed_dictionaries(
        {},
        optional={
            "image": some,
            "priorityClassName": some,
            "nodeSelector": st.dictionaries(some, some, max_size=2),
            "podLabels": st.dictionaries(some, some, max_size=2),
            "resources": st.builds(dict, limits=st.dictionaries(some, some, max_size=1)),
            "imagePullSecrets": st.lists(st.builds(dict, name=some), max_size=2),
        },
    ),
)


@given(mine=all_settings)
def test_nothing_said_changes_nothing(mine: RunnerSettings) -> None:
    assert mine.over(RunnerSettings()) == mine
    assert RunnerSettings().over(mine) == mine
    assert mine.over(mine) == mine


@given(one=all_settings, two=all_settings, three=all_settings)
def test_it_does_not_matter_which_two_are_merged_first(
    one: RunnerSettings, two: RunnerSettings, three: RunnerSettings
) -> None:
    assert one.over(two).over(three) == one.over(two.over(three))


@given(mine=all_settings, wider=all_settings)
def test_each_key_is_mine_where_i_say_it_else_the_wider_one(
    mine: RunnerSettings, wider: RunnerSettings
) -> None:
    merged = mine.over(wider)
    for name in RunnerSettings.model_fields:
        assert getattr(merged, name) == (getattr(mine, name) or getattr(wider, name))


def test_a_definition_beats_a_repository_beats_the_operator() -> None:
    operator = RunnerSettings(image="operator:1", priority_class_name="low")
    repository = RunnerSettings(image="repository:1", resources=Resources(limits={"cpu": "1"}))
    definition = RunnerSettings(image="definition:1")
    merged = definition.over(repository.over(operator))
    assert (merged.image, merged.priority_class_name) == ("definition:1", "low")
    assert merged.resources == Resources(limits={"cpu": "1"})
