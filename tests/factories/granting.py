# SPDX-License-Identifier: Apache-2.0
"""Random grants on random resources, and calls made as the document of a grant says, without knowing anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema_rs
import orjson
from hypothesis import strategies as st
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from datong.kernel.sharing import Channel, ItemType
from datong.wire import policy as wire

MASKS = ("none", "none", "redact", "hash", "year", "partial:1:1", "partial:3:4", "null", "band:10", "format:digits")
TEXTS, DAYS = "CMG", "DT"
SECRET = "zzrowzz"
"""Stands in the values of row rules, which no document tells."""
SAMPLES = {
    "C": "甲", "M": "甲", "G": "甲", "N": "1.5", "Y": "2", "I": "7", "F": "0.5", "B": "0.25", "D": "2026-01-02",
    "T": "2026-01-02T03:04:05Z", "L": "true",
}  # fmt: skip


def an_item(number: int, kind: str) -> wire.Item:
    """An item whose field and name stand nowhere else."""
    return wire.Item(field=f"qf{number}q", name=f"项{number}项", type=kind)


@st.composite
def rules(draw: st.DrawFn, items: list[wire.Item]) -> wire.RowRule:
    one = draw(st.sampled_from(items))
    ops = ["eq", "in", *(["prefix", "case"] if one.type in TEXTS else []), *(["from", "until"] if one.type in DAYS else [])]
    op = draw(st.sampled_from(ops))
    value = SECRET if one.type in TEXTS else SAMPLES["D"] if op in ("from", "until") else SAMPLES[one.type]
    return wire.RowRule(field=one.field, op=op, values=[] if op == "case" else [value])


@st.composite
def resources(draw: st.DrawFn, *, proxied: bool = False) -> wire.Resource:
    kinds = draw(st.lists(st.sampled_from([*ItemType]), min_size=1, max_size=7))
    items = [an_item(number, kind) for number, kind in enumerate(kinds)]
    fields = [one.field for one in items]
    keys, queries = draw(st.sets(st.sampled_from(fields), max_size=2)), draw(st.sets(st.sampled_from(fields), max_size=3))
    upstream = None
    if proxied or draw(st.integers(0, 3)) == 0:
        asked = draw(st.lists(st.sampled_from(fields), min_size=1, max_size=3, unique=True))
        upstream = wire.Upstream(
            connection="zzconnzz", base="https://zzbasezz", path="/zzpathzz", members=[],
            parameters=[wire.UpstreamParameter(item=one, name="zzparamzz", needed=draw(st.booleans())) for one in asked],
        )  # fmt: skip
    return wire.Resource(
        code="3330001001/1", name="人口", version=draw(st.integers(1, 9)), items=items, upstream=upstream, provider="zzorgzz",
        index="" if upstream or draw(st.booleans()) else "zzindexzz", keys=[one for one in fields if one in keys],
        queries=[one for one in fields if one in queries], pace=wire.Pace(per_second=draw(st.sampled_from([0, 9]))),
    )  # fmt: skip


@st.composite
def granted(draw: st.DrawFn, *, proxied: bool = False) -> tuple[wire.Grant, wire.Resource]:
    """A grant and the resource it is on, which its provider's own interface answers for where that is wanted."""
    resource = draw(resources(proxied=proxied))
    chosen = draw(st.sets(st.sampled_from([one.field for one in resource.items])))
    covered = [Channel.CALL.value, Channel.VERIFY.value] if proxied else [one.value for one in Channel]
    asked = {one.item for one in resource.upstream.parameters} if resource.upstream else set()
    ruled = [one for one in resource.items if one.field in asked] or resource.items
    grant = wire.Grant(
        number=draw(st.sampled_from(["SQ-1", "授权 1"])), resource=resource.code, client_id="civil-app", department="D",
        channels=draw(st.lists(st.sampled_from(covered), min_size=int(proxied), unique=True)),
        items=[wire.GrantItem(field=one, mask=draw(st.sampled_from(MASKS))) for one in sorted(chosen)],
        rows=draw(st.lists(rules(ruled), max_size=2)), purpose=draw(st.sampled_from(["", "社会救助 & 核对"])),
        require_purpose=draw(st.booleans()), require_case=draw(st.booleans()), max_rows=draw(st.sampled_from([1, 50, 5_000])),
        quota_per_day=draw(st.sampled_from([None, 10])), not_before="2026-01-01", not_after="2099-12-31",
        pace=wire.Pace(per_second=draw(st.sampled_from([0, 5])), at_once=draw(st.sampled_from([0, 3]))),
        table=draw(st.sampled_from(["", "zztablezz"])), events=draw(st.sampled_from(["", "zzeventszz"])),
        delivery_mode=draw(st.sampled_from(["", "full", "incremental"])),
        subscriptions=[wire.Subscription(number="E20261122-0001", stage=draw(st.sampled_from(["active", "paused"])))],
    )  # fmt: skip
    return grant, resource


def check_sound(document: Any) -> dict[str, Any]:
    """Check that a document is valid OpenAPI 3.1 with sound schemas and no loose end; gives it back as it is read."""
    read: dict[str, Any] = orjson.loads(orjson.dumps(document))
    OPENAPI_31_VALIDATOR.validate(read)
    for schema in read["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)
    for found in _refs(read):
        assert resolved(read, {"$ref": found})
    named = [one["operationId"] for path in read["paths"].values() for one in path.values() if isinstance(one, dict)]
    assert len(named) == len(set(named))
    return read


def _refs(part: Any) -> list[str]:
    if isinstance(part, list):
        return [one for piece in part for one in _refs(piece)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    return own + [one for piece in part.values() for one in _refs(piece)]


def resolved(document: dict[str, Any], part: Any) -> Any:
    """What a reference stands for."""
    while "$ref" in part:
        found: Any = document
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def fits(document: dict[str, Any], schema: Any, value: Any) -> None:
    """Check a value against a schema of the document."""
    jsonschema_rs.validate(schema | {"components": document["components"]}, value, validate_formats=True)


@dataclass
class Made:
    """A call as it is sent, and what may come back: status to response."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    kind: str
    responses: dict[str, Any]


def operations(document: dict[str, Any]) -> dict[str, tuple[str, str, list[Any], dict[str, Any]]]:
    """Each operation by its id: path, method, parameters, and itself."""
    found = {}
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for method, one in item.items():
            if isinstance(one, dict):
                parameters = [resolved(document, part) for part in (*shared, *one.get("parameters", []))]
                found[one["operationId"]] = (path, method, parameters, one)
    return found


def made(document: dict[str, Any], operation: str, values: Mapping[str, str], body: Any = None) -> Made:
    """Write a call from the document alone: what is required, and what `values` has of the rest."""
    path, method, parameters, one = operations(document)[operation]
    headers: dict[str, str] = {}
    query: dict[str, str] = {}
    for part in parameters:
        name, schema = part["name"], part["schema"]
        value = values.get(name) or (schema["enum"][0] if part["required"] and "enum" in schema else None)
        if value is None:
            assert not part["required"], f"{operation} wants {name}"
            continue
        if part["in"] == "path":
            path = path.replace(f"{{{name}}}", value)
        else:
            (headers if part["in"] == "header" else query)[name] = value
    raw, kind = b"", ""
    if body is not None:
        kind = "application/json"
        fits(document, one["requestBody"]["content"][kind]["schema"], body)
        raw = orjson.dumps(body)
    target = f"{path}?{urlencode(query, quote_via=quote)}" if query else path
    return Made(method.upper(), target, headers, raw, kind, one["responses"])


def sample(document: dict[str, Any], schema: Any, row: Mapping[str, str]) -> dict[str, Any]:
    """Values of a row for every item a schema names, in their types."""
    shapes = resolved(document, schema)["properties"]
    return {name: _typed(shapes[name]["type"], row[name]) for name in shapes}


def _typed(kind: str, text: str) -> Any:
    return text == "true" if kind == "boolean" else float(text) if kind == "number" else int(text) if kind == "integer" else text
