"""Who asked, where nothing writes it: below Kubernetes 1.36 no foreign name is accepted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.integration.kube import Kube, RefusedError, eventually
from tests.integration.place import Place
from tests.integration.rights import POLICIES, create_run, installed, user


@pytest.fixture(scope="module", autouse=True)
def policies(kube: Kube) -> Iterator[None]:
    """Install the policies that need no newer Kubernetes."""
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "unstamped"}})

    def foreign_names_are_refused() -> bool:
        try:
            create_run(kube, "unstamped", "probe", dryRun="All", requestedBy="nobody")
        except RefusedError:
            return True
        return False

    with installed(kube, POLICIES):
        eventually(foreign_names_are_refused, "foreign names are refused")
        yield


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"requestedBy": "bob"}, "spec.requestedBy is bob, but you are ada: leave it out"),
        (
            {"cancel": True, "cancelRequestedBy": "bob"},
            "spec.cancelRequestedBy is bob, but you are ada: leave it out",
        ),
        ({"cancelRequestedBy": "ada"}, "spec.cancelRequestedBy needs spec.cancel"),
    ],
    ids=["who asked", "who cancelled", "who did not cancel"],
)
def test_a_foreign_name_is_refused(place: Place, more: dict[str, str], message: str) -> None:
    with pytest.raises(RefusedError) as refused:
        create_run(user(place, "ada"), place.name, "forged", **more)
    assert message in refused.value.message


def test_ones_own_name_is_accepted_and_so_is_none(place: Place) -> None:
    ada = user(place, "ada")
    assert "requestedBy" not in create_run(ada, place.name, "silent")["spec"]
    named = create_run(ada, place.name, "named", requestedBy="ada")
    assert named["spec"]["requestedBy"] == "ada"


def test_who_cancels_may_say_so_and_nobody_changes_it_later(place: Place) -> None:
    ada = Place(kube=user(place, "ada"), name=place.name)
    create_run(place.kube, place.name, "x")
    with pytest.raises(RefusedError, match="cancelRequestedBy is bob"):
        ada.patch("JobRun", "x", {"spec": {"cancel": True, "cancelRequestedBy": "bob"}})
    ada.patch("JobRun", "x", {"spec": {"cancel": True, "cancelRequestedBy": "ada"}})
    with pytest.raises(RefusedError, match="cancelRequestedBy is immutable"):
        ada.patch("JobRun", "x", {"spec": {"cancelRequestedBy": "bob"}})
