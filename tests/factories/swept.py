# SPDX-License-Identifier: Apache-2.0
"""Every route of the gateway in one table: how somebody asks it lawfully, and what it knows of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from datong.gateway import metadata, tokenroute
from datong.wire import xroad
from factories import tables
from factories.attacked import HELD, PROXIED, Asked, Attacked
from factories.gateways import CODE, FORM, NODE, POLICE, form, lawful

NDJSON, JSON = "application/x-ndjson", "application/json"


@dataclass(frozen=True)
class Route:
    """One route: how somebody asks it, and what it knows of.

    Attributes:
        tongue: Whose words its refusals are in.
        ask: Makes the lawful request of `who`, about what is `whose`, on a resource.
        usual: Code of a lawful request.
        by: What admits: a `token`, a table's `bearer`, an `address`, an `assertion`, or nothing.
        stage: Whether it asks for a grant in force.
        purpose: Whether it asks what for.
        coded: Whether its path or body names a resource by its code.
        reads: Which part it reads: `query`, `body` or neither.
    """

    name: str
    tongue: str
    ask: Callable[[Attacked, str, str, str], Asked]
    usual: str = "ok"
    by: str = "token"
    stage: bool = True
    purpose: bool = True
    coded: bool = True
    reads: str = "query"


def heads(world: Attacked, who: str, **more: str) -> dict[str, str]:
    return lawful(world.token(who)) | {name.replace("_", "-"): value for name, value in more.items()}


def below(place: str, query: str = "", body: Any = None, kind: str = JSON, method: str = "") -> Callable[..., Asked]:
    """A route below a resource."""

    def ask(world: Attacked, who: str, _whose: str, code: str) -> Asked:
        target = f"/v1/resources/{code}/{place}" + (f"?{query}" if query else "")
        if body is None:
            return Asked(method or "GET", target, heads(world, who))
        return Asked("POST", target, heads(world, who, Content_Type=kind), orjson.dumps(body))

    return ask


def described(world: Attacked, who: str, _whose: str, code: str) -> Asked:
    return Asked("GET", f"/v1/resources/{code}/openapi.json", heads(world, who, Datong_Grant=f"SQ-{who}"))


def composed(world: Attacked, who: str, _whose: str, code: str) -> Asked:
    part = {"name": "a", "resource": code, "service": "records", "filters": {"id": HELD}}
    return Asked("POST", "/v1/composed", heads(world, who, Content_Type=JSON), orjson.dumps({"parts": [part]}))


def followed(world: Attacked, who: str, whose: str, _code: str) -> Asked:
    return Asked("GET", f"/v1/subscriptions/{world.subscription(whose)}/events?limit=1", heads(world, who))


def spoken(place: str, query: str = "", body: Any = None, kind: str = JSON) -> Callable[..., Asked]:
    """A service as X-Road asks for it."""

    def ask(world: Attacked, who: str, _whose: str, code: str) -> Asked:
        caller = world.callers[who]
        client = f"{NODE}/GOV/{caller.department}/{caller.client_id}"
        place_ = code if place not in xroad.METADATA else code.partition("/")[0]
        said = query.format(number=code.partition("/")[2])
        target = f"/r1/{NODE}/GOV/{POLICE}/{place_}/{place}" + (f"?{said}" if said else "")
        told = heads(world, who, X_Road_Client=client)
        if body is None:
            return Asked("GET", target, told)
        return Asked("POST", target, told | {"Content-Type": kind}, orjson.dumps(body))

    return ask


def named(world: Attacked, who: str, whose: str, code: str) -> Asked:
    """The description of a service by a grant that is named: of several in force all are told, else."""
    return spoken("getOpenAPI", "serviceCode={number}")(world, who, whose, code).told(Datong_Grant=f"SQ-{who}")


def shared(place: str, method: str = "GET") -> Callable[..., Asked]:
    """A place of the Delta Sharing protocol; the share is that of `whose` grant."""

    def ask(world: Attacked, who: str, whose: str, code: str) -> Asked:
        target = tables.ROOT + place.format(share=f"SQ-{whose}-B", table=code.replace("/", "-"))
        told = {"Authorization": f"Bearer {world.bearer(who)}"}
        return Asked(method, target, told, b"{}" if method == "POST" else None)

    return ask


def table_file(world: Attacked, _who: str, whose: str, _code: str) -> Asked:
    return Asked("GET", world.table_address(whose))


def delivered(world: Attacked, _who: str, whose: str, _code: str) -> Asked:
    return Asked("GET", world.file_address(whose))


def token(world: Attacked, who: str, _whose: str, _code: str) -> Asked:
    return Asked("POST", tokenroute.PATH, {"Content-Type": FORM}, form(world.callers[who].assertion()))


def cool(path: str) -> Callable[..., Asked]:
    return lambda *_: Asked("GET", path)


QUIET: Final = "answered, and no evidence"
"""What holds nobody's data leaves none."""


def proxied(ask: Callable[..., Asked]) -> Callable[..., Asked]:
    """The same of the resource that the interface of a provider answers."""
    return lambda world, who, whose, code: ask(world, who, whose, PROXIED if code == CODE else code)


KEY = {"id": HELD}
CLAIM = {"key": KEY, "claims": {"name": "张0"}}
REPORT = {"kind": "data", "key": KEY, "item": "name", "found": "张0", "expected": "章零", "evidence": "户口簿"}
OF_TABLE = "/shares/{share}/schemas/data/tables/{table}"
ROUTES: Final = [
    Route("records", "problem", below("records", f"id={HELD}")),
    Route("aggregate", "problem", below("aggregate", "by=region")),
    Route("verify", "problem", below("verify", body=CLAIM), reads="body"),
    Route("verify:batch", "problem", below("verify:batch", body=CLAIM, kind=NDJSON), reads="body"),
    Route("why", "problem", below("why"), stage=False, purpose=False, reads=""),
    Route("openapi.json", "problem", described, purpose=False, reads=""),
    Route("corrections", "problem", below("corrections", body=REPORT), "inbox_unavailable", purpose=False, reads="body"),
    Route("correction", "problem", below(f"corrections/{'a' * 32}"), "inbox_unavailable", stage=False, purpose=False, reads=""),
    Route("records of an interface", "problem", proxied(below("records", f"id={HELD}"))),
    Route("verify of an interface", "problem", proxied(below("verify", body=CLAIM)), reads="body"),
    Route("composed", "problem", composed, reads="body"),
    Route("events", "problem", followed, coded=False),
    *[Route(f"r1 {place}", "xroad", spoken(place, query)) for place, query in (("records", f"id={HELD}"), ("aggregate", "by=region"))],
    Route("r1 verify", "xroad", spoken("verify", body=CLAIM), reads="body"),
    Route("r1 verify:batch", "xroad", spoken("verify:batch", body=CLAIM, kind=NDJSON), reads="body"),
    *[Route(f"r1 {name}", "xroad", spoken(name), stage=False, purpose=False, coded=False) for name in xroad.METADATA[:2]],
    Route("r1 getOpenAPI", "xroad", named, purpose=False),
    Route("shares", "sharing", shared("/shares"), by="bearer", purpose=False, coded=False),
    Route("share", "sharing", shared("/shares/{share}"), by="bearer", purpose=False, coded=False),
    Route("schemas", "sharing", shared("/shares/{share}/schemas"), by="bearer", purpose=False, coded=False),
    Route("tables", "sharing", shared("/shares/{share}/schemas/data/tables"), by="bearer", purpose=False, coded=False),
    Route("all-tables", "sharing", shared("/shares/{share}/all-tables"), by="bearer", purpose=False, coded=False),
    Route("version", "sharing", shared(f"{OF_TABLE}/version"), by="bearer", purpose=False),
    Route("metadata", "sharing", shared(f"{OF_TABLE}/metadata"), by="bearer", purpose=False),
    Route("query", "sharing", shared(f"{OF_TABLE}/query", "POST"), by="bearer", purpose=False, reads="body"),
    Route("changes", "sharing", shared(f"{OF_TABLE}/changes?startingVersion=0"), by="bearer", purpose=False),
    Route("temporary-table-credentials", "sharing", shared(f"{OF_TABLE}/temporary-table-credentials", "POST"), "unsupported_operation", by="bearer", purpose=False, reads=""),
    Route("files", "sharing", table_file, by="address", purpose=False, coded=False),
    Route("deliveries", "problem", delivered, by="address", purpose=False, coded=False),
    Route("token", "problem", token, by="assertion", stage=False, purpose=False, coded=False, reads="body"),
    *[Route(path, "problem", cool(path), QUIET, by="", stage=False, purpose=False, coded=False, reads="")
      for path in ("/healthz", "/readyz", "/v1/node", "/v1/openapi.json", "/metrics", metadata.PATH)],
]  # fmt: skip
BY_NAME: Final = {route.name: route for route in ROUTES}
