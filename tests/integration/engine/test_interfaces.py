# SPDX-License-Identifier: Apache-2.0
"""Interfaces that answer in JSON, over a real HTTP server: pages, secrets, faults, and those that mean no good."""

from __future__ import annotations

import json
import socket

import pytest

from datong.engine import face as engine
from datong.engine.backends.remote import calls, guard, web
from datong.engine.base import Column, Schema
from datong.engine.errors import SourceUnreadable
from datong.kernel.sharing import ItemType
from factories import stores
from factories.stores import LOOPBACK

ROWS = [{"id": number, "name": f"人{number}", "rate": 0.1} for number in range(1, 8)]
SCHEMA = Schema((Column("id", ItemType.I, key=True), Column("name", ItemType.C, 40)))
COLUMNS = {"id": "id", "name": "name"}
TOKEN = "tok-3n-secret"


@pytest.fixture(scope="module")
def server():
    with stores.an_interface() as found:
        yield found


@pytest.fixture(autouse=True)
def _fresh(server, monkeypatch):
    server.answers.clear()
    server.calls.clear()
    monkeypatch.setattr(web, "PAUSES", (0.0, 0.0))


def caller(server, **changed):
    return engine.Caller(**{"base": server.base, "inside": LOOPBACK, **changed})


def source(server, path="/rows", columns=(), **how):
    return engine.InterfaceSource(caller(server), path, engine.Paging(**how), columns)


def ids(read):
    seen = read.inspect()
    place = seen.columns.index("id")
    return [int(one) for block in read.blocks(seen) for one in block.columns[place]]


def pages(number: int, size: int = 3):
    return ROWS[(number - 1) * size : number * size]


def test_rows_by_the_number_of_the_first_row_come_to_their_end(server):
    server.answers["/rows"] = lambda asked: {"items": ROWS[int(asked["offset"]) :][:2]}
    assert ids(source(server, rows="/items", paging="offset", page_parameter="offset")) == list(range(1, 8))


def test_rows_by_page_number_come_to_their_end(server):
    server.answers["/rows"] = lambda asked: {"data": {"items": pages(int(asked["p"]), int(asked["size"]))}}
    read = source(
        server, "/rows?year=2026", rows="/data/items", paging="page", page_parameter="p", size_parameter="size", page_size=3
    )
    assert ids(read) == [1, 2, 3, 4, 5, 6, 7]
    assert all("year=2026" in path for path, _ in server.calls)


def test_rows_by_cursor_and_by_next_link_come_to_their_end(server):
    after = {"": "a", "a": "b", "b": None}
    by_cursor = {"": 1, "a": 2, "b": 3}
    server.answers["/rows"] = lambda asked: {
        "items": pages(by_cursor[asked.get("cursor", "")]), "next_cursor": after[asked.get("cursor", "")]
    }  # fmt: skip
    assert ids(source(server, rows="/items", paging="cursor", next="/next_cursor")) == list(range(1, 8))
    links = {"": "?n=2", "2": f"{server.base}/links?n=3", "3": ""}
    server.answers["/links"] = lambda asked: {"items": pages(int(asked.get("n", 1))), "next": links[asked.get("n", "")]}
    assert ids(source(server, "/links", rows="/items", paging="next", next="/next")) == list(range(1, 8))


def test_rows_land_by_their_declared_types_and_strange_ones_are_set_aside(server, tmp_path):
    server.answers["/rows"] = lambda _: [*ROWS, "no row", {"id": "x", "name": None}]
    landed = engine.land(source(server), SCHEMA, COLUMNS, tmp_path / "lake", batch="1")
    assert (landed.rows_good, landed.rows_bad) == (7, 2)
    assert {row["code"] for row in engine.quarantine(tmp_path / "lake", batch="1", limit=9)} == {"not_object", "not_integer"}


def test_values_keep_their_digits_and_their_shape(server):
    body = '[{"a": 1.10, "b": 12345678901234567890, "c": true, "d": {"x": [1.0, null, "字"]}, "e": null, "f": "007"}]'
    server.answers["/rows"] = lambda _: (200, {}, body.encode())
    seen = source(server).inspect()
    assert dict(zip(seen.columns, seen.rows[0], strict=True)) == {
        "a": "1.10", "b": "12345678901234567890", "c": "true", "d": '{"x":[1.0,null,"字"]}', "e": None, "f": "007",
    }  # fmt: skip


def test_a_known_column_may_be_absent_from_the_first_rows(server):
    server.answers["/rows"] = lambda _: [{"id": 1}]
    assert source(server, columns=("id", "name")).inspect().columns == ("id", "name")


@pytest.mark.parametrize(
    ("signing", "account", "header", "sent"),
    [
        ("bearer", "", "", ("authorization", f"Bearer {TOKEN}")),
        ("header", "", "X-Api-Key", ("x-api-key", TOKEN)),
        ("basic", "me", "", ("authorization", "Basic bWU6dG9rLTNuLXNlY3JldA==")),
    ],
)
def test_the_secret_goes_in_the_header_that_was_agreed(server, signing, account, header, sent):
    server.answers["/status"] = lambda _: {"ok": True}
    who = caller(server, signing=signing, account=account, secret=TOKEN, header=header, check="/status")
    assert engine.try_interface(who).passed
    assert {name.lower(): value for name, value in server.calls[0][1].items()}[sent[0]] == sent[1]


def test_a_secret_that_cannot_be_sent_is_said_without_it(server):
    with pytest.raises(SourceUnreadable, match="不能发送") as told:
        engine.try_interface(caller(server, signing="bearer", secret="口令"))
    assert "口令" not in str(told.value.fields)
    with pytest.raises(SourceUnreadable):
        engine.try_interface(caller(server, signing="bearer", secret="a\r\nx: y"))
    assert server.calls == []


def test_what_was_busy_is_asked_again_and_what_stays_busy_is_said(server):
    states = iter([503, 429, 200])
    server.answers["/rows"] = lambda _: (next(states), {"retry-after": "0"}, json.dumps(ROWS).encode())
    assert len(source(server).inspect().rows) == 7
    server.answers["/rows"] = lambda _: (500, {}, b"secret words of the server")
    with pytest.raises(SourceUnreadable, match="HTTP 500") as told:
        source(server).inspect()
    assert "secret words" not in f"{told.value} {told.value.fields}"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((302, {"location": "http://169.254.169.254/"}, b""), "不跟随"),
        ((401, {}, b""), "拒绝了账号"),
        ((200, {}, b"<html>"), "不是 JSON"),
        ((200, {}, b"[" * 200_000), "不是 JSON"),
        ((200, {}, b'[{"a": NaN}]'), "不是 JSON"),
        ((200, {}, b'{"items": {}}'), "没有行的列表"),
        ((200, {}, b"[]"), "没有返回行"),
    ],
)
def test_answers_that_cannot_be_used_are_refused_by_name(server, answer, words):
    server.answers["/rows"] = lambda _: answer
    with pytest.raises(SourceUnreadable, match=words):
        source(server, rows="/items" if b"items" in answer[2] else "").inspect()


def test_an_answer_beyond_the_bound_is_let_go(server, monkeypatch):
    monkeypatch.setattr(calls, "LARGEST_ANSWER", 1000)
    server.answers["/rows"] = lambda _: ROWS * 100
    with pytest.raises(SourceUnreadable, match="应答超过"):
        source(server).inspect()


def test_pages_without_end_are_refused(server, monkeypatch):
    server.answers["/rows"] = lambda _: {"items": ROWS, "next": "/rows?x=1"}
    with pytest.raises(SourceUnreadable, match="没有尽头"):
        ids(source(server, rows="/items", paging="next", next="/next"))
    with pytest.raises(SourceUnreadable, match="没有尽头"):
        ids(source(server, rows="/items", paging="page"))
    monkeypatch.setattr(calls, "MOST_PAGES", 5)
    server.answers["/rows"] = lambda asked: {"items": ROWS[:1], "next_cursor": asked.get("cursor", "") + "x"}
    with pytest.raises(SourceUnreadable, match="没有尽头"):
        ids(source(server, rows="/items", paging="cursor", next="/next_cursor"))


def test_a_next_link_that_leads_away_never_gets_the_secret(server):
    server.answers["/rows"] = lambda _: {"items": ROWS, "next": "http://other.example/rows"}
    with pytest.raises(SourceUnreadable, match="别的服务器"):
        ids(source(server, rows="/items", paging="next", next="/next"))


def test_inner_addresses_are_not_reached_unless_allowed(server):
    server.answers["/rows"] = lambda _: ROWS
    with pytest.raises(SourceUnreadable, match="内网"):
        engine.InterfaceSource(caller(server, inside=()), "/rows").inspect()
    assert server.calls == []


def test_a_name_is_checked_whole_and_asked_for_once(server, monkeypatch):
    asked = []

    def resolve(host, port, *_, **__):
        asked.append(host)
        place = ("127.0.0.1", port)
        return [(2, 1, 6, "", place)] + ([(2, 1, 6, "", ("10.0.0.1", port))] if host == "mixed.example" else [])

    monkeypatch.setattr(guard.socket, "getaddrinfo", resolve)
    server.answers["/rows"] = lambda _: ROWS
    named = caller(server, base=f"http://good.example:{server.port}")
    assert len(engine.InterfaceSource(named, "/rows").inspect().rows) == 7
    assert asked.count("good.example") == 1
    assert server.calls[0][1]["host"] == f"good.example:{server.port}"
    with pytest.raises(SourceUnreadable, match="内网"):
        engine.InterfaceSource(caller(server, base=f"http://mixed.example:{server.port}"), "/rows").inspect()
    monkeypatch.setattr(guard.socket, "getaddrinfo", lambda *_, **__: (_ for _ in ()).throw(socket.gaierror()))
    with pytest.raises(SourceUnreadable, match="解析不到"):
        engine.InterfaceSource(named, "/rows").inspect()
