from __future__ import annotations

import davit


def test_all_is_complete_and_sorted() -> None:
    public = {name for name in vars(davit) if not name.startswith("_")}
    public -= {"TYPE_CHECKING", "Any"}
    modules = {name for name in public if type(getattr(davit, name)).__name__ == "module"}
    assert sorted(davit.__all__) == davit.__all__
    assert public - modules <= set(davit.__all__)
    assert all(hasattr(davit, name) for name in davit.__all__)


def test_a_name_that_is_not_there_is_missing_as_usual() -> None:
    assert not hasattr(davit, "PasswordVar")
