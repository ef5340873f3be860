# SPDX-License-Identifier: Apache-2.0
"""Interfaces that hand out pages: the caller reads on by an opaque cursor, gets each record once, and nothing else by it."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.engine.plans.lookup import Page
from datong.gateway.upstream import paged
from datong.wire import policy as wire
from factories.gateways import PLACE, Node, a_grant, lawful
from factories.upstreams import PEOPLE, Server, Talking, a_proxied_resource, found, said, talking

SIZE = 25
HERE = [one for one in PEOPLE if one["region"] == "330106"]
PAGE = wire.UpstreamPaging(paging="page", page_parameter="p", first_page=0, size_parameter="n", page_size=SIZE)
OFFSET = wire.UpstreamPaging(paging="offset", page_parameter="from", size_parameter="n", page_size=SIZE)
CURSOR = wire.UpstreamPaging(paging="cursor", cursor_parameter="c", next="/data/next")
NEXT = wire.UpstreamPaging(paging="next", next="/data/next")
WAYS = {"page": PAGE, "offset": OFFSET, "cursor": CURSOR, "next": NEXT}


def by_pages(way: str, asked: list[dict[str, str]]) -> Callable[[Any], None]:
    """An honest interface that hands out pages in a way."""

    def behave(request: Any) -> None:
        given = {name: str(value) for name, value in request.given.items()}
        asked.append(given)
        begin = {"page": int(given.get("p", 0)) * SIZE, "offset": int(given.get("from", 0))}.get(
            way, int(given.get("c", "k0")[1:])
        )
        rows = found(given)
        told: dict[str, Any] = {"list": rows[begin : begin + SIZE]}
        more = f"k{begin + SIZE}" if begin + SIZE < len(rows) else None
        told["next"] = (
            f"/api/persons?{request.path.partition('?')[2].partition('&c=')[0]}&c={more}" if more and way == "next" else more
        )
        said(request, 200, json.dumps({"data": told}).encode())

    return behave


@pytest.fixture
def gateway(node: Node, there: Server) -> Iterator[Talking]:
    with talking(node) as made:
        made.register(base=there.url, paging=PAGE)
        yield made


def all_of(gateway: Talking, token: str, query: str) -> tuple[list[str], list[str]]:
    """Names of all records of a question, and the cursors they came by."""
    names: list[str] = []
    cursors = [""]
    while cursors[-1] is not None:
        answer = gateway.records(token, query + (f"&after={cursors[-1]}" if cursors[-1] else "")).json
        names += [one["name"] for one in answer["records"]]
        cursors.append(answer["next"])
    return names, cursors[1:-1]


@pytest.mark.parametrize(("way", "limit"), [("page", 10), ("offset", 25), ("cursor", 45), ("next", 40)])
def test_every_record_comes_once_and_in_order(gateway: Talking, token: str, there: Server, way: str, limit: int):
    asked: list[dict[str, str]] = []
    there.behave = by_pages(way, asked)
    gateway.register(base=there.url, paging=WAYS[way])
    names, cursors = all_of(gateway, token, f"region=330106&items=name&limit={limit}")
    assert names == [one["name"] for one in HERE]
    assert len(names) > 2 * SIZE
    for one in cursors:
        assert b"k2" not in urlsafe_b64decode(one + "==") and len(one) < 2_000
    assert gateway.last_call()["upstream"]["asked"] >= 1
    assert all(one["region"] == "330106" for one in asked)


def test_a_post_takes_its_page_in_the_body(gateway: Talking, token: str, there: Server):
    asked: list[dict[str, str]] = []
    there.behave = by_pages("page", asked)
    region = wire.UpstreamParameter(item="region", name="region", place="body", needed=False)
    gateway.register(base=there.url, paging=PAGE, method="POST", parameters=[region])
    assert len(all_of(gateway, token, "region=330106&items=name&limit=50")[0]) == len(HERE)
    assert "?" not in there.asked[0].path and asked[0] == {"region": "330106", "n": "25", "p": "0"}


def test_a_cursor_opens_nothing_else(gateway: Talking, token: str, there: Server):
    there.behave = by_pages("page", [])
    after = gateway.records(token, "region=330106&items=name&limit=10").json["next"]
    assert gateway.records(token, f"region=330106&items=name&limit=30&after={after}").status == 200
    for query in ("region=330203&items=name", "region=330106&items=phone", "region=330106&name=a&items=name"):
        assert gateway.records(token, f"{query}&limit=10&after={after}").code == "malformed"
    changed = ("A" if after[-5] != "A" else "B").join((after[:-5], after[-4:]))
    for strange in (changed, after[:40], "10.abc", "%C3%A9", "a" * 2_001):
        assert gateway.records(token, f"region=330106&items=name&limit=10&after={strange}").code == "malformed"
    gateway.register(a_grant("SQ-9"), base=there.url, paging=PAGE)
    assert gateway.records(token, f"region=330106&items=name&limit=10&after={after}").code == "malformed"


def test_rows_a_rule_hides_cost_pages_and_the_caller_reads_on(gateway: Talking, token: str, there: Server, monkeypatch):
    monkeypatch.setattr(paged, "MOST", 2)
    asked: list[dict[str, str]] = []
    there.behave = by_pages("page", asked)
    rule = wire.RowRule(field="name", op="eq", values=[HERE[-1]["name"]])
    name = [wire.UpstreamParameter(item="region", name="region")]
    gateway.register(a_grant(rows=[rule]), base=there.url, paging=PAGE, parameters=name)
    first = gateway.records(token, "region=330106&items=name").json
    assert (first["records"], first["next"] is None, len(asked)) == ([], False, 2)
    names, _ = all_of(gateway, token, "region=330106&items=name")
    assert names == [HERE[-1]["name"]]


def test_further_pages_are_paced_as_calls(gateway: Talking, token: str, there: Server):
    asked: list[dict[str, str]] = []
    there.behave = by_pages("page", asked)
    resource = wire.msgspec.structs.replace(a_proxied_resource(there.url, paging=PAGE), pace=wire.Pace(per_second=1, burst=2))
    gateway.offer(a_grant(max_rows=500), resources=[resource])
    first = gateway.records(token, "region=330106&items=name&limit=500").json
    assert (len(first["records"]), first["next"] is None, len(asked)) == (2 * SIZE, False, 2)
    assert gateway.last_call()["upstream"]["asked"] == 2


def test_a_record_is_verified_on_whichever_page_it_is(gateway: Talking, token: str, there: Server, monkeypatch):
    def all_persons(request: Any) -> None:
        page = int(request.given.get("p", 0))
        rows = found({})[page * SIZE : (page + 1) * SIZE]
        said(request, 200, json.dumps({"data": {"list": rows}}).encode())

    there.behave = all_persons
    person = HERE[40]
    asked = {"key": {"id": person["id"]}, "claims": {"name": person["name"]}}
    assert gateway.verify(token, asked).json == {"found": True, "matches": {"name": True}}
    assert gateway.last_call()["upstream"]["asked"] > 3
    reply = gateway.ask(
        "POST", f"{PLACE}/verify:batch", headers=lawful(token), body=json.dumps([asked]).encode(), kind="application/json"
    )
    assert reply.json == [{"found": True, "matches": {"name": True}}]
    assert gateway.verify(token, {"key": {"id": "1"}, "claims": {"name": "x"}}).json["found"] is False
    monkeypatch.setattr(paged, "MOST", 3)
    assert gateway.verify(token, {"key": {"id": "1"}, "claims": {"name": "x"}}).code == "upstream_misfit"


def test_pages_that_do_not_move_on_or_lead_away_go_no_further(gateway: Talking, token: str, there: Server):
    same = json.dumps({"data": {"list": found({"region": "330106"})[:SIZE], "next": "k1"}}).encode()
    there.behave = lambda request: said(request, 200, same)
    assert gateway.records(token, "region=330106&items=name&limit=45").code == "upstream_misfit"
    after = gateway.records(token, f"region=330106&items=name&limit={SIZE}").json["next"]
    assert gateway.records(token, f"region=330106&items=name&limit={SIZE}&after={after}").code == "upstream_misfit"
    gateway.register(base=there.url, paging=CURSOR)
    assert gateway.records(token, "region=330106&items=name&limit=45").code == "upstream_misfit"
    rows, ring = found({"region": "330106"}), {"": "k1", "k1": "k2", "k2": "k1"}

    def circling(request: Any) -> None:
        here = str(request.given.get("c", ""))
        document = {"data": {"list": rows[len(here) and int(here[1:]) :][:1], "next": ring[here]}}
        said(request, 200, json.dumps(document).encode())

    there.behave = circling
    assert gateway.records(token, "region=330106&items=name&limit=45").code == "upstream_misfit"
    assert gateway.verify(token, {"key": {"id": "1"}, "claims": {"name": "x"}}).code == "upstream_misfit"
    for away in ("http://127.0.0.1:1/elsewhere", "//elsewhere.example/x", "http://[", "x" * 1_001, ["k"], "a\nb"):
        document = {"data": {"list": found({"region": "330106"})[:SIZE], "next": away}}
        there.behave = lambda request, document=document: said(request, 200, json.dumps(document).encode())
        gateway.register(base=there.url, paging=NEXT)
        assert gateway.records(token, "region=330106&items=name&limit=45").code == "upstream_misfit"


def test_a_page_that_changed_under_a_reader_is_begun_anew(gateway: Talking, token: str, there: Server):
    there.behave = by_pages("page", [])
    after = gateway.records(token, "region=330106&items=name&limit=10").json["next"]
    there.behave = lambda request: said(
        request, 200, json.dumps({"data": {"list": found({"region": "330106"})[1:SIZE]}}).encode()
    )
    assert gateway.records(token, f"region=330106&items=name&limit=10&after={after}").code == "cursor_stale"


@given(st.integers(0, 60), st.integers(1, 9), st.integers(1, 25), st.sets(st.integers(0, 59)))
def test_whatever_the_pages_each_row_to_be_seen_comes_once(count: int, size: int, limit: int, hidden: set[int]):
    rows: list[paged.Row] = [(number,) for number in range(count)]

    async def fetch(position: str) -> paged.Fetched:
        begin = int(position or 0)
        return paged.Fetched(rows[begin : begin + size], str(begin + size) if begin + size < count else "")

    async def answer(some: list[paged.Row], most: int, after: int | None) -> Page:
        shown = [(place, row) for place, row in enumerate(some, 1) if place > (after or 0) and row[0] not in hidden]
        return Page([{"n": row[0]} for _, row in shown[:most]], shown[most - 1][0] if len(shown) > most else None)

    async def all_pages() -> list[int]:
        seen: list[int] = []
        reached: paged.Reached | None = paged.Reached()
        while reached is not None:
            records, reached = await paged.gathered(fetch, answer, reached, limit, lambda: True)
            assert len(records) <= limit
            seen += [one["n"] for one in records]
        return seen

    assert asyncio.run(all_pages()) == [number for number in range(count) if number not in hidden]
