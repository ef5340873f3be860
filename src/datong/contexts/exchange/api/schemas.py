# SPDX-License-Identifier: Apache-2.0
"""Shapes of the exchange API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Schema
from pydantic import Field


class TableIn(Schema):
    """A table of a PostgreSQL database to attach."""

    dsn: str = Field(max_length=2000, description="postgresql://…; sealed at rest, never shown again")
    table: str = Field(max_length=200, description="schema.table")
    mapping: dict[str, str] = Field(default_factory=dict, description="item field -> column, where names differ")


class ReadingIn(Schema):
    """What is read through a connection; what the kind of the connection does not know is refused."""

    connection: str = Field(max_length=24, description="number of a connection of the own department")
    table: str = Field("", max_length=500, description="databases: schema.table")
    query: str = Field("", max_length=20_000, description="databases: one SELECT")
    path: str = Field("", max_length=500, description="S3 and SFTP: the file; interfaces: what follows the base")
    encoding: str = Field("", max_length=40)
    delimiter: str = Field("", max_length=1)
    sheet: str = Field("", max_length=100)
    header_row: int | None = Field(None, ge=1, le=1000)
    rows: str = Field("", max_length=200, description="JSON pointer to the list of rows")
    paging: str = Field("", max_length=10, description="none, page, cursor or next")
    page_parameter: str = Field("", max_length=200)
    first_page: int | None = Field(None, ge=0, le=1)
    size_parameter: str = Field("", max_length=200)
    page_size: int | None = Field(None, ge=1, le=10_000)
    cursor_parameter: str = Field("", max_length=200)
    next: str = Field("", max_length=200, description="JSON pointer to the cursor or the next link")
    mapping: dict[str, str] = Field(default_factory=dict, description="item field -> column, where names differ")


class FileIn(Schema):
    """How to read a file, where it cannot be seen from the file itself."""

    mapping: str = Field("{}", max_length=200_000, description="JSON object: item field -> column, where names differ")
    encoding: str = Field("", max_length=40)
    delimiter: str = Field("", max_length=1)
    sheet: str = Field("", max_length=100)
    header_row: int = Field(1, ge=1, le=1000)


class InspectionOut(Schema):
    """What a source holds, and the column proposed for each item."""

    columns: list[str]
    rows: list[list[Any]]
    encoding: str
    sheets: list[str]
    proposed: dict[str, str]


class BatchOut(Schema):
    """A batch: how far it is and how it ended."""

    number: int
    resource: str
    source: str
    stage: str
    mode: str
    phase: str = Field(description="what a running batch does: reading, comparing, writing, indexing")
    rows_read: int
    rows_good: int = Field(description="rows in the table after it")
    rows_bad: int
    inserted: int
    updated: int
    deleted: int
    unchanged: bool = Field(description="landed without a new version: the source held the same")
    error: str
    log: list[str]
    differences: list[dict[str, str]] = Field(description="why it was held: kind, item, promised, found")
    queued_at: datetime
    finished_at: datetime | None


class SetAsideOut(Schema):
    """A row set aside: where it stands in the source and why."""

    line: int
    field: str | None
    code: str
    reason: str
    raw: str


class DayOut(Schema):
    """Calls of one day."""

    day: date
    calls: int
    refused: int
    rows: int


class RefusalCountOut(Schema):
    """How often a refusal happened."""

    code: str
    times: int


class UsageOut(Schema):
    """Use of a grant."""

    calls: int
    refused: int
    rows: int
    today: int = Field(description="calls answered today (Asia/Shanghai)")
    quota: int | None = Field(description="calls a day the grant allows; null for any number")
    left: int | None = Field(description="what is left of it today")
    last_at: datetime | None
    days: list[DayOut]
    reasons: list[RefusalCountOut]


class CallOut(Schema):
    """A call as the evidence recorded it."""

    log: str
    index: int
    at: datetime
    grant: str
    resource: str
    client: str
    department: str
    channel: str
    purpose: str
    case: str
    status: int
    code: str
    rows: int
    calls: int = Field(description="as how many it counts: a batch is one record of many")


class CallsOut(Schema):
    """A page of calls, newest first."""

    items: list[CallOut]
    next: str | None


class DriftFindingOut(Schema):
    """One difference between an entry and its data."""

    kind: str
    item: str
    promised: str
    found: str


class DriftOut(Schema):
    """A case that an entry and its data differ."""

    number: int
    resource: str
    version: int
    stage: str
    findings: list[DriftFindingOut]
    plan: str
    ending: str
    opened_at: datetime
    checked_at: datetime
    ended_at: datetime | None


class DriftsIn(Schema):
    """Which cases, behind which."""

    stage: str = Field("", max_length=20)
    resource: str = Field("", max_length=64)
    after: int = Field(0, ge=0, le=2**62, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=200)


class DriftsOut(Schema):
    """A page of cases, newest first."""

    items: list[DriftOut]
    next: int | None


class SaidIn(Schema):
    """What will be done, or why nothing has to be."""

    words: str = Field("", max_length=20_000)


class QueuedOut(Schema):
    """What was queued."""

    resource: str


class NetworksIn(Schema):
    """From which networks a recipient reads."""

    networks: list[str] = Field(max_length=50, description="in CIDR notation; none: from everywhere")


class TakingIn(Schema):
    """How a profile is taken."""

    networks: list[str] | None = Field(
        None, max_length=50, description="networks it reads from, in CIDR notation; left out: those of the one before"
    )


class RecipientOut(Schema):
    """A bearer token that reads the table of a grant, without the token."""

    key: int
    state: str = Field(description="current, leaving (a newer one was taken), ended or stopped")
    made_by: str
    made_at: datetime
    ends_at: datetime | None
    stopped_by: str
    networks: list[str]
    last_used_at: datetime | None


class TableStateOut(Schema):
    """The table a grant is read as."""

    grant: str
    share: str
    table: str
    address: str = Field(description="share.schema.table, behind the # of a client's table URL")
    state: str = Field(description="ready, making, unlanded or closed")
    why: str
    version: int | None
    rows: int
    size: int = Field(description="bytes of its files")
    since: datetime | None
    renewing: bool = Field(description="a newer one is being made; this one is read until then")


class SupplyOut(Schema):
    """What was promised of the supply of a grant, and what happened."""

    mode: str
    cycle: str
    own: bool = Field(description="whether the grant itself promises the cycle")
    landed_at: datetime | None
    rows: int
    lamp: str


class LinkOut(Schema):
    """An activation link; its address is shown this once."""

    address: str = Field(json_schema_extra={"format": "password"})
    ends_at: datetime


class ProfileOut(Schema):
    """A profile file of Delta Sharing, version 1; its token is shown this once."""

    shareCredentialsVersion: int  # noqa: N815  the protocol's own name
    endpoint: str
    bearerToken: str = Field(json_schema_extra={"format": "password"})  # noqa: N815  the protocol's own name
    expirationTime: str  # noqa: N815  the protocol's own name
