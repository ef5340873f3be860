# SPDX-License-Identifier: Apache-2.0
"""Shapes of the disputes API."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field

LONGEST = 4000


class ListIn(Schema):
    """What a list of disputes is narrowed by."""

    stage: str = Field("", max_length=16, description="a stage, or open for all that wait for something")
    kind: str = Field("", max_length=16)
    matter: str = Field("", max_length=24)
    q: str = Field("", max_length=200)
    side: str = Field("", max_length=16, description="consumer or provider: of the own department")
    subject: str = Field("", max_length=44)
    after: str = Field("", max_length=24, description="number of the last one of the page before")
    limit: int = Field(50, ge=1, le=200)


class OpenIn(Schema):
    """What is disputed and what is asked for."""

    kind: str = Field(max_length=16, description="request, grant, correction or entry")
    subject: str = Field(max_length=44, description="its number or code")
    matter: str = Field(max_length=24)
    claim: str = Field("", max_length=LONGEST)


class StatementIn(Schema):
    """Words."""

    words: str = Field("", max_length=LONGEST)


class InstructIn(Schema):
    """The authority's decision."""

    instruction: str = Field("", max_length=LONGEST)
    reasons: str = Field("", max_length=LONGEST)
    document: str = Field("", max_length=100, description="needed where that authority has nobody in this node")


class DecideIn(Schema):
    """The government's decision."""

    decision: str = Field("", max_length=LONGEST)
    document: str = Field("", max_length=100)


class StatementOut(Schema):
    """One entry of the record."""

    side: str
    kind: str
    words: str
    department_name: str
    name: str
    at: datetime


class SeatOut(Schema):
    """Whose authority has to coordinate, and who handles it in this node."""

    region: str
    name: str
    present: bool
    handler: str
    handler_name: str


class DisputeOut(Schema):
    """A dispute in short."""

    number: str
    kind: str
    subject: str
    matter: str
    resource: str
    resource_name: str
    consumer: str
    consumer_name: str
    provider: str
    provider_name: str
    opened_side: str
    stage: str
    region: str
    opened_at: datetime
    ended_at: datetime | None
    days_open: int


class DisputesOut(Schema):
    """A page of disputes."""

    items: list[DisputeOut]
    next: str | None


class DisputeDetailOut(DisputeOut):
    """A dispute with its record."""

    claim: str
    agreement: str
    instruction: str
    reasons: str
    instruction_document: str
    decision: str
    decision_document: str
    authority: SeatOut
    statements: list[StatementOut]


class ComplaintListIn(Schema):
    """What a list of complaints is narrowed by."""

    stage: str = Field("", max_length=16)
    about: str = Field("", max_length=24)
    q: str = Field("", max_length=200)
    after: str = Field("", max_length=24)
    limit: int = Field(50, ge=1, le=200)


class ComplaintAssignmentIn(Schema):
    """Which department replies."""

    department: str = Field(max_length=18)
    note: str = Field("", max_length=LONGEST)


class RecordEntryOut(Schema):
    """One step of a complaint."""

    kind: str
    words: str
    department_name: str
    name: str
    at: datetime


class ComplaintOut(Schema):
    """A complaint in short; it holds no word of the citizen's."""

    number: str
    about: str
    stage: str
    department: str
    department_name: str
    filed_at: datetime
    closed_at: datetime | None


class ComplaintsOut(Schema):
    """A page of complaints."""

    items: list[ComplaintOut]
    next: str | None


class ComplaintDetailOut(ComplaintOut):
    """A complaint with its record; words and contact only for the authority and the department that replies."""

    masked: bool
    words: str
    named: str
    contact: str
    answer: str
    entries: list[RecordEntryOut]
