# SPDX-License-Identifier: Apache-2.0
"""Laws of the document of a grant: sound, silent about everything else, and true to the rules calls are judged by."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from datong.crypto import ff1
from datong.engine.backends.remote.proxied import Interface, Member, Parameter
from datong.engine.base import Column
from datong.engine.plans.aggregating import compile_aggregate
from datong.engine.plans.lookup import Access, LookupRequest, RowRule, compile_lookup, compile_verify
from datong.engine.plans.values import as_stored
from datong.kernel.errors import DatongError
from datong.kernel.masks import Mask, apply
from datong.kernel.sharing import MEASURE_TYPES, ItemType
from datong.wire import policy as wire
from datong.wire.granted import shapes, xroad
from datong.wire.granted.document import document
from datong.wire.granted.offer import AGGREGATE, BATCH, EVENTS, FILES, RECORDS, TABLE, VERIFY, Offer, offer_of
from datong.wire.xroad import Service
from factories.granting import MASKS, SAMPLES, SECRET, an_item, check_sound, granted, operations

CLIENT = wire.Client(client_id="civil-app", name="系统", department="D", public_key="zzkeyzz")
ASKED = Service("330000", "11330000002482053E", "3330001001", "getOpenAPI", "")
SECRETS = (SECRET, "zzconnzz", "zzbasezz", "zzpathzz", "zzparamzz", "zzindexzz", "zztablezz", "zzeventszz", "zzkeyzz", "zzorgzz")
PLACES = {
    "getRecords": RECORDS, "getAggregate": AGGREGATE, "verifyRecord": VERIFY, "verifyBatch": BATCH, "queryTable": TABLE,
    "getDeliveredFile": FILES, "getEvents": EVENTS,
}  # fmt: skip


def plain(pair: tuple[wire.Grant, wire.Resource]) -> str:
    return json.dumps(document(*pair, CLIENT), ensure_ascii=False)


@settings(max_examples=25)
@given(granted())
def test_the_document_is_sound_and_offers_only_what_the_grant_covers(pair: Any):
    grant, resource = pair
    read = check_sound(document(grant, resource, CLIENT))
    check_makeable(read)
    found = operations(read)
    offered = {place for name, place in PLACES.items() if name in found}
    assert offered == set(offer_of(grant, resource).places)
    covered = {"call": {RECORDS, AGGREGATE}, "verify": {VERIFY, BATCH}, "table": {TABLE}, "file": {FILES},
               "subscription": {EVENTS}}  # fmt: skip
    assert offered <= {place for channel in grant.channels for place in covered[channel]}
    if resource.upstream is not None:
        assert offered <= {RECORDS, VERIFY, BATCH}


@settings(max_examples=40)
@given(granted())
def test_nothing_outside_the_grant_is_named(pair: Any):
    grant, resource = pair
    said = plain(pair)
    known = {one.field for one in grant.items} | set(resource.keys)
    for item in resource.items:
        if item.field not in known:
            assert item.field not in said
            assert item.name not in said
    assert not any(secret in said for secret in SECRETS)


def an_access(offer: Offer) -> Access:
    return Access(
        {one.field: ItemType(one.type) for one in offer.resource.items}, offer.resource.keys, offer.resource.queries,
        {one.field: Mask.parse(one.mask) for one in offer.grant.items},
        [RowRule(one.field, one.op, tuple(one.values)) for one in offer.grant.rows], b"k" * 32,
    )  # fmt: skip


def holds(question: Any, *asked: Any) -> bool:
    try:
        question(*asked)
    except DatongError:
        return False
    return True


@settings(max_examples=40)
@given(granted())
def test_what_is_offered_is_what_calls_are_judged_by(pair: Any):
    offer = offer_of(*pair)
    access, values = an_access(offer), {one.field: SAMPLES[one.type] for one in offer.resource.items}
    every = [one.field for one in offer.resource.items]
    if RECORDS in offer.places:
        searched = [name for name in every if holds(compile_lookup, LookupRequest(access, {name: values[name]}, None, 1, None, "c"))]
        assert [one.field for one in offer.filters] == searched
        assert [one.field for one in offer.items] == [*access.readable]
    if AGGREGATE in offer.places:
        assert [one.field for one in offer.claims] == [name for name in every if holds(compile_aggregate, access, [name], [], {}, "c")]
        measured = [f"{how}:{name}" for how in MEASURE_TYPES for name in every if holds(compile_aggregate, access, [], [(how, name)], {}, "c")]
        assert [*offer.measures] == ["count", *measured]
        picked = [name for name in every if holds(compile_aggregate, access, [], [], {name: values[name]}, "c")]
        assert [one.field for one in offer.picked] == picked
    if VERIFY in offer.places:
        key = {one.field: values[one.field] for one in offer.key}
        claimed = [name for name in every if holds(compile_verify, access, key, {name: values[name]}, "c")]
        assert [one.field for one in offer.claims] == claimed


@settings(max_examples=25)
@given(granted())
def test_what_is_granted_and_could_be_asked_is_offered(pair: Any):
    grant, resource = pair
    offer = offer_of(grant, resource)
    access = an_access(offer)
    if resource.upstream is None:
        assert (RECORDS in offer.places) == ("call" in grant.channels and bool(access.readable and access.searchable))
        assert (AGGREGATE in offer.places) == ("call" in grant.channels)
        assert (VERIFY in offer.places) == ("verify" in grant.channels and bool(access.keys and offer.claims))


@settings(max_examples=40)
@given(granted(proxied=True))
def test_of_an_interface_is_offered_what_it_would_be_asked(pair: Any):
    grant, resource = pair
    offer, access = offer_of(grant, resource), an_access(offer_of(grant, resource))
    columns = [Column(one.field, ItemType(one.type)) for one in resource.items]
    parameters = tuple(Parameter(one.item, "p", needed=one.needed) for one in resource.upstream.parameters)
    interface = Interface("GET", "/p", parameters, tuple(Member(one, one.field) for one in columns))
    ruled = {rule.field: "1" for rule in grant.rows if rule.op in ("eq", "case")}
    every: dict[str, Any] = dict.fromkeys(access.searchable, "1")
    assert (RECORDS in offer.places) == ("call" in grant.channels and bool(access.readable) and holds(interface.question, every, ruled))
    key: dict[str, Any] = dict.fromkeys(resource.keys, "1")
    verifies = "verify" in grant.channels and bool(offer.claims) and holds(interface.question, key, ruled)
    assert (VERIFY in offer.places) == verifies
    if RECORDS in offer.places:
        least: dict[str, Any] = dict.fromkeys(offer.needed or offer.enough[:1], "1")
        assert holds(interface.question, least, ruled)
        assert not any(holds(interface.question, {a: b for a, b in every.items() if a != name}, ruled) for name in offer.needed)


def values_of(kind: str) -> st.SearchStrategy[Any]:
    texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
    as_told = {"N": st.decimals(-10**6, 10**6, places=2).map(str), "I": st.integers(-(2**63), 2**63 - 1),
               "F": st.floats(allow_nan=False, allow_infinity=False), "L": st.booleans(),
               "D": st.dates().map(str), "T": st.datetimes().map(lambda one: one.isoformat() + "Z")}  # fmt: skip
    as_told |= {"Y": as_told["N"], "B": as_told["F"]}
    return as_told.get(kind, texts)


@settings(max_examples=80)
@given(st.data(), st.sampled_from([*ItemType]), st.sampled_from(MASKS))
def test_what_is_told_of_an_item_fits_what_the_document_says(data: st.DataObject, kind: ItemType, mask: str):
    value = data.draw(st.none() | values_of(kind))
    shown = apply(Mask.parse(mask), value, key=b"k" * 32, kind=kind, permute=ff1.encrypt)
    jsonschema_rs.validate(shapes.told(an_item(1, kind), mask), shown, validate_formats=True)


@pytest.mark.parametrize("kind", [*ItemType])
def test_a_value_in_the_form_that_is_said_can_be_asked_for(kind: ItemType):
    text: Any = SAMPLES[kind]
    shape = shapes.asked(an_item(1, kind))
    with contextlib.suppress(KeyError):
        text = {"integer": int, "number": float, "boolean": "true".__eq__}[shape["type"]](text)
    jsonschema_rs.validate(shape, text, validate_formats=True)
    assert as_stored(kind, "x", text) == as_stored(kind, "x", SAMPLES[kind])


@pytest.mark.parametrize("mask", sorted(set(MASKS) - {"none"}))
@pytest.mark.parametrize("kind", [ItemType.I, ItemType.L, ItemType.D, ItemType.F])
def test_a_masked_item_is_a_text_whatever_it_was(kind: ItemType, mask: str):
    assert shapes.told(an_item(1, kind), mask)["type"] == ("null" if mask == "null" else ["string", "null"])
    assert "format" not in shapes.told(an_item(1, kind), mask)


def test_a_rule_that_does_not_fit_the_resource_offers_nothing():
    resource = wire.Resource(code="3330001001/1", name="人口", version=1, items=[an_item(1, "C")], keys=["qf1q"], index="x")
    facts: dict[str, Any] = {"number": "SQ-1", "resource": resource.code, "client_id": "a", "department": "D", "channels": ["call"],
                             "items": [wire.GrantItem(field="qf1q")], "not_before": "2026-01-01", "not_after": "2026-12-31"}  # fmt: skip
    for rule in (wire.RowRule(field="gone", op="eq", values=["1"]), wire.RowRule(field="qf1q", op="from", values=["2026-01-01"])):
        offer = offer_of(wire.Grant(**facts, rows=[rule]), resource)
        assert (offer.places, len(offer.awaited)) == ((), 1)
        assert "gone" not in plain((offer.grant, resource))
    assert offer_of(wire.Grant(**facts), resource).places == (RECORDS, AGGREGATE)


@pytest.mark.parametrize(
    ("changes", "wanted", "codes"),
    [
        ({}, set(), {"item_not_granted", "grant_suspended"}),
        ({"purpose": "核对", "require_purpose": True}, {"Datong-Purpose"}, {"purpose_required", "purpose_mismatch"}),
        ({"require_case": True}, {"Datong-Case"}, {"case_required"}),
        ({"rows": [wire.RowRule(field="qf1q", op="case", values=[])]}, {"Datong-Case"}, {"case_required"}),
        ({"quota_per_day": 9, "pace": wire.Pace(per_second=1, at_once=1)}, set(), {"quota_exhausted", "rate_exceeded", "too_many_at_once"}),
    ],
)
def test_headers_and_refusals_follow_the_grant(changes: Any, wanted: set[str], codes: set[str]):
    resource = wire.Resource(code="3330001001/1", name="人口", version=1, items=[an_item(1, "C")], keys=["qf1q"], index="x")
    facts: dict[str, Any] = {"number": "SQ-1", "resource": resource.code, "client_id": "a", "department": "D", "channels": ["call"],
                             "items": [wire.GrantItem(field="qf1q")], "not_before": "2026-01-01", "not_after": "2026-12-31"}  # fmt: skip
    read = check_sound(document(wire.Grant(**(facts | changes)), resource, CLIENT, server="https://gateway.example/"))
    assert read["servers"] == [{"url": "https://gateway.example"}]
    _, _, parameters, operation = operations(read)["getRecords"]
    assert {one["name"] for one in parameters if one["required"] and one["in"] == "header"} == wanted
    told = {code for one in operation["responses"].values() for part in one.get("content", {}).values()
            for code in part["schema"].get("properties", {}).get("code", {}).get("enum", [])}  # fmt: skip
    conditional = {"purpose_required", "purpose_mismatch", "case_required", "quota_exhausted", "rate_exceeded", "too_many_at_once"}
    assert codes <= told
    assert told & conditional == codes & conditional


def choices(part: Any) -> Iterator[list[Any]]:
    """Every choice of schemas in a document."""
    for name, one in part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ():
        if name in ("oneOf", "anyOf"):
            yield one
        yield from choices(one)


def check_makeable(read: dict[str, Any]) -> None:
    """Check what makers of clients need that OpenAPI does not: what openapi-python-client 0.29 stumbled over."""
    for found in choices(read):
        assert len(found) > 1
        assert all("$ref" in one or "properties" not in one for one in found), "an object in a choice has a name"
    for _, _, parameters, one in operations(read).values():
        for schema in (part["schema"] for part in parameters if part["in"] == "query"):
            kinds = {option["type"] for option in schema.get("anyOf", [schema])}
            assert len(kinds) == 1 and kinds <= {"string", "integer", "number", "boolean"}, "lists in a query are texts"
        assert "application/json" in one.get("requestBody", {"content": "application/json"})["content"]
        for status, told in one["responses"].items():
            known = {kind for kind in told.get("content", ()) if kind.startswith(("application/json", "application/problem+json"))}
            assert known or "content" not in told or "application/octet-stream" in told["content"] or (
                one["tags"] == ["table"] and status == "200"), "delta sharing speaks in lines"  # fmt: skip


@settings(max_examples=15)
@given(st.data())
def test_in_x_roads_words_it_is_as_sound_and_as_silent(data: st.DataObject):
    first, resource = data.draw(granted())
    grants = [first, *(replace(one, number=f"SQ-{at}") for at, (one, _) in enumerate(data.draw(st.lists(granted(), max_size=2))))]
    fields = {one.field for one in resource.items}
    grants = [replace(one, items=[item for item in one.items if item.field in fields]) for one in grants]
    told = check_sound(xroad.document(grants, resource, CLIENT, ASKED))
    served = {place for one in grants for place in offer_of(one, resource).places}
    assert {path.removeprefix("/") for path in told["paths"]} == served & {RECORDS, AGGREGATE, VERIFY, BATCH}
    said, known = json.dumps(told, ensure_ascii=False), {item.field for one in grants for item in one.items} | set(resource.keys)
    assert "composed" not in said
    check_makeable(told)
    for item in resource.items:
        assert item.field in known or (item.field not in said and item.name not in said)
    assert not any(secret in said for secret in SECRETS)
