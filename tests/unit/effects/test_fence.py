"""A gateway that is fenced asks right before each write, and sends none that it may not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from kubernetes.aio import client

from davit_operator.api.base import ObjectKey
from davit_operator.effects.errors import NotLeading, is_passing
from davit_operator.effects.kube import Kube
from davit_operator.effects.resources import PODS, RUNS, resource_in

KEY = ObjectKey("here", "ada")
OBJECT = {"metadata": {"namespace": "here", "name": "ada"}}
WRITES: dict[str, Callable[[Kube], Awaitable[object]]] = {
    "create": lambda kube: kube.create(RUNS, OBJECT),
    "store": lambda kube: kube.store(RUNS, OBJECT),
    "replace": lambda kube: kube.replace(RUNS, OBJECT),
    "replace the status": lambda kube: kube.replace_status(RUNS, OBJECT),
    "annotate": lambda kube: kube.annotate(PODS, KEY, "a", "b"),
    "delete": lambda kube: kube.delete(PODS, KEY, "1"),
    "delete all": lambda kube: kube.delete_all(PODS, "here", "a=b"),
}


def against_a_server(test: Callable[[Kube], Awaitable[None]]) -> list[str]:
    """Run ``test`` with a gateway to a server that takes everything; return what it was asked."""
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.method)
        return web.json_response(OBJECT)

    async def run() -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        configuration = client.Configuration(host=f"http://127.0.0.1:{runner.addresses[0][1]}")
        async with client.ApiClient(configuration) as api:
            await test(Kube(api))
        await runner.cleanup()

    asyncio.run(run())
    return asked


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_replica_that_does_not_lead_sends_no_write(
    write: Callable[[Kube], Awaitable[object]],
) -> None:
    async def test(kube: Kube) -> None:
        with pytest.raises(NotLeading, match="another replica may lead") as raised:
            await write(kube.fenced(lambda: False, lambda *_: None))
        assert is_passing(raised.value)

    assert against_a_server(test) == []


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_replica_that_leads_is_asked_once_for_each_write(
    write: Callable[[Kube], Awaitable[object]],
) -> None:
    questions: list[bool] = []

    def may_write() -> bool:
        questions.append(True)
        return True

    async def test(kube: Kube) -> None:
        await write(kube.fenced(may_write, lambda *_: None))

    assert len(against_a_server(test)) == 1
    assert len(questions) == 1


def test_a_replica_that_does_not_lead_may_read() -> None:
    async def test(kube: Kube) -> None:
        assert await kube.fenced(lambda: False, lambda *_: None).get(RUNS, KEY)

    assert against_a_server(test) == ["GET"]


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/version", "version"),
        ("/apis/davit.dev/v1alpha1", "apis"),
        ("/apis/davit.dev/v1alpha1/jobruns", "jobruns"),
        ("/apis/davit.dev/v1alpha1/namespaces/secret/jobruns/ada/status", "jobruns/status"),
        ("/api/v1/namespaces/secret/pods/ada/log", "pods/log"),
        ("/apis/batch/v1/namespaces/secret/jobs?limit=1", "jobs"),
    ],
)
def test_what_a_call_is_counted_under_names_nobody(path: str, resource: str) -> None:
    assert resource_in(path) == resource
