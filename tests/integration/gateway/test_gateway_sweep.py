# SPDX-License-Identifier: Apache-2.0
"""Every route of the gateway under every attack, over a real socket: refused, alike where it has to be, and on record.

Kept here: one table of routes and one of attacks; what an attack meets at a route is its usual refusal unless `ELSE` says
otherwise and why. A route of the gateway that is not in the table fails `test_every_route_is_swept`.
"""

from __future__ import annotations

import inspect
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson
import pytest

from datong.gateway import app, asking, calls, openapi
from datong.gateway.tables import desk as sharing
from datong.gateway.tables import listings
from datong.wire import xroad
from factories.attacked import (
    ABSENT,
    HELD,
    NOWHERE,
    OUTSIDE,
    STRANGE,
    Asked,
    Attacked,
    Got,
    Line,
    attacked,
)
from factories.gateways import CIVIL, CODE, Node, form, started
from factories.swept import BY_NAME, KEY, QUIET, REPORT, ROUTES, Route, token


@dataclass(frozen=True)
class Attack:
    """One attack on a route: what is sent, in order; the last is judged, by the code its record has to have."""

    name: str
    code: str
    sent: list[Asked]


def by_callers(world: Attacked, route: Route) -> Iterator[Attack]:
    """Whoever is not who may call."""
    mine = route.ask(world, "civil", "civil", CODE)
    if route.by == "token":
        for name, said in {
            "no token": "", "another scheme": "Basic Y2l2aWw6eA==", "a forged token": "Bearer eyJhbGciOiJub25lIn0.e30.",
            "a token past its end": f"Bearer {world.token('civil', 301)}", "a key that ended": f"Bearer {world.token('former')}",
            "out of use": f"Bearer {world.token('gone')}", "a bearer of tables": f"Bearer {world.bearer('civil')}",
        }.items():  # fmt: skip
            yield Attack(name, "unauthenticated", [mine.told(Authorization=said)])
        yield Attack("from elsewhere", "address_not_allowed", [route.ask(world, "fenced", "fenced", CODE)])
        bare = route.ask(world, "signing", "signing", CODE)
        yield Attack("without its signature", "signature_refused", [bare])
        once = world.signed(bare)
        yield Attack("a signature replayed", "signature_refused", [once, once])
        yield Attack("another's signature", "signature_refused", [world.signed(bare, "civil")])
        yield Attack("another tenant", "unknown", [route.ask(world, "police", "civil", CODE)])
    elif route.by == "bearer":
        for name, said in {
            "no token": "",
            "an unknown token": "Bearer dtds_x",
            "another scheme": f"Basic {world.bearer('civil')}",
        }.items():
            yield Attack(name, "unauthenticated", [mine.told(Authorization=said)])
        yield Attack("another tenant", "unknown", [route.ask(world, "police", "civil", CODE)])
    elif route.by == "address":
        path, _, query = mine.target.partition("?")
        ends, signature = query.split("&")
        stale = {"files": world.table_address, "deliveries": world.file_address}[route.name]("civil", int(time.time()) - 1)
        for name, target in {
            "not signed": path, "signed otherwise": f"{path}?{ends}&{signature[:-1]}{'0' if signature[-1] != '0' else '1'}",
            "past its end": stale, "its end moved": f"{path}?ends=9999999999&{signature}",
            "another's path": route.ask(world, "police", "police", STRANGE).target.partition("?")[0] + f"?{query}",
        }.items():  # fmt: skip
            yield Attack(name, "unauthenticated", [Asked("GET", target)])
    elif route.by == "assertion":
        yield from by_assertions(world)


def by_assertions(world: Attacked) -> Iterator[Attack]:
    caller = world.callers["civil"]
    stranger = type(caller)("civil-app", CIVIL)
    once = token(world, "civil", "", "")
    yield Attack("an assertion replayed", "unauthenticated", [once, once])
    for name, said in {
        "an unknown client": caller.assertion(iss="nobody", sub="nobody"), "another key": stranger.assertion(),
        "out of use": world.callers["gone"].assertion(), "a key that ended": world.former.assertion(),
        "of another node": caller.assertion(aud="320000"), "past its end": caller.assertion(exp=int(time.time()) - 60),
    }.items():  # fmt: skip
        yield Attack(name, "unauthenticated", [Asked("POST", once.target, once.headers, form(said))])


OF_NONE: Final = {"an unknown resource": NOWHERE, "another's resource": STRANGE, "a version of none": "3330001001/99"}
ITS_OWN: Final = ("at", "request_id", "request_hash", "response_hash", "resource", "composed")
"""In which records of the same refusal differ."""


def by_grants(world: Attacked, route: Route) -> Iterator[Attack]:
    """Grants that do not answer, resources that are not there, resources of others."""
    if route.stage:
        for who, code in {
            "expired": "grant_expired", "over": "grant_expired", "suspended": "grant_suspended", "revoked": "grant_revoked",
            "superseded": "grant_revoked", "early": "grant_not_yet", "elsewhere": "channel_not_granted",
        }.items():  # fmt: skip
            yield Attack(f"a grant {who}", code, [route.ask(world, who, who, CODE)])
    if route.coded:
        for name, code in OF_NONE.items():
            yield Attack(name, "unknown", [route.ask(world, "civil", "civil", code)])
    mine = route.ask(world, "civil", "civil", CODE)
    if route.by == "token" and route.stage and route.name != "composed":
        for name, number in {"another's grant named": "SQ-police", "no grant named": "SQ-0"}.items():
            yield Attack(name, "unknown", [mine.told(Datong_Grant=number)])
    if route.name == "events":
        yield Attack("an unknown subscription", "unknown", [mine.at("/v1/subscriptions/E-nobody/events")])


def by_purposes(world: Attacked, route: Route) -> Iterator[Attack]:
    """Another purpose, none, no case."""
    if route.purpose:
        mine = route.ask(world, "civil", "civil", CODE)
        yield Attack("another purpose", "purpose_mismatch", [mine.told(Datong_Purpose="marketing")])
        yield Attack("no purpose", "purpose_required", [mine.told(Datong_Purpose="")])
        yield Attack("no case", "case_required", [mine.told(Datong_Case="")])


ITEMS: Final[dict[str, Callable[[Asked, str], Asked]]] = {
    "records": lambda mine, item: Asked(mine.method, f"{mine.target}&items={item}", mine.headers),
    "aggregate": lambda mine, item: Asked(mine.method, mine.path + f"?by={item}", mine.headers),
    "verify": lambda mine, item: Asked(mine.method, mine.target, mine.headers, orjson.dumps({"key": KEY, "claims": {item: "x"}})),
    "corrections": lambda mine, item: Asked(mine.method, mine.target, mine.headers, orjson.dumps(REPORT | {"item": item})),
    "composed": lambda mine, item: Asked(
        mine.method,
        mine.target,
        mine.headers,
        (mine.body or b"").replace(b'"filters"', b'"items":["%b"],"filters"' % item.encode()),
    ),
}
"""Place to how it names an item."""


def by_items(world: Attacked, route: Route) -> Iterator[Attack]:
    """An item outside the grant, one of no resource."""
    named = ITEMS.get(route.name.removeprefix("r1 ").removesuffix(" of an interface").removesuffix(":batch"))
    if named:
        mine = route.ask(world, "civil", "civil", CODE)
        for name, item in {"an item not granted": "income", "an item of none": "nosuch"}.items():
            yield Attack(name, "item_not_granted", [named(mine, item)])


def spelled(path: str) -> dict[str, str]:
    """A path in other spellings."""
    before, _, last = path.rpartition("/")
    first = last[0]
    overlong = f"%{0xC0 | ord(first) >> 6:02x}%{0x80 | ord(first) & 0x3F:02x}"
    return {
        "%2e": f"{before}/%2e/{last}", "%2e%2e": f"{before}/x/%2e%2e/{last}", "./": f"{before}/./{last}", "../": f"{before}/x/../{last}",
        "//": f"{before}//{last}", "%2f": f"{before or '/x'}%2f{last}", "a letter": f"{before}/%{ord(first):02x}{last[1:]}",
        "a letter twice": f"{before}/%25{ord(first):02x}{last[1:]}", "overlong": f"{before}/{overlong}{last[1:]}",
        "overlong dot": f"{before}/%c0%ae/{last}", "NUL": f"{path}%00", "NUL inside": f"{before}/{first}%00{last[1:]}", "/": f"{path}/",
        ";": f"{path};x=1", "%20": f"{path}%20", "a mark": f"{before}/\u200b{last}", "very long": path + "a" * 9_000,
        "the beginning": f"/%{ord(path[1]):02x}{path[2:]}", "// before": f"/{path}", "/../ before": f"/..{path}",
    }  # fmt: skip


def by_paths(world: Attacked, route: Route) -> Iterator[Attack]:
    """The path written otherwise."""
    mine = route.ask(world, "civil", "civil", CODE)
    for name, path in spelled(mine.path).items():
        yield Attack(f"path: {name}", "unauthenticated" if route.by == "address" else "unknown", [mine.at(path)])


def by_methods(world: Attacked, route: Route) -> Iterator[Attack]:
    """A method it has not."""
    mine = route.ask(world, "civil", "civil", CODE)
    for method in ("DELETE", "PUT", "TRACE", "FOO"):
        yield Attack(f"by {method}", "method_not_allowed", [Asked(method, mine.target, mine.headers)])


def by_sizes(world: Attacked, route: Route) -> Iterator[Attack]:
    """Too much of something, or of another kind."""
    mine = route.ask(world, "civil", "civil", CODE)
    if route.by in ("token", "bearer"):
        yield Attack("a long header", "malformed", [mine.told(Authorization="Bearer " + "x" * 3_000)])
    if route.by == "token":
        yield Attack("a long purpose", "malformed", [mine.told(Datong_Purpose="x" * 2_000)])
        yield Attack("controls in a header", "malformed", [mine.told(Datong_Case="a%0d%0ab")])
        yield Attack("a header twice", "malformed", [mine.told(datong_purpose="x")])
    if route.reads == "query":
        query = mine.target + ("&" if "?" in mine.target else "?")
        yield Attack("a long query", "query_too_long", [Asked(mine.method, query + "x=" + "1" * 5_000, mine.headers)])
        yield Attack("NUL in the query", "malformed", [Asked(mine.method, query + "x=%00", mine.headers)])
    if route.reads == "body":
        big = b"x" * (9_000_000 if "batch" in route.name else 70_000)
        yield Attack("a large body", "too_large", [Asked(mine.method, mine.target, mine.headers, big)])
        yield Attack(
            "a broken body", BROKEN.get(route.name, "malformed"), [Asked(mine.method, mine.target, mine.headers, b"\xff{")]
        )
        yield Attack("another kind", "unsupported_media_type", [mine.told(Content_Type="text/plain")])


BROKEN: Final = {"query": "malformed_request"}
CLASSES: Final = (by_callers, by_grants, by_purposes, by_items, by_paths, by_methods, by_sizes)
OUTSIDE_OF_ALL: Final = ("path: very long", "path: the beginning", "path: // before", "path: /../ before")
ELSE: Final[dict[tuple[str, str], str]] = {
    ("corrections", "a grant elsewhere"): "inbox_unavailable",  # who uses data by whatever channel may report
    ("openapi.json", "a grant elsewhere"): "ok",  # it tells which channels the grant covers
    ("r1 getOpenAPI", "a grant elsewhere"): "ok",
    ("events", "no case"): "ok",  # the grant wants none: one that does covers no channel without a call for each case
    ("r1 listMethods", "another tenant"): "ok",  # it is told of its own
    ("r1 allowedMethods", "another tenant"): "ok",
    ("shares", "another tenant"): "ok",
    ("share", "path: a letter"): "ok",  # names of shares may hold anything and come percent-encoded, once
    ("query", "another kind"): "ok",  # clients of the protocol do not always tell it
    **{(name, path): "unknown" for name in ("files", "deliveries") for path in OUTSIDE_OF_ALL[name == "deliveries" :]},
}
"""Route and attack to the code it meets there instead."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, index: Path) -> Iterator[Attacked]:
    with attacked(tmp_path_factory.mktemp("attacked"), index) as made:
        yield made


@dataclass
class Found:
    """What came of the attacks on one route: what is not as it should be, and in which words it was refused."""

    amiss: dict[str, str] = field(default_factory=dict)
    words: set[bytes] = field(default_factory=set)
    traces: set[str] = field(default_factory=set)


def answered(got: Got) -> tuple[str, int, bytes]:
    """Request id, status and body of an answer; of a composed call, those of its part."""
    if got.status == 200 and got.body.startswith(b'{"parts":['):
        (part,) = got.json["parts"]
        return part["request_id"], part["status"], part["body"].encode()
    return got.number, got.status, got.body


def tried(world: Attacked, route: Route, attacks: list[Attack]) -> Found:
    """Make attacks and compare what was said with what is on record."""
    world.fresh()
    said = []
    for attack in attacks:
        for asked in attack.sent:
            got = world.line.ask(asked)
        said.append((attack, *answered(got)))
    records = {one["request_id"]: one for one in world.fresh()}
    found = Found()
    for attack, number, status, body in said:
        wanted = ELSE.get((route.name, attack.name), attack.code)
        record = records.get(number)
        if wanted == QUIET:
            found.amiss |= {attack.name: f"{status} on record"} if record or status != 200 else {}
        elif record is None:
            found.amiss[attack.name] = f"{status} not on record: {body[:120]!r}"
        elif (record["code"], record["status"]) != (wanted, status):
            found.amiss[attack.name] = f"{status}, on record {record['code']} {record['status']}, not {wanted}"
        elif wanted != "ok" and (status < 400 or record.get("rows") or HELD.encode() in body or "张".encode() in body):
            found.amiss[attack.name] = f"refused, yet it tells: {record} {body!r}"
        elif wanted == "ok" and attack.name == "another tenant" and any(held in body for held in (b"SQ-civil", b'"1"')):
            found.amiss[attack.name] = f"told of another's: {body!r}"
        elif wanted == "unknown":
            found.words.add(bare(body, number))
            if attack.name in OF_NONE:
                found.traces.add(str({name: value for name, value in record.items() if name not in ITS_OWN}))
    return found


def bare(body: bytes, number: str) -> bytes:
    """The words of a refusal without the number it has on record."""
    dashed = "-".join((number[:8], number[8:12], number[12:16], number[16:20], number[20:]))
    return body.replace(number.encode(), b"N").replace(dashed.encode(), b"N")


@pytest.mark.parametrize("name", BY_NAME)
def test_every_attack_is_refused_alike_and_on_record(world: Attacked, name: str):
    route = BY_NAME[name]
    usual = Attack("what is lawful", route.usual, [route.ask(world, "civil", "civil", CODE)])
    found = tried(world, route, [usual, *(attack for attacks in CLASSES for attack in attacks(world, route))])
    assert found.amiss == {}
    assert len(found.words) <= 2, found.words  # no such resource; no such place, for a path outside of all
    assert len(found.traces) <= 1, found.traces


BODIED: Final = [route for route in ROUTES if route.reads == "body"]


def of(world: Attacked, route: Route) -> Asked:
    return route.ask(world, "civil", "civil", CODE)


def came(world: Attacked, count: int) -> list[str]:
    """Codes of so many new records, once they are there."""
    found: list[str] = []
    until = time.monotonic() + 60
    while len(found) < count and time.monotonic() < until:
        found += [one["code"] for one in world.fresh()]
    return found


def test_what_comes_slowly_is_refused_in_time_and_headers_that_never_end_are_hung_up_on(world: Attacked):
    world.fresh()
    with ExitStack() as stack:
        lines = [stack.enter_context(closing(Line(world.port))) for _ in range(len(BODIED) + 1)]
        lines[0].begin(of(world, BY_NAME["records"]).raw()[:-2] + b"X-A: ")
        for line, route in zip(lines[1:], BODIED, strict=True):
            line.begin(of(world, route).raw(length="Content-Length: 2000\r\n"))
        said = [line.heard().status for line in lines[1:]]
        assert lines[0].ended()
    assert said == [400 if route.tongue == "xroad" else 408 for route in BODIED]
    assert came(world, len(BODIED)) == ["body_too_slow"] * len(BODIED)


def test_a_body_cut_short_is_on_record_at_every_route(world: Attacked):
    world.fresh()
    for route in BODIED:
        line = Line(world.port)
        line.begin(of(world, route).raw(length="Content-Length: 2000\r\n"))
        line.close()
    assert came(world, len(BODIED)) == ["body_cut"] * len(BODIED)


@pytest.mark.parametrize(
    "framing",
    ["Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 900\r\n", ""],
)
def test_a_request_in_the_body_of_another_is_no_request_at_any_route(world: Attacked, framing: str):
    """Framed in two ways at once, or honestly the body of a request that has none."""
    inner = of(world, BY_NAME["records"]).raw()
    for route in ROUTES:
        world.fresh()
        asked = of(world, route)
        body = b"0\r\n\r\n" + inner if framing else inner
        outer = Asked(asked.method, asked.target, asked.headers, body).raw(length=framing or None, more="Connection: close\r\n")
        line = Line(world.port)
        line.begin(outer)
        answers = line.rest()
        line.close()
        assert answers.count(b"HTTP/1.1 ") == 1, route.name
        assert len(world.fresh()) == (route.usual != QUIET), route.name


def test_a_row_outside_the_grant_looks_like_one_that_is_not_there(world: Attacked):
    swept = [route for route in ROUTES if HELD.encode() in of(world, route).raw() and "correct" not in route.name]
    assert len(swept) > 8
    for route in swept:
        asked = of(world, route)
        said = []
        for key in (OUTSIDE, ABSENT):
            body = (asked.body or b"").replace(HELD.encode(), key.encode()) or None
            got = world.line.ask(Asked(asked.method, asked.target.replace(HELD, key), asked.headers, body))
            _, status, text = answered(got)
            said.append((status, re.sub(rb'"(next|etag)":"[^"]*"', b"", text)))
        assert said[0] == said[1] and said[0][0] == 200, route.name


def test_every_route_is_swept(world: Attacked, node: Node):
    """A room, a prefix, a place, a pattern or a described path that no route of the table reaches fails here."""
    swept = {(of(world, route).method, of(world, route).path) for route in ROUTES}
    paths = {path for _, path in swept}
    places = {*calls.CHANNELS, *(f"r1 {place}" for place in (*calls.CHANNELS, *xroad.METADATA))}
    assert places | listings._ASKED | {one for (one,) in sharing._READ} <= BY_NAME.keys()
    patterns = [one for one in vars(asking).values() if isinstance(one, re.Pattern) and one.pattern[:1] in (b"/", "/")]
    assert len(patterns) > 2 and all(any(one.fullmatch(path.encode()) for path in paths) for one in patterns)
    prefixes = [getattr(app, name) for name in re.findall(r"startswith\((\w+)\)", inspect.getsource(app.Gateway.__call__))]
    assert len(prefixes) > 4 and all(any(path.encode().startswith(one) for path in paths) for one in prefixes)
    with started(node) as gateway:
        rooms = {*(one.decode() for one in gateway.app._rooms), *(one.path for one in gateway.app._sides.routes)}
    assert rooms <= paths
    told = {
        (method.upper(), re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
        for path, said in openapi.document(node.config())["paths"].items() for method in said if method in {"get", "post"}
    }  # fmt: skip
    assert len(told) > 10
    assert [one for one in told if not any(method == one[0] and re.fullmatch(one[1], path) for method, path in swept)] == []
