# SPDX-License-Identifier: Apache-2.0
"""A law: what an interface answers leaves exactly as the same rows would that have landed, whatever policy and question."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datong.engine.plans.lookup import Page, Verification
from datong.gateway.calls import Call
from datong.gateway.lookups import Desk
from datong.gateway.questions import RecordsQuestion, VerifyQuestion
from datong.gateway.snapshot import Standing
from datong.gateway.upstream import line
from datong.gateway.upstream.desk import UpstreamDesk
from datong.kernel.errors import DatongError
from datong.wire import policy as wire
from factories.gateways import ITEMS, PLACE, Node, a_grant, a_resource
from factories.upstreams import LOOPBACK, PEOPLE, a_proxied_resource, found

NAMES = [item.field for item in ITEMS]
MASKS = st.sampled_from(["none", "none", "redact", "hash", "year", "partial:1:1", "partial:3:4", "null", "band:100", "format:digits"])
PERSON = st.sampled_from(PEOPLE)
PAGING = wire.UpstreamPaging(paging="offset", page_parameter="from", size_parameter="n", page_size=20)


@st.composite
def grants(draw: st.DrawFn) -> wire.Grant:
    items = [wire.GrantItem(field=name, mask=draw(MASKS)) for name in draw(st.sets(st.sampled_from(NAMES), min_size=1))]
    one = draw(PERSON)
    rules = [
        wire.RowRule(field="region", op="prefix", values=["33"]),
        wire.RowRule(field="region", op="eq", values=[one["region"]]),
        wire.RowRule(field="region", op="in", values=["330106", "330203"]),
        wire.RowRule(field="born", op="from", values=[one["born"]]),
        wire.RowRule(field="born", op="until", values=[one["born"]]),
        wire.RowRule(field="income", op="eq", values=[one["income"]]),
        wire.RowRule(field="alive", op="eq", values=[one["alive"]]),
        wire.RowRule(field="name", op="case", values=[]),
    ]
    return a_grant(items=items, rows=draw(st.lists(st.sampled_from(rules), max_size=2)))


@st.composite
def records(draw: st.DrawFn) -> RecordsQuestion:
    one = draw(PERSON)
    names = draw(st.sets(st.sampled_from(["id", "region", "name"]), min_size=1))
    wanted = draw(st.none() | st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).map(tuple))
    return RecordsQuestion(wanted, {name: one[name] for name in names}, draw(st.sampled_from([1, 7, 100])), "")


@st.composite
def verifications(draw: st.DrawFn) -> VerifyQuestion:
    one, other = draw(PERSON), draw(PERSON)
    names = draw(st.sets(st.sampled_from(NAMES), min_size=1))
    return VerifyQuestion({"id": one["id"]}, {name: draw(st.sampled_from([one, other]))[name] for name in names})


def answers(request: httpx.Request) -> httpx.Response:
    given = dict(parse_qsl(request.url.query.decode()))
    begin = int(given.get("from", 0))
    body = json.dumps({"data": {"list": found(given)[begin : begin + int(given.get("n", 1000))]}})
    return httpx.Response(200, stream=httpx.ByteStream(body.encode()))


def a_call(case: str) -> Call:
    call = Call(0.0, {"method": "GET", "raw_path": f"{PLACE}/records".encode(), "query_string": b"", "headers": []})
    call.record.case = case
    return call


@pytest.fixture
def ask(node: Node, monkeypatch: pytest.MonkeyPatch):
    """Ask both desks the same."""
    monkeypatch.setattr(line, "transport", lambda _most: httpx.MockTransport(answers))
    (node.folder / "run").mkdir(exist_ok=True)
    config = node.config(networks=LOOPBACK)
    desk = Desk(config)

    async def all_ways(grant: wire.Grant, question: Any, case: str) -> tuple[Any, Any, Any]:
        ways = UpstreamDesk(config, desk.access), UpstreamDesk(config, desk.access)
        base = "http://127.0.0.1:9"
        resources = a_resource(), a_proxied_resource(base), a_proxied_resource(base, paging=PAGING)
        here, *there = (Standing(grant, one, 0.0, 1.0) for one in resources)
        try:
            if isinstance(question, VerifyQuestion):
                answers = [await outcome(one.verify, a_call(case), each, question) for one, each in zip(ways, there, strict=True)]
                return await outcome(desk.verify, here, question, case), *answers
            said = await outcome(ways[0].records, a_call(case), there[0], question, at_once)
            paged = await outcome(read_on, ways[1], a_call(case), there[1], question)
            return await outcome(desk.records, here, question, case), said, paged
        finally:
            for one in ways:
                await one.close()

    yield lambda *asked: asyncio.run(all_ways(*asked))
    desk.close()


def at_once(_passed: float) -> float:
    return 0.0


async def read_on(ways: UpstreamDesk, call: Call, standing: Standing, question: RecordsQuestion) -> tuple[Page, str | None]:
    """Read on by the cursors of an interface that hands out pages, as far as the limit, and whether there is more."""
    records: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None and len(records) <= question.limit:
        asked = question._replace(limit=question.limit + 1 - len(records), after=after)
        page, after = await ways.records(call, standing, asked, at_once)
        records += page.records
    more = len(records) > question.limit
    return Page(records[: question.limit], None), "more" if more else None


async def outcome(task: Any, *given: Any) -> Any:
    """The answer without its mark, or the refusal."""
    try:
        answer = task(*given)
        answer = await answer if asyncio.iscoroutine(answer) else answer
    except DatongError as refusal:
        return refusal.code, refusal.fields
    return answer if isinstance(answer, Verification) else (answer[0].records, answer[1] is None)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(grants(), st.one_of(records(), verifications()), st.sampled_from(["", "张3"]))
def test_proxied_and_landed_answers_are_one(ask, grant: wire.Grant, question: Any, case: str):
    landed, proxied, paged = ask(grant, question, case)
    assert proxied == landed
    assert paged == landed


def test_there_is_something_to_compare(ask):
    masks = {"name": "hash", "region": "none", "income": "none", "born": "year"}
    items = [wire.GrantItem(field=name, mask=mask) for name, mask in masks.items()]
    landed, proxied, paged = ask(a_grant(items=items, rows=[]), RecordsQuestion(None, {"region": "330106"}, 100, ""), "")
    assert proxied == paged == landed
    assert (len(landed[0]), landed[1], landed[0][0]["born"], landed[0][1]["income"]) == (80, True, "1990", "3.5")
