"""``kubectl davit`` against clusters that refuse, lack davit, or are far away."""

from __future__ import annotations

from pathlib import Path

import yaml
from tests.gitserver.forward_proxy import forward_proxy
from tests.integration.kube import Kube
from tests.integration.plugin import Plugin


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
