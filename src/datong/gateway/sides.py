# SPDX-License-Identifier: Apache-2.0
"""The cool routes, by Starlette: the node's key, the interface's description, the two health questions.

Kept here: `/healthz` says the process answers; `/readyz` says calls can be answered now, that is, the policy is fresh
and evidence can be kept, how long the lease still runs and how full the disk of the evidence is. What is refused here, a path
outside of every place among it, is evidence like any other refusal: whoever feels for doors is on record. A path has one
spelling here too.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from datong.gateway import metrics
from datong.gateway.answers import CAREFUL, JSON, refused
from datong.gateway.asking import shown_path
from datong.gateway.calls import Call
from datong.gateway.config import GatewayConfig
from datong.gateway.evidence import Evidence
from datong.gateway.metadata import PATH as METADATA
from datong.gateway.metadata import metadata
from datong.gateway.openapi import document
from datong.gateway.policy import PolicyHolder
from datong.gateway.refusals import EvidenceUnavailable, MethodNotAllowed, PolicyStale, failed
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.wire.metrics import TYPE

NOWHERE: Final = "/%"
"""A path that no route has."""
Refuse = Callable[[Request, DatongError], Awaitable[Response]]
HEADERS: Final = {name.decode(): value.decode() for name, value in CAREFUL}


def sides(
    config: GatewayConfig, holder: PolicyHolder, evidence: Callable[[], Evidence | None], clock: Callable[[], float]
) -> Starlette:
    """Build the application of the cool routes."""
    described = orjson.dumps(document(config))
    pem = config.public_key.read_text("ascii")

    async def openapi(_: Request) -> Response:
        return _json(described)

    async def node(_: Request) -> Response:
        return _json(orjson.dumps({"code": config.node_code, "public_key": pem, "policy_version": holder.version}))

    async def healthz(_: Request) -> Response:
        return _json(b'{"ok":true}')

    async def readyz(_: Request) -> Response:
        now = clock()
        try:
            holder.current(now)
            lease = int(holder.lease_ends - now)
        except PolicyStale:
            lease = 0
        kept = evidence()
        checks = {"policy": lease > 0, "evidence": kept is not None and kept.open}
        facts: dict[str, Any] = {"ok": all(checks.values()), "checks": checks}
        facts |= {"gateway": config.log_name, "policy_version": holder.version, "lease_seconds": lease}
        if kept is not None:
            facts["evidence_disk_percent"] = round(100 * kept.fullness, 1)
            said = [("nearly full", kept.warns), ("silent", kept.silent)]
            warnings = [f"the disk of the evidence is {how}" for how, so in said if so]
            facts |= {"warnings": warnings} if warnings else {}
        return _json(orjson.dumps(facts), 200 if facts["ok"] else 503)

    refuse = _refusing(evidence, clock)
    routes = [
        Route("/v1/openapi.json", openapi),
        Route("/v1/node", node),
        Route(METADATA, _oauth(config, refuse)),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", _figures(config, clock, refuse)),
    ]
    handlers = {HTTPException: _http_error(refuse), Exception: _fault(refuse)}
    app = Starlette(routes=routes, exception_handlers=handlers, middleware=[Middleware(AsSent)])
    app.router.redirect_slashes = False
    return app


class AsSent:
    """Lets a path mean what it says before any decoding: `/%72eadyz` is no place."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection's scope."""
        if scope["type"] == "http" and shown_path(scope) != scope["path"].encode("utf-8", "surrogatepass"):
            scope["path"] = NOWHERE
        await self._app(scope, receive, send)


def _refusing(evidence: Callable[[], Evidence | None], clock: Callable[[], float]) -> Refuse:
    """What refuses a request here: its record is durable before the refusal leaves, once evidence is open."""

    async def refuse(request: Request, error: DatongError) -> Response:
        call, kept = Call(clock(), request.scope), evidence()
        answer = refused(error, call.record.request_id)
        told = {"datong-request-id": call.record.request_id}
        if kept is not None:
            try:
                receipt = await kept.keep(call.close(answer.status, answer.code, answer.body))
                told |= {"datong-receipt": receipt.decode(), "datong-salt": call.salt.hex()}
            except EvidenceUnavailable as unavailable:
                answer = refused(unavailable, call.record.request_id)
        headers = HEADERS | {name.decode(): value.decode() for name, value in answer.headers} | told
        return Response(answer.body, answer.status, headers=headers, media_type=answer.kind.decode())

    return refuse


def _figures(
    config: GatewayConfig, clock: Callable[[], float], refuse: Refuse
) -> Callable[[Request], Awaitable[Response]]:
    async def figures(request: Request) -> Response:
        if not metrics.may_read(request.scope, config):
            return await refuse(request, _nowhere())
        told = await asyncio.to_thread(metrics.written, config, clock())
        return Response(told, headers=HEADERS, media_type=TYPE)

    return figures


def _oauth(config: GatewayConfig, refuse: Refuse) -> Callable[[Request], Awaitable[Response]]:
    async def oauth(request: Request) -> Response:
        try:
            return _json(orjson.dumps(metadata(config)))
        except Unknown as refusal:
            return await refuse(request, refusal)

    return oauth


def _json(body: bytes, status: int = 200) -> Response:
    return Response(body, status, headers=HEADERS, media_type=JSON.decode())


def _nowhere() -> Unknown:
    return Unknown("no such place", remedy="see /v1/openapi.json")


def _http_error(refuse: Refuse) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def http_error(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 404:
            return await refuse(request, _nowhere())
        if status == 405:
            allowed = (error.headers or {}).get("Allow", "GET, HEAD") if isinstance(error, HTTPException) else "GET"
            return await refuse(request, MethodNotAllowed("this method is not for this place", fields={"method": allowed}))
        return await refuse(request, Malformed("the request cannot be read"))

    return http_error


def _fault(refuse: Refuse) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def fault(request: Request, _: Exception) -> Response:
        return await refuse(request, failed())

    return fault
