"""What tests of ``kubectl davit`` begin with: a definition, and the command of an admin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.cluster.controlplane import ControlPlane
from tests.integration.kube import Kube
from tests.integration.live_node import LiveNode, running_live_node
from tests.integration.place import Place
from tests.integration.plugin import Plugin
from tests.integration.running import OperatorThread

VARIABLES: list[dict[str, Any]] = [
    {"name": "who", "type": "StringVar", "required": True, "description": "Whom to greet."},
    {"name": "count", "type": "IntegerVar", "default": 1, "min": 1, "max": 9, "label": "How often"},
    {"name": "loud", "type": "BooleanVar", "required": False},
    {"name": "about", "type": "JSONVar", "required": False},
    {
        "name": "where",
        "type": "MultiChoiceVar",
        "required": False,
        "choices": [{"value": "ams", "label": "Amsterdam"}, {"value": "ber"}],
    },
    {"name": "password", "type": "StringVar", "required": False, "sensitive": True},
]


@pytest.fixture
def davit(place: Place, no_operator: OperatorThread) -> Plugin:
    del no_operator
    place.installed(repository="netops")
    place.discover("hello", variables=VARIABLES, effective={"name": "Hello", "grouping": "Demo"})
    return Plugin(kubeconfig=place.kube.kubeconfig, namespace=place.name)


@pytest.fixture(scope="module")
def node(plane: ControlPlane, kube: Kube) -> Iterator[LiveNode]:
    with running_live_node(plane, kube) as running:
        yield running
