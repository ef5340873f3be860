# SPDX-License-Identifier: Apache-2.0
"""May it be used or not, and why; who uses what, and what nobody uses."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from datong.contexts.exchange.queries import using
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 422), Problem)


class ExplainIn(Schema):
    """What is asked: an application or a person, a resource, perhaps one item."""

    resource: str = Field(max_length=44)
    application: str = Field("", max_length=64, description="client id")
    account: str = Field("", max_length=64, description="sign-in name; instead of an application")
    item: str = Field("", max_length=63)


class VerdictOut(Schema):
    """Whether one application may have it: rule, grant, stage, mask, quota, what to do next."""

    application: str
    application_name: str
    allowed: bool
    why: str
    rule: str
    next: str
    grant: str
    stage: str
    mask: str
    channels: list[str]
    purpose: str
    quota: int | None
    left_today: int | None
    until: date | None


class ExplanationOut(Schema):
    """The answer, for each application concerned."""

    resource: str
    resource_name: str
    sharing_type: str
    item: str
    item_name: str
    account: str
    sees_grants: bool
    allowed: bool
    verdicts: list[VerdictOut]


class UseOut(Schema):
    """How one live grant is used."""

    grant: str
    stage: str
    resource: str
    resource_name: str
    consumer: str
    provider: str
    application: str
    calls: int
    refused: int
    rows: int
    lately: int
    failing: int
    health: str = Field(description="fine, some, failing or silent: the calls of the last seven days")
    last_used: datetime | None


class UsesOut(Schema):
    """A page of grants with their use, the longest unused first."""

    items: list[UseOut]
    next: int | None


class UsesIn(Schema):
    """Which grants."""

    side: str = Field("", max_length=20, description="consumer or provider: those of the own department")
    q: str = Field("", max_length=200)
    unused_days: int = Field(0, ge=0, le=3650, description="only those unused for so many days")
    after: int = Field(0, ge=0, le=10_000_000, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=200)


@router.get("/explain", response={200: ExplanationOut, **REFUSALS}, operation_id="explain")
def explain(request: HttpRequest, asked: Query[ExplainIn]) -> dict[str, Any]:
    """Say whether an application or a person may have a resource or an item, by which rule, grant, stage, quota and mask."""
    told, left = using.explained(**asked.dict(), by=request.officer)
    verdicts = [{**asdict(one), "left_today": left.get(one.grant)} for one in told.verdicts]
    return {**asdict(told), "allowed": told.allowed, "verdicts": verdicts}


@router.get("/use", response={200: UsesOut, **REFUSALS}, operation_id="list_use")
def list_use(request: HttpRequest, wanted: Query[UsesIn]) -> dict[str, Any]:
    """Use of the live grants the officer sees, the longest unused first."""
    rows = using.in_use(request.officer, side=wanted.side, q=wanted.q, unused_days=wanted.unused_days)
    found = list(rows[wanted.after : wanted.after + wanted.limit])
    figures = using.figures_of([row.number for row in found])
    none = using.Figures()
    items = [
        {
            "grant": row.number, "stage": row.stage, "resource": row.resource_id, "resource_name": row.resource.name,
            "consumer": row.consumer_id, "provider": row.provider_id, "application": row.application_id, "calls": one.calls,
            "refused": one.refused, "rows": one.rows, "lately": one.lately, "failing": one.failing, "health": one.health,
            "last_used": row.last_used,
        }
        for row in found
        for one in (figures.get(row.number, none),)
    ]  # fmt: skip
    return {"items": items, "next": wanted.after + wanted.limit if len(found) == wanted.limit else None}
