# SPDX-License-Identifier: Apache-2.0
"""Shapes of the API for the life of an entry: updates, removals, laws, inventory, history."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema
from pydantic import Field


class PageIn(Schema):
    """Which rows, behind which."""

    stage: str = Field("", max_length=20)
    after: int = Field(0, ge=0, le=2**62, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=500)


class WordsIn(Schema):
    """A reason or opinion."""

    words: str = Field("", max_length=20_000)


class DecisionIn(Schema):
    """A decision with its opinion."""

    approve: bool
    opinion: str = Field("", max_length=20_000)


class TicketIn(Schema):
    """A duty to update."""

    cause: str = Field("", max_length=100, description="law, decision or duty")
    citation: str = Field("", max_length=5000)
    reason: str = Field("", max_length=20_000)
    event_on: date | None = None
    resource: str = Field("", max_length=64)
    department: str = Field("", max_length=18, description="empty: the own one")


class CodeIn(Schema):
    """A resource."""

    resource: str = Field("", max_length=64)


class ExtensionIn(Schema):
    """Working days asked for, and why."""

    days: int = Field(ge=-1000, le=1000)
    reason: str = Field("", max_length=20_000)


class TicketOut(Schema):
    """A duty to update with its period."""

    id: int
    number: str
    stage: str
    cause: str
    citation: str
    reason: str
    event_on: date
    department: str
    resource: str
    version: int | None
    extension: str
    extension_days: int | None
    ending: str
    due: date | None
    late: bool


class TicketsOut(Schema):
    """A page of duties to update, newest first."""

    items: list[TicketOut]
    next: int | None


class RemovalIn(Schema):
    """Why a published resource should leave, what was settled with its users, who takes its place."""

    reason: str = Field("", max_length=20_000)
    negotiation: str = Field("", max_length=20_000)
    successor: str = Field("", max_length=64)


class RemovalOut(Schema):
    """A request to remove a published resource."""

    id: int
    number: str
    resource: str
    kind: str
    successor: str
    reason: str
    negotiation: str
    stage: str
    opinion: str
    asked_by: str
    asked_at: datetime
    decided_at: datetime | None


class RemovalsOut(Schema):
    """A page of removals, newest first."""

    items: list[RemovalOut]
    next: int | None


class ArticleOut(Schema):
    """One article cited often."""

    article: str
    gist: str


class LawOut(Schema):
    """A law a withholding may rest on."""

    id: int
    title: str
    rank: str
    document: str
    issued_on: date | None
    repealed: bool
    articles: list[ArticleOut]


class LawIn(Schema):
    """A law to list."""

    title: str = Field("", max_length=1000)
    rank: str = Field("", max_length=100)
    document: str = Field("", max_length=1000)
    issued_on: date | None = None


class ArticleIn(Schema):
    """An article to list."""

    article: str = Field("", max_length=100)
    gist: str = Field("", max_length=5000)


class SystemIn(Schema):
    """An information system of the own department, links included."""

    name: str = Field("", max_length=1000)
    origin: str = Field("own", max_length=100)
    description: str = Field("", max_length=5000)
    duties: list[int] = Field(default_factory=list, max_length=2000)
    resources: list[str] = Field(default_factory=list, max_length=2000)


class SystemOut(Schema):
    """An information system; `covered` where a published entry comes from it."""

    id: int
    name: str
    origin: str
    description: str
    department: str
    active: bool
    covered: bool
    duties: list[int]
    resources: list[str]


class DutyIn(Schema):
    """A duty of the own department."""

    name: str = Field("", max_length=1000)
    basis: str = Field("", max_length=5000)
    resources: list[str] = Field(default_factory=list, max_length=2000)


class DutyOut(Schema):
    """A duty; `covered` where it, or a system that serves it, has a published entry."""

    id: int
    name: str
    basis: str
    department: str
    active: bool
    covered: bool
    resources: list[str]


class GapOut(Schema):
    """A duty or system without a published entry."""

    kind: str
    key: int
    name: str
    department: str
    department_name: str
    why: str


class CompletenessOut(Schema):
    """How much of the inventory has an entry."""

    systems: int
    duties: int
    covered: int
    percent: int
    gaps: list[GapOut]


class ElementIn(Schema):
    """A data element."""

    code: str = Field("", max_length=100)
    name: str = Field("", max_length=1000)
    type: str = Field("", max_length=10)
    definition: str = Field("", max_length=5000)
    length: int | None = None
    code_list: str = Field("", max_length=5000)
    source: str = Field("", max_length=18, description="credit code of the source department")


class ElementOut(Schema):
    """A data element with its one source department."""

    code: str
    name: str
    type: str
    definition: str
    length: int | None
    code_list: str
    source: str
    source_name: str


class SourceIn(Schema):
    """The source department."""

    department: str = Field("", max_length=18)


class ChangeOut(Schema):
    """One field that says something else."""

    field: str
    before: Any
    after: Any


class ItemChangeOut(Schema):
    """One item added, removed, changed or moved."""

    kind: str
    field: str
    name: str
    changes: list[ChangeOut]


class DiffOut(Schema):
    """What changed from one version to another."""

    old: int
    new: int
    fields: list[ChangeOut]
    items: list[ItemChangeOut]
