"""Who may name a Secret, and who asked: the policies on a real API server, with real rights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.integration.kube import Kube, Object, RefusedError, eventually, path_of
from tests.integration.place import CLASS_PATH, Place
from tests.integration.rights import POLICIES, STAMP, create, create_run, installed, user

SECRET = {"variable": "password", "secretKeyRef": {"name": "login", "key": "pw"}}
OTHER = {"variable": "token", "secretKeyRef": {"name": "other", "key": "pw"}}
LIST = {"variable": "names", "configMapKeyRef": {"name": "lists", "key": "all"}}
URL = "https://git.example.com/netops/jobs.git"


@pytest.fixture(scope="module", autouse=True)
def policies(kube: Kube) -> Iterator[None]:
    """Install the policies for the tests of this file, and wait until they are in force."""
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "in-force"}})
    place = Place(kube=kube, name="in-force")
    with installed(kube, POLICIES, STAMP):
        eventually(lambda: _is_stamped(place), "runs are stamped")
        eventually(lambda: _is_refused(place), "foreign names are refused")
        yield


def _is_stamped(place: Place) -> bool:
    try:
        made = create_run(place.kube, place.name, "probe", dryRun="All")
    except RefusedError as error:
        # A server that has just got the CRD does not know its shape yet.
        if error.status != 503:
            raise
        return False
    return bool(made["spec"].get("requestedBy"))


def _is_refused(place: Place) -> bool:
    """Ask for what the last of the policies refuses."""
    carl = user(place, "carl")
    try:
        create(carl, place.name, "JobRepository", "probe", git({"name": "login"}))
    except RefusedError as refused:
        return "spec.source.git" in refused.message
    place.delete("JobRepository", "probe")
    return False


def patch(kube: Kube, place: Place, kind: str, name: str, spec: Any) -> Object:
    return Place(kube=kube, name=place.name).patch(kind, name, {"spec": spec})


def definition(**more: Any) -> dict[str, Any]:
    return {"repositoryRef": {"name": "netops"}, "classPath": CLASS_PATH, **more}


def git(secret: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    source = {"git": {"url": URL, **({"secretRef": secret} if secret else {})}}
    return {"source": source, "suspend": True, **more}


# --- what a run names


@pytest.mark.parametrize(
    ("who", "sources", "missing"),
    [
        ("ada", [SECRET], "Secret login"),
        ("ada", [LIST], "ConfigMap lists"),
        ("bob", [SECRET, LIST, OTHER], "Secret other"),
        ("bob", [{**SECRET, "variable": f"v{n}"} for n in range(19)] + [OTHER], "Secret other"),
    ],
    ids=["no Secret", "no ConfigMap", "another Secret", "the last of twenty"],
)
def test_a_run_may_not_name_what_its_requester_may_not_get(
    place: Place, who: str, sources: list[Any], missing: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        create_run(user(place, who), place.name, "wants", inputsFrom=sources)
    assert refused.value.status == 403
    assert f"You ({who}) may not get {missing} in namespace {place.name}" in refused.value.message
    assert "spec.inputsFrom of the JobDefinition" in refused.value.message


@pytest.mark.parametrize(
    ("who", "sources"),
    [
        ("ada", None),
        ("bob", [SECRET, LIST]),
        ("bob", [{**SECRET, "variable": f"v{n}"} for n in range(20)]),
    ],
    ids=["nothing", "both kinds", "twenty"],
)
def test_a_run_may_name_what_its_requester_may_get(place: Place, who: str, sources: Any) -> None:
    more = {"inputsFrom": sources} if sources else {}
    made = create_run(user(place, who), place.name, "has", **more)
    assert made["spec"].get("inputsFrom") == sources


def test_what_the_definition_names_a_requester_need_not_be_allowed_to_get(place: Place) -> None:
    place.create("JobDefinition", "any", spec=definition(inputsFrom=[SECRET]))
    assert create_run(user(place, "ada"), place.name, "borrows")


def test_a_variable_given_twice_is_refused(place: Place) -> None:
    with pytest.raises(RefusedError, match="stands in both"):
        create_run(place.kube, place.name, "twice", inputs={"password": "x"}, inputsFrom=[SECRET])


# --- what a definition and a repository name


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"inputsFrom": [SECRET]}, "may not get Secret login"),
        ({"inputsFrom": [LIST]}, "may not get ConfigMap lists"),
        ({"runner": {"image": "any"}}, "may not create pods"),
    ],
    ids=["a Secret", "a ConfigMap", "a pod's shape"],
)
def test_a_definition_may_not_borrow_rights_that_its_writer_has_not(
    place: Place, spec: dict[str, Any], message: str
) -> None:
    carl = user(place, "carl")
    create(carl, place.name, "JobDefinition", "modest", definition(enabled=True))
    attempts: tuple[Callable[[], Object], ...] = (
        lambda: create(carl, place.name, "JobDefinition", "bold", definition(**spec)),
        lambda: patch(carl, place, "JobDefinition", "modest", spec),
    )
    for attempt in attempts:
        with pytest.raises(RefusedError, match=message) as refused:
            attempt()
        assert refused.value.status == 403


@pytest.mark.parametrize(
    "runner",
    [
        {"envFrom": [{"secretRef": {"name": "login"}}, {"secretRef": {"name": "other"}}]},
        {"imagePullSecrets": [{"name": "other"}]},
    ],
    ids=["envFrom", "imagePullSecrets"],
)
@pytest.mark.parametrize(
    ("kind", "spec"), [("JobDefinition", definition()), ("JobRepository", git())]
)
def test_a_runner_may_not_have_secrets_that_its_writer_may_not_get(
    place: Place, kind: str, spec: dict[str, Any], runner: dict[str, Any]
) -> None:
    with pytest.raises(RefusedError, match="may not get Secret other") as refused:
        create(user(place, "dora"), place.name, kind, "wants", {**spec, "runner": runner})
    assert "spec.runner" in refused.value.message


def test_who_may_get_a_secret_and_create_pods_may_name_it_anywhere(place: Place) -> None:
    dora = user(place, "dora")
    runner = {"envFrom": [{"secretRef": {"name": "login"}}]}
    create(dora, place.name, "JobDefinition", "d", definition(inputsFrom=[SECRET], runner=runner))
    create(dora, place.name, "JobRepository", "r", git({"name": "login"}, runner=runner))


def test_as_many_secrets_as_a_definition_can_name_are_within_the_servers_budget(
    place: Place,
) -> None:
    dora = user(place, "dora")
    login = {"name": "login"}
    runner = {"envFrom": [{"secretRef": login}] * 8, "imagePullSecrets": [login] * 8}
    sources = [{**SECRET, "variable": f"v{n}"} for n in range(20)]
    spec = definition(inputsFrom=sources, runner=runner)
    create(dora, place.name, "JobDefinition", "most", spec)
    runner["imagePullSecrets"] = [*[login] * 7, {"name": "other"}]
    with pytest.raises(RefusedError, match="may not get Secret other"):
        patch(dora, place, "JobDefinition", "most", {"runner": runner})


def test_what_was_named_before_may_stay_whoever_writes_the_rest(place: Place) -> None:
    runner = {"envFrom": [{"secretRef": {"name": "other"}}]}
    place.create("JobDefinition", "old", spec=definition(inputsFrom=[OTHER], runner=runner))
    place.create("JobRepository", "old", spec=git({"name": "other"}, runner=runner))
    carl, dora = user(place, "carl"), user(place, "dora")
    patch(carl, place, "JobDefinition", "old", {"enabled": True})
    patch(carl, place, "JobRepository", "old", {"interval": "90s"})
    patch(dora, place, "JobDefinition", "old", {"inputsFrom": [OTHER, SECRET]})
    patch(dora, place, "JobDefinition", "old", {"runner": {"image": "any"}})
    patch(carl, place, "JobRepository", "old", {"source": {"git": {"url": f"{URL}?"}}})


def test_a_repository_may_not_use_credentials_that_its_writer_may_not_get(place: Place) -> None:
    carl = user(place, "carl")
    create(carl, place.name, "JobRepository", "open", git())
    for change in ({"secretRef": {"name": "other"}}, {"proxySecretRef": {"name": "other"}}):
        with pytest.raises(RefusedError, match="may not get Secret other"):
            patch(carl, place, "JobRepository", "open", {"source": {"git": change}})


# --- who asked


def test_a_run_says_who_created_it_whatever_its_manifest_says(place: Place) -> None:
    ada = user(place, "ada")
    assert create_run(ada, place.name, "plain")["spec"]["requestedBy"] == "ada"
    forged = create_run(ada, place.name, "forged", requestedBy="bob", cancelRequestedBy="bob")
    assert forged["spec"]["requestedBy"] == "ada"
    assert "cancelRequestedBy" not in forged["spec"]


def test_a_run_says_who_cancelled_it_first(place: Place) -> None:
    ada = user(place, "ada")
    place.create("JobRun", "x", spec={"definitionRef": {"name": "any"}})
    asked = place.get("JobRun", "x")["spec"]["requestedBy"]
    assert asked != "ada"
    cancelled = patch(ada, place, "JobRun", "x", {"cancel": True, "cancelRequestedBy": "bob"})
    assert cancelled["spec"]["cancelRequestedBy"] == "ada"
    again = place.patch("JobRun", "x", {"spec": {"cancel": True, "cancelRequestedBy": "bob"}})
    assert (again["spec"]["cancelRequestedBy"], again["spec"]["requestedBy"]) == ("ada", asked)
    born = create_run(ada, place.name, "born-cancelled", cancel=True)
    assert born["spec"]["cancelRequestedBy"] == "ada"


def test_a_run_that_is_applied_again_keeps_who_created_it(place: Place) -> None:
    """Server-side apply takes away what its manager wrote and says no more."""
    ada, bob = user(place, "ada"), place.kube
    body = {
        "apiVersion": "davit.dev/v1alpha1", "kind": "JobRun", "metadata": {"name": "gitops"},
        "spec": {"definitionRef": {"name": "any"}},
    }  # fmt: skip
    path = path_of("JobRun", place.name, "gitops")
    for kube in (ada, ada, bob):
        applied = kube.call(
            "PATCH", path, body, content_type="application/apply-patch+yaml", fieldManager="gitops",
            force="true",
        )  # fmt: skip
        assert applied["spec"]["requestedBy"] == "ada"
