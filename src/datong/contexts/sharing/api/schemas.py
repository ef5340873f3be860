# SPDX-License-Identifier: Apache-2.0
"""Shapes of the sharing API; what a value may be is told in full by the use case, all faults at once."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from datong.contexts.sharing.domain import Decision, GrantedItem, RequestDraft, RowRule
from datong.kernel.masks import FORMS


class RowRuleIn(Schema):
    """A condition every row must meet."""

    field: str = Field(max_length=100)
    op: str = Field("eq", max_length=20, description="eq, in, prefix, from, until (a day) or case (no value)")
    values: list[str] = Field(default_factory=list, max_length=2000)

    def rule(self) -> RowRule:
        """Give what the use cases take."""
        return RowRule(field=self.field, op=self.op, values=tuple(self.values))


class RequestIn(Schema):
    """A whole request handed in; empty means not given yet."""

    resource: str = Field("", max_length=100, description="resource code; fixed once the request has a number")
    application: str = Field("", max_length=100, description="client id of an own application")
    basis_kind: str = Field("", max_length=100)
    basis: str = Field("", max_length=5000)
    scene: str = Field("", max_length=5000)
    scope: str = Field("", max_length=5000)
    purpose: str = Field("", max_length=2000)
    channels: list[str] = Field(default_factory=list, max_length=20)
    items: list[str] = Field(default_factory=list, max_length=5000)
    rows: list[RowRuleIn] = Field(default_factory=list, max_length=100)
    row_scope: str = Field("", max_length=5000)
    term_from: date | None = None
    term_until: date | None = None
    quota_per_day: int | None = None
    delivery_mode: str = Field("", max_length=40, description="full or incremental: tables, files, subscriptions")
    update_cycle: str = Field("", max_length=40, description="how often, no more often than the resource is updated")
    amends: str = Field("", max_length=24, description="live grant it would change; fixed once the request has a number")

    def draft(self) -> RequestDraft:
        """Give what the use cases take."""
        values = self.dict(include=set(RequestIn.model_fields) - {"rows", "channels", "items"})
        rows = tuple(rule.rule() for rule in self.rows)
        return RequestDraft(**values, channels=tuple(self.channels), items=tuple(self.items), rows=rows)


class RequestRevisionIn(RequestIn):
    """A whole request that replaces a draft."""

    revision: int | None = Field(None, description="revision the change was made on; 409 when another came between")


class NoteIn(Schema):
    """A note or reason."""

    note: str = Field("", max_length=20_000)


class SuspensionIn(NoteIn):
    """Why a grant is suspended, and until when it has to be put right."""

    mend_by: date | None = None


class RefusalIn(Schema):
    """Why a request is refused."""

    category: str = Field("", max_length=100)
    reason: str = Field("", max_length=20_000)


MASKS = f"none, null, redact, hash, year, partial:HEAD:TAIL, band:WIDTH, format:FORM (FORM: {', '.join(FORMS)})"


class GrantedItemIn(Schema):
    """One item given; without a mask the rule decides."""

    field: str = Field(max_length=100)
    mask: str | None = Field(None, max_length=40, description=MASKS)


class RequestDecisionIn(Schema):
    """What is given; what is left out is given as requested."""

    items: list[GrantedItemIn] | None = Field(None, max_length=5000)
    channels: list[str] | None = Field(None, max_length=20)
    rows: list[RowRuleIn] | None = Field(None, max_length=100)
    term_from: date | None = None
    term_until: date | None = None
    quota_per_day: int | None = None
    max_rows: int = 100
    per_second: int | None = Field(None, description="calls a second; left out: what the node gives by itself")
    burst: int | None = Field(None, description="calls that may come together after a rest; left out: those of a second")
    at_once: int | None = Field(None, description="calls under way at once; left out: what the node gives by itself")
    require_purpose: bool = True
    require_case: bool = False
    opinion: str = Field("", max_length=20_000)

    def decision(self) -> Decision:
        """Give what the use cases take."""
        values = self.dict(exclude={"items", "channels", "rows"})
        return Decision(
            items=None if self.items is None else tuple(GrantedItem(one.field, one.mask) for one in self.items),
            channels=None if self.channels is None else tuple(self.channels),
            rows=None if self.rows is None else tuple(rule.rule() for rule in self.rows),
            **values,
        )


class ClockOut(Schema):
    """A statutory period; `/periods/{id}` tells how its last day comes about."""

    id: int
    rule: str
    started_at: datetime
    days: int
    extended_days: int
    paused_at: datetime | None
    due: date
    calendar_version: str
    published: bool
    warning: str
    stopped_at: datetime | None


class RequestOut(Schema):
    """A request in short."""

    number: str
    revision: int
    stage: str
    resource: str
    resource_name: str
    sharing_type: str
    consumer: str
    consumer_name: str
    provider: str
    provider_name: str
    created_at: datetime
    filed_at: datetime | None
    endorsed_at: datetime | None
    decided_at: datetime | None
    refusal_category: str
    opinion: str
    note: str
    grant: str | None


class RequestDetailOut(RequestOut):
    """A request with all it says and its clocks."""

    created_by: str
    filed_by: str
    endorsed_by: str
    decided_by: str
    request: RequestIn
    clocks: list[ClockOut]


class ListIn(Schema):
    """Which requests or grants, behind which."""

    stage: str = Field("", max_length=20)
    q: str = Field("", max_length=200)
    side: str = Field("", max_length=20, description="consumer or provider: those of the own department")
    resource: str = Field("", max_length=44)
    after: str = Field("", max_length=24, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=500)


class RequestsOut(Schema):
    """A page of requests, newest first."""

    items: list[RequestOut]
    next: str | None


class GrantOut(Schema):
    """A grant: what its document says in short, and the stage it is in now."""

    number: str
    request: str
    stage: str
    stage_reason: str
    resource: str
    resource_name: str
    consumer: str
    consumer_name: str
    provider: str
    provider_name: str
    application: str
    valid_from: date
    valid_until: date
    granted_at: datetime
    digest: str
    purpose: str
    supersedes: str | None
    delivered_at: datetime | None
    mend_by: date | None


class GrantsOut(Schema):
    """A page of grants, newest first."""

    items: list[GrantOut]
    next: str | None


class EnvelopeOut(Schema):
    """The signed document, verifiable with the node's public key alone."""

    grant: dict[str, Any]
    signature: str
    key_id: str
    algorithm: str
