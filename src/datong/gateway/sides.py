# SPDX-License-Identifier: Apache-2.0
"""The cool routes, by Starlette: the node's key, the interface's description, the two health questions.

Kept here: `/healthz` says the process answers; `/readyz` says calls can be answered now, that is, the policy is fresh
and evidence can be kept, how long the lease still runs and how full the disk of the evidence is.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from datong.gateway import metrics
from datong.gateway.answers import CAREFUL, JSON, Answer, refused
from datong.gateway.calls import new_id
from datong.gateway.config import GatewayConfig
from datong.gateway.evidence import Evidence
from datong.gateway.metadata import PATH as METADATA
from datong.gateway.metadata import metadata
from datong.gateway.openapi import document
from datong.gateway.policy import PolicyHolder
from datong.gateway.refusals import MethodNotAllowed, PolicyStale, failed
from datong.kernel.errors import DatongError, Malformed, Unknown
from datong.wire.metrics import TYPE

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
            lease = int(holder.current(now).expires - now)
        except PolicyStale:
            lease = 0
        kept = evidence()
        checks = {"policy": lease > 0, "evidence": kept is not None and kept.open}
        facts: dict[str, Any] = {"ok": all(checks.values()), "checks": checks}
        facts |= {"gateway": config.log_name, "policy_version": holder.version, "lease_seconds": lease}
        if kept is not None:
            facts["evidence_disk_percent"] = round(100 * kept.fullness, 1)
            facts |= {"warnings": ["the disk of the evidence is nearly full"]} if kept.warns else {}
        return _json(orjson.dumps(facts), 200 if facts["ok"] else 503)

    routes = [
        Route("/v1/openapi.json", openapi),
        Route("/v1/node", node),
        Route(METADATA, _oauth(config)),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", _figures(config, clock)),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _http_error, Exception: _fault})
    app.router.redirect_slashes = False
    return app


def _figures(config: GatewayConfig, clock: Callable[[], float]) -> Callable[[Request], Awaitable[Response]]:
    async def figures(request: Request) -> Response:
        if not metrics.may_read(request.scope, config):
            return _problem(_nowhere())
        told = await asyncio.to_thread(metrics.written, config, clock())
        return Response(told, headers=HEADERS, media_type=TYPE)

    return figures


def _oauth(config: GatewayConfig) -> Callable[[Request], Awaitable[Response]]:
    async def oauth(_: Request) -> Response:
        try:
            return _json(orjson.dumps(metadata(config)))
        except Unknown as refusal:
            return _problem(refusal)

    return oauth


def _json(body: bytes, status: int = 200) -> Response:
    return Response(body, status, headers=HEADERS, media_type=JSON.decode())


def _problem(error: DatongError) -> Response:
    request_id = new_id()
    answer: Answer = refused(error, request_id)
    headers = HEADERS | {name.decode(): value.decode() for name, value in answer.headers}
    headers["datong-request-id"] = request_id
    return Response(answer.body, answer.status, headers=headers, media_type=answer.kind.decode())


def _nowhere() -> Unknown:
    return Unknown("no such place", remedy="see /v1/openapi.json")


async def _http_error(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404:
        return _problem(_nowhere())
    if status == 405:
        allowed = (error.headers or {}).get("Allow", "GET, HEAD") if isinstance(error, HTTPException) else "GET"
        return _problem(MethodNotAllowed("this method is not for this place", fields={"method": allowed}))
    return _problem(Malformed("the request cannot be read"))


async def _fault(_: Request, __: Exception) -> Response:
    return _problem(failed())
