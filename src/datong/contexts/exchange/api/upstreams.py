# SPDX-License-Identifier: Apache-2.0
"""Interfaces of providers: register, change, try, put in force, withdraw, as the pages do.

Kept here: what a trial answered is shown once, to whoever tried, and kept nowhere, under an idempotency key neither; the
address and secret are those of the connection and never shown here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from datong.contexts.connections import face as connections
from datong.contexts.exchange import usecases
from datong.contexts.exchange.domain import UpstreamPlace, UpstreamStage
from datong.contexts.exchange.models import Upstream
from datong.contexts.exchange.queries import upstreams
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 409, 422, 503), Problem)
PLACE = "/resources/{int:head}/{int:sequence}/interface"
SAME = (
    *("stage", "method", "path", "parameters", "members", "rows", "single", "absent", "repeatable", "timeout", "cache"),
    *("made_by", "made_at", "tried_at", "try_passed", "try_words", "try_ms", "served_by", "served_at", "ended_by", "ended_at"),
)


class InterfaceParameter(Schema):
    """An item that the interface takes as a parameter."""

    item: str = Field(max_length=64, description="field of the item")
    name: str = Field("", max_length=200, description="what the interface calls it; the item's field where left out")
    place: UpstreamPlace = UpstreamPlace.QUERY
    needed: bool = Field(default=False, description="the interface cannot do without; keys and query items alone")


class InterfacePaging(Schema):
    """How an interface hands out its rows in pages; the parameters stand in the query of a GET, in the body of a POST."""

    paging: connections.Paging
    page_parameter: str = Field("", max_length=200, description="page, offset: the number; `page` or `offset` where left out")
    first_page: int = Field(1, ge=0, le=1, description="page: number of the first")
    size_parameter: str = Field("", max_length=200, description="how many rows a page has; a shorter page is the last")
    page_size: int = Field(0, ge=0, le=10_000)
    cursor_parameter: str = Field("", max_length=200, description="cursor: its name; `cursor` where left out")
    next: str = Field("", max_length=200, description="cursor, next: JSON pointer to the cursor, or to the link")


class InterfaceIn(Schema):
    """How an interface is asked and read."""

    connection: str = Field(max_length=24, description="number of an HTTP connection of the own department")
    path: str = Field(max_length=500, description="follows its address; {name} stands for a parameter of the path")
    method: str = Field("GET", max_length=10, description="GET or POST")
    parameters: list[InterfaceParameter] = Field(max_length=200)
    members: dict[str, str] = Field(
        default_factory=dict, description="item field -> member or JSON pointer in a row; the field itself where left out"
    )
    rows: str = Field("", max_length=200, description="JSON pointer to the rows, or to the one record")
    single: bool = Field(default=False, description="one record stands there, not a list")
    absent: bool = Field(default=False, description="HTTP 404 says that there is no such record")
    repeatable: bool = Field(default=False, description="a POST only reads, so it may be tried again")
    timeout: int = Field(5, description="seconds for a call, 1 to 30, further tries included")
    cache: int = Field(0, description="seconds an answer may be kept under its grant, 0 to 300")
    paging: InterfacePaging | None = Field(None, description="left out: all rows come at once")


class InterfaceOut(Schema):
    """A registration; nothing of the connection but its number."""

    resource: str
    connection: str
    stage: str = Field(description="draft, serving or withdrawn")
    method: str
    path: str
    parameters: list[InterfaceParameter]
    members: dict[str, str]
    rows: str
    single: bool
    absent: bool
    repeatable: bool
    timeout: int
    cache: int
    paging: InterfacePaging | None
    made_by: str
    made_at: datetime
    tried_at: datetime | None
    try_passed: bool | None
    try_words: str = Field(description="what the last trial found; never a value")
    try_ms: int | None
    served_by: str
    served_at: datetime | None
    ended_by: str
    ended_at: datetime | None


class InterfaceStandingOut(Schema):
    """What waits and what is in force for a resource."""

    draft: InterfaceOut | None
    serving: InterfaceOut | None


class InterfacesOut(Schema):
    """A page of registrations, newest first."""

    items: list[InterfaceOut]
    next: int | None


class InterfacesIn(Schema):
    """Which registrations."""

    stage: str = Field("", max_length=16, description="draft, serving or withdrawn; empty: all")
    after: int = Field(0, ge=0, le=2**62, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=200)


class InterfaceSampleIn(Schema):
    """A record that is really there."""

    sample: dict[str, str] = Field(max_length=200, description="item field -> value, for each item that is a parameter")


class InterfaceTriedOut(Schema):
    """What a trial found."""

    interface: InterfaceOut
    heads: list[str] = Field(description="names of the items")
    rows: list[list[Any]] = Field(
        description="the first rows of the answer; shown this once", json_schema_extra={"format": "password"}
    )


@router.get("/interfaces", response={200: InterfacesOut, **REFUSALS}, operation_id="list_interfaces")
def list_interfaces(request: HttpRequest, wanted: Query[InterfacesIn]) -> dict[str, Any]:
    """Registrations the officer may see: of the own department, or all for those who supervise."""
    rows = upstreams.upstreams(request.officer, stage=wanted.stage)
    found = list((rows.filter(pk__lt=wanted.after) if wanted.after else rows)[: wanted.limit])
    return {"items": [_shown(one) for one in found], "next": found[-1].pk if len(found) == wanted.limit else None}


@router.get(PLACE, response={200: InterfaceStandingOut, **REFUSALS}, operation_id="get_interface")
def get_interface(request: HttpRequest, head: int, sequence: int) -> dict[str, Any]:
    """The registration that waits and the one in force."""
    found = upstreams.open_upstreams(f"{head}/{sequence}", by=request.officer)
    stages = (UpstreamStage.DRAFT, UpstreamStage.SERVING)
    return {stage.value: _shown(found[stage]) if stage in found else None for stage in stages}


@router.put(PLACE, response={200: InterfaceOut, **REFUSALS}, operation_id="register_interface")
def register_interface(request: HttpRequest, head: int, sequence: int, given: InterfaceIn) -> dict[str, Any]:
    """Register an interface, or change the registration that waits; try it next. The one in force goes on until then."""
    told = given.dict(exclude={"paging"})
    said = usecases.Registration(**told, paging=_given(given.paging))
    return _shown(usecases.register(f"{head}/{sequence}", said, by=request.officer))


@router.post(f"{PLACE}/try", response={200: InterfaceTriedOut, **REFUSALS}, operation_id="try_interface")
def try_interface(request: HttpRequest, head: int, sequence: int, given: InterfaceSampleIn) -> dict[str, Any]:
    """Ask the registered interface for one real record; `try_passed` and `try_words` say what came of it."""
    tried = usecases.try_upstream(f"{head}/{sequence}", given.sample, by=request.officer)
    return {"interface": _shown(tried.row), "heads": tried.heads, "rows": tried.rows}


@router.post(f"{PLACE}/serve", response={200: InterfaceOut, **REFUSALS}, operation_id="serve_interface")
def serve_interface(request: HttpRequest, head: int, sequence: int) -> dict[str, Any]:
    """Put the registration in force once its trial has passed; landed rows answer no more."""
    return _shown(usecases.serve_upstream(f"{head}/{sequence}", by=request.officer))


@router.post(f"{PLACE}/withdraw", response={200: InterfaceOut, **REFUSALS}, operation_id="withdraw_interface")
def withdraw_interface(request: HttpRequest, head: int, sequence: int) -> dict[str, Any]:
    """Take the interface out of force; landed rows answer again, or nothing."""
    return _shown(usecases.withdraw_upstream(f"{head}/{sequence}", by=request.officer))


def _given(paging: InterfacePaging | None) -> dict[str, Any]:
    """What is said of the paging, without what its way does not take."""
    if paging is None:
        return {}
    told = {**paging.dict(), "page_size": paging.page_size or ""}
    return {name: value for name, value in told.items() if value != ""}


def _shown(row: Upstream) -> dict[str, Any]:
    same = {"resource": row.resource_id, "connection": row.connection_id, "paging": row.paging or None}
    return {**same, **{name: getattr(row, name) for name in SAME}}
