# SPDX-License-Identifier: Apache-2.0
"""`/r1/…`: the REST protocol of X-Road, mapped onto the same grants, checks and evidence as `/v1`.

Kept here: nothing is decided here but who X-Road-Client says it is, which has to be whose access token it is. X-Road-Issue
is the case number, X-Road-UserId the user; a purpose and a grant are named by our own headers where the grant wants them.
Every answer carries the hash of its request, and the evidence has it as everywhere. Metadata tell of what the caller
holds a grant on and of nothing else; the description of a service is written by what writes the document of a grant.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

import orjson

from datong.gateway import asking
from datong.gateway.answers import Answer, Receive, Scope, Send, allowing
from datong.gateway.asking import Ask
from datong.gateway.calls import CHANNELS, DESCRIPTION, Call
from datong.gateway.config import Limits
from datong.gateway.granting import check_purpose, in_force, is_in_force
from datong.gateway.plane import DataPlane, permit
from datong.gateway.refusals import Hindered, MethodNotAllowed, failed, unknown
from datong.gateway.serving import METHODS, Services
from datong.gateway.snapshot import Snapshot, Standing
from datong.gateway.xroad.faults import spoken
from datong.kernel.errors import DatongError, Malformed
from datong.wire import policy as wire
from datong.wire import xroad
from datong.wire.granted.xroad import document, served

log = logging.getLogger("datong.gateway")

RENAMED: Final = {b"x-road-issue": b"datong-case", b"x-road-userid": b"datong-user"}
ECHOED: Final = (b"x-road-client", b"x-road-id", b"x-road-userid", b"x-road-issue")
DESCRIBED: Final = "getOpenAPI"
READING: Final = ("GET", "HEAD")
REFUSED: Final = 400


class XRoadDesk:
    """Answers X-Road clients."""

    def __init__(self, plane: DataPlane, services: Services, clock: Callable[[], float], limits: Limits) -> None:
        self._plane, self._services, self._clock, self._limits = plane, services, clock, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under /r1/."""
        call = Call(self._clock(), scope)
        service = xroad.service_of(call.path)
        if service is not None and service.service == DESCRIBED:
            call.record.kind = call.record.channel = DESCRIPTION
        elif service is not None and service.service not in xroad.METADATA:
            place = service.path if service.path in CHANNELS else ""
            call.record.resource, call.place = f"{service.subsystem}/{service.service}", place
            call.record.channel = CHANNELS.get(place, "")
        try:
            answer = await self._answer(call, service, receive)
        except DatongError as refusal:
            answer = spoken(refusal, call.record.request_id)
        except Exception:
            log.exception("call %s failed", call.record.request_id)
            fault = failed()
            answer = spoken(fault, call.record.request_id)
        if answer.status >= REFUSED:
            call.held.give_back()
        try:
            told = replace(answer, headers=(*answer.headers, *_bound(call, service)))
            await self._plane.close(call, told, send, spoken)
        finally:
            call.held.leave()

    async def _answer(self, call: Call, service: xroad.Service | None, receive: Receive) -> Answer:
        ask = Ask(_renamed(call.headers))
        snapshot, client, receive = await self._plane.admit(call, ask, receive)
        _check_client(call, client, snapshot.node)
        if service is None or service.instance != snapshot.node:
            raise unknown()
        if service.service in xroad.METADATA:
            return self._metadata(call, service, snapshot, client, ask)
        if not call.place:
            raise unknown()
        standings = [one for one in snapshot.standings(client.client_id, call.record.resource) if _is_of(one, service)]
        standing = permit(call, standings, ask)
        if call.method == "OPTIONS":
            return allowing(METHODS[call.place])
        check_purpose(standing.grant, ask)
        return await self._services.answer(call, standing, ask, receive)

    def _metadata(self, call: Call, service: xroad.Service, snapshot: Snapshot, client: wire.Client, ask: Ask) -> Answer:
        if call.method not in READING:
            raise MethodNotAllowed("metadata are read by GET", fields={"method": "GET"})
        if service.path:
            raise unknown()
        held = [one for one in snapshot.held_by(client.client_id) if _below(one, service)]
        said = asking.query(call.query, self._limits)
        if service.service == DESCRIBED:
            code = f"{service.subsystem}/{said.get('serviceCode', '')}"
            mine = _in_force(call, [one for one in held if one.resource.code == code], ask)
            told = document([one.grant for one in mine], mine[0].resource, client, service)
            return Answer(200, orjson.dumps(told))
        if service.service == "allowedMethods":
            held = [one for one in held if is_in_force(one, call.now)]
        return Answer(200, orjson.dumps(xroad.methods(_services(held, service))))


def _in_force(call: Call, held: list[Standing], ask: Ask) -> list[Standing]:
    """The grants in force that a description tells of: all of them, for X-Road's tools name none, or the one that is named.

    Raises:
        Unknown: none is the caller's, or the one named is not.
        Hindered: none is in force.
    """
    try:
        mine = in_force(held, ask.grant, call.now)
    except Hindered as why:
        call.record.grant = why.grant
        raise
    call.record.resource, call.record.version = mine[0].resource.code, mine[0].resource.version
    call.record.grant = mine[0].grant.number if len(mine) == 1 else ""
    return mine


def _services(held: Iterable[Standing], asked: xroad.Service) -> list[tuple[xroad.Service, list[tuple[str, str]]]]:
    """The services of grants, each once, with the endpoints that one of them offers."""
    offered: dict[str, set[str]] = {}
    for one in held:
        offered.setdefault(one.resource.code, set()).update(served(one.grant, one.resource).places)
    found = []
    for code, places in sorted(offered.items()):
        endpoints = [(methods[0], f"/{place}") for place, methods in METHODS.items() if place in places]
        found.append((replace(asked, service=code.partition("/")[2], path=""), endpoints))
    return [one for one in found if one[1]]


def _is_of(standing: Standing, service: xroad.Service) -> bool:
    """Tell whether the member of a path is the provider of the resource."""
    return standing.resource.provider == service.member


def _below(standing: Standing, service: xroad.Service) -> bool:
    return _is_of(standing, service) and standing.resource.code.partition("/")[0] == service.subsystem


def _check_client(call: Call, client: wire.Client, node: str) -> None:
    """Check that X-Road-Client names the application of the access token, and that X-Road-Id reads.

    Raises:
        Malformed: a header does not read, is missing, or names another one.
    """
    told = _headers(call)
    named = xroad.client_of(told.get(b"x-road-client", b"").decode("latin-1"))
    if named != xroad.Client(node, xroad.CLASS, client.department, client.client_id):
        ours = f"{node}/{xroad.CLASS}/{client.department}/{client.client_id}"
        raise Malformed("X-Road-Client is not who the access token was given to", fields={"x-road-client": ours})
    if b"x-road-id" in told:
        xroad.check_id(told[b"x-road-id"].decode("latin-1"))


def _renamed(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers with those of X-Road under our names; one said in both tongues is there twice, and refused."""
    return [(RENAMED.get(name, name), value) for name, value in headers]


def _headers(call: Call) -> dict[bytes, bytes]:
    """X-Road's headers of a request.

    Raises:
        Malformed: one is there twice.
    """
    told = [(name, value.strip()) for name, value in call.headers if name in ECHOED]
    if len(told) != len(dict(told)):
        raise Malformed("a header of X-Road is there twice", fields={"x-road-client": "send each header once"})
    return dict(told)


def _bound(call: Call, service: xroad.Service | None) -> list[tuple[bytes, bytes]]:
    """What binds an answer to its request; nothing is echoed that does not read."""
    target = call.path + b"?" + call.query if call.query else call.path
    told = {name: value for name, value in call.headers if name in ECHOED and _plain(value)}
    request_id = xroad.uuid_of(call.record.request_id).encode()
    return [
        *told.items(),
        *(((b"x-road-service", service.identifier.encode()),) if service else ()),
        *(((b"x-road-id", request_id),) if b"x-road-id" not in told else ()),
        (b"x-road-request-id", request_id),
        (b"x-road-request-hash", xroad.request_hash(call.method, target, call.headers, call.body).encode()),
    ]


def _plain(value: bytes) -> bool:
    return len(value) <= xroad.LONGEST_PATH and value.isascii() and value.decode().isprintable()
