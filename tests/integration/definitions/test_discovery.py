"""Discovery pods: without a network, and read though they say odd things."""

from __future__ import annotations

import pytest
from tests.gitserver.running import RemoteRepository, RunningServer
from tests.integration.discoveries import HELLO, discovered, reads
from tests.integration.node import LogNode
from tests.integration.place import Place
from tests.integration.repositories import apply, becomes, trust

from davit_contract import DiscoveryProblem

pytestmark = pytest.mark.usefixtures("operator")


@pytest.mark.usefixtures("repository")
def test_discovery_pods_have_no_network(place: Place, node: LogNode) -> None:
    pod = place.discovery_pod("netops")
    [policy] = place.all("NetworkPolicy")
    spec = policy["spec"]
    assert spec["podSelector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
    assert sorted(spec["policyTypes"]) == ["Egress", "Ingress"]
    assert {"ingress", "egress"}.isdisjoint(spec)
    assert "ownerReferences" not in policy["metadata"]
    discovered(place, node, HELLO)
    place.patch("JobDefinition", "netops.hello", {"spec": {"enabled": True}})
    place.run("free", "netops.hello")
    labels = place.pod_of("free")["metadata"]["labels"]
    assert not spec["podSelector"]["matchLabels"].items() <= labels.items()


def test_a_network_policy_that_stands_there_is_left_as_it_is(
    place: Place, git: RunningServer, remote: RemoteRepository
) -> None:
    content = {"podSelector": {"matchLabels": {"app": "mine"}}, "policyTypes": ["Ingress"]}
    policy = place.create("NetworkPolicy", "davit-discovery", spec=content)
    trust(place, git)
    apply(place, remote)
    assert place.discovery_pod("netops")
    assert place.get("NetworkPolicy", "davit-discovery")["metadata"] == policy["metadata"]


@pytest.mark.usefixtures("repository")
def test_what_cannot_be_read_of_a_discovery_is_a_problem_beside_the_others(
    place: Place, node: LogNode
) -> None:
    broken = DiscoveryProblem(path="jobs/broken.py", line=7, message="SyntaxError: " + "x" * 900)
    odd = '{"version": 1, "class_path": "netops.jobs.odd.Odd", "source_path": "jobs/odd.py"}'
    served = discovered(place, node, HELLO, broken, odd)
    problems = served["status"]["discovery"]["problems"]
    assert problems[0] == {"path": "jobs/broken.py", "line": 7, "message": broken.message}
    assert problems[1]["path"] == "jobs/odd.py"
    assert "netops.jobs.odd.Odd" in problems[1]["message"]
    assert becomes(place, "netops", "True", "ProblemsFound", "DiscoveryProblems")
    assert reads(place, "netops.hello", "Disabled")
