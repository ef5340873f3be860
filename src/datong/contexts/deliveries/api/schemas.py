# SPDX-License-Identifier: Apache-2.0
"""Shapes of the deliveries API."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from datong.contexts.deliveries.domain.asking import Wanted


class DeliveryIn(Schema):
    """What is asked for."""

    channel: str = Field("file", max_length=16, description="file or table")
    form: str = Field("csv", max_length=16, description="csv, xlsx, jsonl, parquet")
    encoding: str = Field("utf-8", max_length=16, description="of CSV: utf-8 (with byte order mark) or gb18030")
    guard: bool = Field(default=True, description="whether texts of CSV that would start a formula get an apostrophe in front")
    traced: bool = Field(default=False, description="whether the rows stand in an order of this recipient alone")
    connection: str = Field("", max_length=40, description="number of a connection of the own department; empty: files to fetch")
    place: str = Field("", max_length=200, description="folder below the store, or table of the database")
    mode: str = Field("full", max_length=16, description="of a table: full, append, upsert")
    columns: dict[str, str] = Field(default_factory=dict, description="item to column; empty: each under its own name")
    repeats: bool = Field(default=False, description="whether it is done again in the grant's update cycle")

    def wanted(self, grant: str) -> Wanted:
        """What is asked for, of a grant."""
        return Wanted(grant=grant, **self.dict())


class DeliveriesIn(Schema):
    """Which deliveries, behind which."""

    q: str = Field("", max_length=100)
    stage: str = Field("", max_length=20)
    channel: str = Field("", max_length=16)
    grant: str = Field("", max_length=40)
    after: int = Field(0, ge=0, le=2**62, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=200)


class DeliveredFileOut(Schema):
    """A file: bytes, rows, digests."""

    name: str
    size: int
    rows: int
    sha256: str
    sm3: str


class DeliveryOut(Schema):
    """A delivery: how far it is, how it ended, what it held."""

    number: str
    grant: str
    resource: str
    channel: str
    stage: str
    wanted: dict[str, Any] = Field(description="as it was asked for")
    target: str
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    lake_version: int | None
    rows_done: int
    rows: int | None
    size: int
    digest: str
    files: list[DeliveredFileOut]
    sides: dict[str, Any] = Field(description="counts and sums of both sides of a table")
    error: str
    log: list[str]
    retries: str | None
    schedule: int | None


class DeliveriesOut(Schema):
    """A page of deliveries, newest first."""

    items: list[DeliveryOut]
    next: int | None


class FileLinkIn(Schema):
    """Which file, for how long."""

    file: str = Field(max_length=300)
    hours: int = Field(24, ge=1, le=168)


class FileLinkOut(Schema):
    """An address that signs itself; it is shown this once."""

    url: str = Field(json_schema_extra={"format": "password"})
    ends_at: datetime


class RepeatOut(Schema):
    """What repeats."""

    number: int
    grant: str
    ended_at: datetime | None
