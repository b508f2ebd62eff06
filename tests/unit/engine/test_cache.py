"""The cache keeps the newest that it was told of each object, in whatever order that came."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from davit_operator.engine.cache import Cache, Entry

KEY = ("netops", "a")
OTHER = ("netops", "b")


def a_cache() -> Cache[str]:
    """Return a cache of texts that are indexed by their first letter."""
    return Cache(lambda text: text[:1])


def entry(value: str, version: int, uid: str = "u1") -> Entry[str]:
    return Entry(uid, version, value)


def test_what_was_put_can_be_got() -> None:
    cache = a_cache()
    assert cache.put(KEY, entry("x", 1))
    assert (cache.get(KEY), len(cache), list(cache), list(cache.values())) == ("x", 1, [KEY], ["x"])
    assert cache.get(OTHER) is None


def test_the_older_never_replaces_the_newer() -> None:
    cache = a_cache()
    cache.put(KEY, entry("new", 2))
    assert not cache.put(KEY, entry("old", 1))
    assert cache.get(KEY) == "new"


def test_what_the_watch_says_of_our_own_write_is_news_to_others() -> None:
    cache = a_cache()
    cache.put(KEY, entry("the answer to the write", 2))
    assert cache.put(KEY, entry("the watch event", 2))


def test_versions_are_numbers_not_texts() -> None:
    cache = a_cache()
    cache.put(KEY, entry("nine", 9))
    assert cache.put(KEY, entry("ten", 10))


def test_another_object_of_the_same_name_replaces_the_one_before() -> None:
    cache = a_cache()
    cache.put(KEY, entry("first", 1, uid="u1"))
    assert cache.put(KEY, entry("second", 2, uid="u2"))
    assert cache.get(KEY) == "second"


def test_a_late_word_of_the_object_before_does_not_replace_its_successor() -> None:
    """The answer to a write may come after the watch told of deletion and creation."""
    cache = a_cache()
    cache.put(KEY, entry("successor", 5, uid="u2"))
    assert not cache.put(KEY, entry("predecessor", 3, uid="u1"))
    assert cache.get(KEY) == "successor"


def test_dropping_forgets_only_the_object_that_is_meant() -> None:
    cache = a_cache()
    cache.put(KEY, entry("x", 1, uid="u2"))
    assert cache.drop(KEY, "u1") is None
    assert cache.drop(OTHER, "u2") is None
    assert cache.drop(KEY, "u2") == "x"
    assert (len(cache), list(cache.of("x"))) == (0, [])


def test_records_are_found_by_what_they_belong_to_in_the_order_of_their_names() -> None:
    cache = a_cache()
    cache.put(("netops", "b"), entry("x2", 1))
    cache.put(("netops", "a"), entry("x1", 1))
    cache.put(("netops", "c"), entry("y", 1))
    assert list(cache.of("x")) == ["x1", "x2"]
    assert list(cache.of("nobody")) == []


def test_a_record_that_belongs_elsewhere_now_is_found_there_alone() -> None:
    cache = a_cache()
    cache.put(KEY, entry("x", 1))
    cache.put(KEY, entry("y", 2))
    assert (list(cache.of("x")), list(cache.of("y"))) == ([], ["y"])


def test_pruning_forgets_what_a_fresh_list_does_not_hold() -> None:
    cache = a_cache()
    cache.put(KEY, entry("x", 1, uid="u1"))
    cache.put(OTHER, entry("y", 1, uid="u2"))
    assert cache.prune(frozenset({"u2"}), cache.mark()) == ["x"]
    assert list(cache) == [OTHER]


def test_pruning_spares_what_changed_after_the_list_was_begun() -> None:
    cache = a_cache()
    cache.put(KEY, entry("x", 1, uid="u1"))
    since = cache.mark()
    cache.put(KEY, entry("x2", 2, uid="u1"))
    cache.put(OTHER, entry("y", 1, uid="u2"))
    assert cache.prune(frozenset(), since) == []
    assert len(cache) == 2


@given(
    puts=st.lists(
        st.tuples(st.sampled_from([KEY, OTHER]), st.integers(1, 9), st.sampled_from("xyz")),
        max_size=12,
    )
)
def test_index_and_records_never_disagree(puts: list[tuple[tuple[str, str], int, str]]) -> None:
    cache = a_cache()
    newest: dict[tuple[str, str], tuple[int, str]] = {}
    for key, version, value in puts:
        cache.put(key, entry(value, version))
        if key not in newest or version >= newest[key][0]:
            newest[key] = (version, value)
    assert {key: cache.get(key) for key in cache} == {k: v for k, (_, v) in newest.items()}
    found = sorted(value for index in "xyz" for value in cache.of(index))
    assert found == sorted(cache.values())


def test_no_late_word_brings_back_what_was_deleted() -> None:
    cache = a_cache()
    cache.put(KEY, entry("x", 1))
    cache.drop(KEY, "u1", 5)
    assert not cache.put(KEY, entry("the answer to a write", 4))
    assert cache.put(KEY, entry("back under its labels", 6))


def test_a_record_may_belong_to_several_things_or_to_none() -> None:
    cache: Cache[str] = Cache(lambda text: text[:1], lambda text: text[1:] and f"of {text[1:]}")
    cache.put(KEY, entry("ab", 1))
    cache.put(OTHER, entry("a", 2))
    assert (list(cache.of("a")), list(cache.of("of b")), list(cache.of(""))) == (
        ["ab", "a"],
        ["ab"],
        [],
    )
    cache.put(KEY, entry("c", 3))
    assert (list(cache.of("a")), list(cache.of("of b"))) == (["a"], [])
