# SPDX-License-Identifier: Apache-2.0
"""getOpenAPI: a service as the caller may use it, by its grants in force: granted items and covered channels alone."""

from collections.abc import Sequence
from typing import Any, Final

from datong.gateway.calls import CHANNELS
from datong.gateway.snapshot import Standing
from datong.kernel.sharing import ItemType
from datong.wire import xroad
from datong.wire.policy import Item

ENDPOINTS: Final = {"records": "GET", "aggregate": "GET", "verify": "POST", "verify:batch": "POST"}
"""Place below a service to its method."""
TYPES: Final = {ItemType.L: "boolean", ItemType.I: "integer", ItemType.B: "number", ItemType.F: "number"}
WORDS: Final = {
    "records": "Records by key or declared query items",
    "aggregate": "Counts and sums by up to three items",
    "verify": "Whether a record is there and what is claimed of it holds",
    "verify:batch": "Many verifications at once",
}


def description(standings: Sequence[Standing], asked: xroad.Service, now: float) -> dict[str, Any]:
    """An OpenAPI document of one service.

    Args:
        standings: the caller's grants on it, at least one.
        asked: the subsystem that was asked.
        now: seconds since 1970; grants not in force now describe nothing.
    """
    able = [one for one in standings if one.grant.stage == "active" and one.opens <= now < one.closes]
    resource = standings[0].resource
    number = resource.code.partition("/")[2]
    granted = {item.field: item.mask for one in able for item in one.grant.items}
    covered = {channel for one in able for channel in one.grant.channels}
    items = {one.field: _shape(one, granted[one.field]) for one in resource.items if one.field in granted}
    base = f"/r1/{asked.instance}/{xroad.CLASS}/{asked.member}/{asked.subsystem}/{number}"
    paths = {f"/{place}": _place(place, method, items) for place, method in ENDPOINTS.items() if CHANNELS[place] in covered}
    return {
        "openapi": "3.0.3",
        "info": {"title": resource.name, "version": str(resource.version)},
        "servers": [{"url": base}],
        "paths": paths,
    }


def _shape(item: Item, mask: str) -> dict[str, Any]:
    kind = TYPES.get(ItemType(item.type), "string") if mask == "none" else "string"
    return {"type": kind, "title": item.name, "nullable": True}


def _place(place: str, method: str, items: dict[str, Any]) -> dict[str, Any]:
    record = {"type": "object", "properties": items}
    told: dict[str, Any] = {"type": "object"}
    if place == "records":
        told = {"type": "object", "properties": {"records": {"type": "array", "items": record}}}
    answers = {"200": {"description": "the answer", "content": {"application/json": {"schema": told}}}}
    return {method.lower(): {"summary": WORDS[place], "responses": answers}}
