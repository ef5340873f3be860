# SPDX-License-Identifier: Apache-2.0
"""Shapes of the API of periods."""

from __future__ import annotations

from datetime import date, datetime

from ninja import Schema
from pydantic import Field


class ClocksIn(Schema):
    """Which periods, behind which."""

    late: bool = False
    after: int = Field(0, ge=0, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=500)


class PeriodOut(Schema):
    """A running period: what it runs on, who has to act, its last day in Shanghai."""

    id: int
    subject_kind: str
    subject: str
    title: str
    rule: str
    department: str
    role: str
    days: int
    extended_days: int
    started_at: datetime
    due: date
    late: bool
    paused: bool
    published: bool
    calendar_version: str
    warning: str


class PauseOut(Schema):
    """A time in which a period stood still."""

    reason: str
    began_at: datetime
    ended_at: datetime | None


class PeriodDetailOut(PeriodOut):
    """A period with all its last day is computed from."""

    statute: int = Field(description="working days the law gives; `days` may be fewer, never more")
    consent: str = Field(description="the authority's consent an extension rests on")
    pauses: list[PauseOut]
    paused_at: datetime | None
    stopped_at: datetime | None
    stopped_by: str
    recomputed: date = Field(description="last day computed again from start, days, extension, pauses, calendar_version")
    agrees: bool = Field(description="whether it is the last day on record")


class ClocksOut(Schema):
    """A page of periods."""

    items: list[PeriodOut]
    overdue: int = Field(description="how many the officer may see have run out")
    next: int | None


class UrgingIn(Schema):
    """What is said."""

    words: str = Field("", max_length=5000)


class NoticesIn(Schema):
    """Which notices, behind which."""

    settled: bool | None = False
    after: int = Field(0, ge=0, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=500)


class NoticeOut(Schema):
    """A notice to a post."""

    id: int
    kind: str
    subject_kind: str
    subject: str
    title: str
    href: str
    words: str
    made_at: datetime
    settled_at: datetime | None


class NoticesOut(Schema):
    """A page of notices, newest first."""

    items: list[NoticeOut]
    next: int | None
