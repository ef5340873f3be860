# SPDX-License-Identifier: Apache-2.0
"""Shapes of the demands API."""

from __future__ import annotations

from datetime import date, datetime

from ninja import Schema
from pydantic import Field

from datong.contexts.demands.domain.drafts import LONGEST, LONGEST_ITEM, MOST_ITEMS, DemandDraft, Urgency


class ListIn(Schema):
    """What the list of demands is narrowed by."""

    stage: str = Field("", max_length=16)
    urgency: str = Field("", max_length=16)
    q: str = Field("", max_length=200)
    side: str = Field("", max_length=16, description="own, responsible or review")
    department: str = Field("", max_length=18)
    after: str = Field("", max_length=24, description="number of the last one of the page before")
    limit: int = Field(50, ge=1, le=200)


class DutiesIn(Schema):
    """What the list of responsibilities is narrowed by."""

    stage: str = Field("", max_length=16)
    q: str = Field("", max_length=200)
    department: str = Field("", max_length=18)
    own: bool = False
    after: str = Field("", max_length=28, description="number of the last one of the page before")
    limit: int = Field(50, ge=1, le=200)


class DemandIn(Schema):
    """What is needed and why."""

    name: str = Field(max_length=LONGEST["name"])
    items: list[str] = Field(default_factory=list, max_length=MOST_ITEMS, description=f"names, each up to {LONGEST_ITEM}")
    basis_kind: str = Field("", max_length=24)
    basis: str = Field("", max_length=LONGEST["basis"])
    scene: str = Field("", max_length=LONGEST["scene"])
    purpose: str = Field("", max_length=LONGEST["purpose"])
    expected: str = Field("", max_length=18, description="credit code of the department thought to hold the data")
    expected_words: str = Field("", max_length=LONGEST["expected_words"])
    coverage: str = Field("", max_length=LONGEST["coverage"])
    urgency: str = Field(Urgency.ORDINARY.value, max_length=16)
    needed_by: date | None = None

    def draft(self) -> DemandDraft:
        """Give what was handed in."""
        return DemandDraft(**(self.dict() | {"items": tuple(self.items)}))


class AnsweringEntryIn(Schema):
    """An entry of the catalogue, and a word about it."""

    resource: str = Field(max_length=44)
    note: str = Field("", max_length=1000)


class DemandAssignmentIn(Schema):
    """Who is made responsible and why."""

    department: str = Field(max_length=18)
    reason: str = Field("", max_length=1000)


class DemandReasonIn(Schema):
    """Why."""

    reason: str = Field("", max_length=1000)


class ItemMatchOut(Schema):
    """An item wanted and the item of the entry taken for it."""

    wanted: str
    field: str
    name: str


class MatchOut(Schema):
    """An entry that may be it; a person decides."""

    resource: str
    name: str
    provider: str
    provider_name: str
    sharing_type: str
    score: int
    words: list[str]
    items: list[ItemMatchOut]
    expected: bool


class MatchesOut(Schema):
    """Entries that may be it, the likest first."""

    items: list[MatchOut]


class DemandOut(Schema):
    """A demand."""

    number: str
    stage: str
    name: str
    items: list[str]
    department: str
    department_name: str
    basis_kind: str
    basis: str
    scene: str
    purpose: str
    expected: str | None
    expected_words: str
    coverage: str
    urgency: str
    needed_by: date | None
    note: str
    resource: str | None
    request: str | None
    made_at: datetime
    filed_at: datetime | None
    endorsed_at: datetime | None
    reviewed_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None


class DemandsOut(Schema):
    """A page of demands."""

    items: list[DemandOut]
    next: str | None


class ResponsibilityOut(Schema):
    """One department's responsibility for a demand, with what its clocks say."""

    number: str
    demand: str
    name: str
    department: str
    department_name: str
    stage: str
    reason: str
    opinion: str
    assigned_at: datetime
    answer_due: date | None
    answered_at: datetime | None
    supply_due: date | None
    ticket: str | None
    resource: str | None


class DutiesOut(Schema):
    """A page of responsibilities."""

    items: list[ResponsibilityOut]
    next: str | None


class FiguresOut(Schema):
    """What the lists come to; shares in per cent, null where nothing counts yet."""

    stages: dict[str, int]
    total: int
    satisfied: int
    answered: int
    answered_in_time: int
    answer_share: int | None
    supplied: int
    supplied_in_time: int
    supply_share: int | None
