"""What TAB offers after ``kubectl davit``."""

from __future__ import annotations

from tests.integration.place import Place
from tests.integration.plugin import Plugin
from tests.integration.told import a_told_run


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
