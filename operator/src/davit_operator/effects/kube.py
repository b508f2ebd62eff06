"""The one gateway to the API server: raw JSON in and out, typed calls, typed errors.

Generated models never enter: they cost 25 KiB an object and refuse fields that they do not know.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, TypedDict, Unpack

import aiohttp
from kubernetes.aio.client import ApiClient

from davit_operator.api.base import ObjectKey
from davit_operator.effects.answers import refused, unreachable
from davit_operator.effects.errors import Conflict, NotFound, NotLeading
from davit_operator.effects.resources import EVENTS, PODS, Resource

Manifest = Mapping[str, Any]
Object = dict[str, Any]

_CALL_SECONDS = 30
_PAGE = "500"
_FIRST_ERROR = 400
_JSON = "application/json"
_MERGE_PATCH = "application/merge-patch+json"
_METADATA = f"{_JSON};as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
_TABLE = f"{_JSON};as=Table;g=meta.k8s.io;v=v1"
_METADATA_LIST = f"{_JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


class _More(TypedDict, total=False):
    """What a call says beside its path."""

    query: Mapping[str, str]
    body: Manifest
    accept: str
    content_type: str


# Method, path and HTTP status of a call; 0 where none came.
Told = Callable[[str, str, int], None]


def _told_nobody(_method: str, _path: str, _status: int) -> None:
    return


class Kube:
    """Calls of the API server, each of which ``told`` is told of.

    Writes are sent while ``may_write`` says so, and not otherwise.
    """

    def __init__(
        self,
        client: ApiClient,
        told: Told = _told_nobody,
        may_write: Callable[[], bool] = lambda: True,
    ) -> None:
        self._client = client
        self._told = told
        self._may_write = may_write

    def fenced(self, may_write: Callable[[], bool], told: Told) -> Kube:
        """Return a gateway to the same server that asks ``may_write`` right before each write.

        A process that was held up between its decision and its write must not write.
        """
        return Kube(self._client, told, may_write)

    async def list_all(
        self, resource: Resource, *, labels: str = "", fields: str = ""
    ) -> AsyncIterator[Object]:
        """Yield the objects of the whole cluster that fit the selectors, page by page."""
        query = {"limit": _PAGE, "labelSelector": labels, "fieldSelector": fields}
        async for item in self._items(resource.everywhere(), query, _JSON):
            yield item

    async def list_metadata(
        self, resource: Resource, *, labels: str = "", fields: str = "", namespace: str = ""
    ) -> AsyncIterator[Object]:
        """Yield the objects of a namespace that fit the selectors, without their content.

        Without ``namespace`` those of the whole cluster.
        """
        query = {"limit": _PAGE, "labelSelector": labels, "fieldSelector": fields}
        path = resource.within(namespace) if namespace else resource.everywhere()
        async for item in self._items(path, query, _METADATA_LIST):
            yield item

    async def list_cells(self, resource: Resource, fields: str) -> AsyncIterator[Object]:
        """Yield what the columns of ``kubectl get -o wide`` show of the objects that fit.

        Neither spec and status nor metadata are sent: managedFields alone may be most of it.
        """
        query = {"limit": _PAGE, "fieldSelector": fields, "includeObject": "None"}
        async for page in self._pages(resource.everywhere(), query, _TABLE):
            columns = [column["name"] for column in page["columnDefinitions"]]
            # An empty list has null there.
            for row in page["rows"] or ():
                yield dict(zip(columns, row["cells"], strict=True))

    async def list_in(self, resource: Resource, namespace: str, labels: str) -> list[Object]:
        """Return the objects of one namespace that carry the labels: a handful."""
        query = {"labelSelector": labels}
        page = await self._json("GET", resource.within(namespace), query=query)
        items: list[Object] = page["items"]
        return items

    async def events_of(self, namespace: str, uid: str) -> list[Object]:
        """Return Events about the object of ``uid``, at most a page of fifty."""
        query = {"fieldSelector": f"involvedObject.uid={uid}", "limit": "50"}
        page = await self._json("GET", EVENTS.within(namespace), query=query)
        items: list[Object] = page["items"]
        return items

    async def get(self, resource: Resource, key: ObjectKey, accept: str = _JSON) -> Object | None:
        """Return the object at ``key``; None where there is none."""
        try:
            return await self._json("GET", resource.at(key), accept=accept)
        except NotFound:
            return None

    async def metadata(self, resource: Resource, key: ObjectKey) -> Object | None:
        """Return the object at ``key`` without its content; None where there is none."""
        return await self.get(resource, key, _METADATA)

    async def create(self, resource: Resource, manifest: Manifest) -> Object:
        """Create the object; raise Conflict where its name is taken."""
        path = resource.within(manifest["metadata"]["namespace"])
        return await self._json("POST", path, body=manifest)

    async def store(self, resource: Resource, manifest: Manifest) -> None:
        """Create an object of much content, which is not sent back; raise Conflict likewise."""
        path = resource.within(manifest["metadata"]["namespace"])
        await self._json("POST", path, body=manifest, accept=_METADATA)

    async def replace_status(self, resource: Resource, body: Manifest) -> Object:
        """Write the status in ``body``; raise Conflict where its resourceVersion is not the newest.

        The server takes nothing else of ``body`` than the status.
        """
        metadata = body["metadata"]
        key = ObjectKey(metadata["namespace"], metadata["name"])
        return await self._json("PUT", resource.at(key, "status"), body=body)

    async def replace(self, resource: Resource, body: Manifest) -> Object:
        """Write the object as it is in ``body``; raise Conflict where that is not the newest."""
        metadata = body["metadata"]
        key = ObjectKey(metadata["namespace"], metadata["name"])
        return await self._json("PUT", resource.at(key), body=body)

    async def annotate(self, resource: Resource, key: ObjectKey, name: str, value: str) -> Object:
        """Set an annotation of the object; raise NotFound where it is gone."""
        body = {"metadata": {"annotations": {name: value}}}
        return await self._json("PATCH", resource.at(key), body=body, content_type=_MERGE_PATCH)

    async def delete(
        self,
        resource: Resource,
        key: ObjectKey,
        uid: str,
        version: str = "",
        *,
        children_first: bool = False,
    ) -> None:
        """Delete the object and what it owns, unless it is gone or another one by now.

        ``version``, its resourceVersion, spares one that was changed since; ``children_first``
        keeps it in sight, as being deleted, until what it owns is gone.
        """
        preconditions = {"uid": uid} | ({"resourceVersion": version} if version else {})
        how = "Foreground" if children_first else "Background"
        options = {"preconditions": preconditions, "propagationPolicy": how}
        with suppress(NotFound, Conflict):
            await self._json("DELETE", resource.at(key), body=options)

    async def delete_all(self, resource: Resource, namespace: str, labels: str) -> None:
        """Delete the namespace's objects that carry the labels; their content is not sent back."""
        path, query = resource.within(namespace), {"labelSelector": labels}
        await self._json("DELETE", path, query=query, accept=_METADATA_LIST)

    @asynccontextmanager
    async def pod_log_stream(
        self, key: ObjectKey, query: Mapping[str, str], quiet_seconds: float
    ) -> AsyncIterator[aiohttp.StreamReader]:
        """Open the pod's log, for reading in pieces; reading fails with Unreachable's causes.

        ``quiet_seconds`` is how long nothing may come: a connection may be dead and not say so.
        """
        limits = aiohttp.ClientTimeout(
            total=None, sock_connect=_CALL_SECONDS, sock_read=quiet_seconds
        )
        async with self._stream(PODS.at(key, "log"), limits, query) as content:
            yield content

    @asynccontextmanager
    async def watch(
        self, resource: Resource, key: ObjectKey, version: str, quiet_seconds: float
    ) -> AsyncIterator[aiohttp.StreamReader]:
        """Open a watch of one object, from ``version`` on: a line of JSON an event.

        Reading fails with Unreachable's causes, after ``quiet_seconds`` of silence for one.
        """
        limits = aiohttp.ClientTimeout(
            total=None, sock_connect=quiet_seconds, sock_read=quiet_seconds
        )
        query = {
            "watch": "true",
            "fieldSelector": f"metadata.name={key.name}",
            "resourceVersion": version,
        }
        async with self._stream(resource.within(key.namespace), limits, query) as content:
            yield content

    async def version(self) -> tuple[int, int]:
        """Return the server's version, such as (1, 36)."""
        said = await self._json("GET", "/version")
        return int(said["major"]), int(said["minor"].rstrip("+"))

    async def served(self, group: str, version: str) -> frozenset[str]:
        """Return the plurals of the resources that the server serves of an API group."""
        try:
            said = await self._json("GET", f"/apis/{group}/{version}")
        except NotFound:
            return frozenset()
        return frozenset(resource["name"] for resource in said["resources"])

    @asynccontextmanager
    async def _stream(
        self, path: str, limits: aiohttp.ClientTimeout, query: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.StreamReader]:
        response = await self._call("GET", path, limits, query=query)
        try:
            if response.status >= _FIRST_ERROR:
                said = await response.read()
                raise refused(response, said)
            yield response.content
        finally:
            response.close()

    async def _items(self, path: str, query: dict[str, str], accept: str) -> AsyncIterator[Object]:
        async for page in self._pages(path, query, accept):
            # A list of metadata has null there, where it is empty.
            for item in page["items"] or ():
                yield item

    async def _pages(self, path: str, query: dict[str, str], accept: str) -> AsyncIterator[Object]:
        while True:
            page = await self._json("GET", path, query=query, accept=accept)
            yield page
            query["continue"] = page["metadata"].get("continue", "")
            if not query["continue"]:
                return

    async def _json(self, method: str, path: str, **more: Unpack[_More]) -> Object:
        said: Object = json.loads(await self._bytes(method, path, **more))
        return said

    async def _bytes(self, method: str, path: str, **more: Unpack[_More]) -> bytes:
        try:
            response = await self._call(method, path, _CALL_SECONDS, **more)
            said = await response.read()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise unreachable(method, path, error) from error
        if response.status >= _FIRST_ERROR:
            raise refused(response, said)
        return said

    async def _call(
        self,
        method: str,
        path: str,
        limits: aiohttp.ClientTimeout | float,
        **more: Unpack[_More],
    ) -> aiohttp.ClientResponse:
        given = [(name, value) for name, value in more.get("query", {}).items() if value]
        headers = {
            "Accept": more.get("accept", _JSON),
            "Content-Type": more.get("content_type", _JSON),
        }
        request = await self._client.param_serialize(
            method, path, query_params=given, header_params=headers, auth_settings=["BearerToken"]
        )
        # Nothing may be awaited from here on: meanwhile the process could be held up.
        if method != "GET" and not self._may_write():
            raise NotLeading(f"{method} {path} was not sent: another replica may lead by now")
        status = 0
        try:
            answer = await self._client.call_api(
                method, request[1], request[2], more.get("body"), _request_timeout=limits
            )
            response: aiohttp.ClientResponse = answer.response
            status = response.status
        finally:
            self._told(method, path, status)
        return response
