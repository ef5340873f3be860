# SPDX-License-Identifier: Apache-2.0
"""What the audit API takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Field, Schema


class ActOut(Schema):
    """One act."""

    seq: int
    at: datetime
    tag: str
    account: str
    name: str
    department: str
    department_name: str
    roles: list[str]
    subject: str
    facts: dict[str, Any]


class ActsOut(Schema):
    """A page of acts, the newest first; `next` is the `before` of the next page."""

    items: list[ActOut]
    next: int | None


class ActsIn(Schema):
    """Filters of the acts."""

    subject: str = Field("", max_length=300, description="exact code of a subject")
    tag: str = Field("", max_length=100, pattern=r"^[a-z_.]*$", description="a tag or the beginning of one")
    account: str = Field("", max_length=64, description="sign-in name of who acted")
    before: int | None = Field(None, ge=1, le=2**63 - 1, description="only acts with a smaller seq")
    limit: int = Field(50, ge=1, le=500)


class LogOut(Schema):
    """Where a log stands."""

    name: str
    origin: str
    size: int
    root: str
    at: str
    checkpoint: str
    trouble: str


class EvidenceOut(Schema):
    """Every log of this node."""

    logs: list[LogOut]


class ReportOut(Schema):
    """What verification of one log found."""

    directory: str
    ok: bool
    origin: str
    size: int
    checkpoints: int
    key_id: str
    first_bad: int | None
    reason: str
    segment: str | None
    offset: int | None


class VerifiedOut(Schema):
    """What verification found; `ok` when every log is as it was signed."""

    ok: bool
    reports: list[ReportOut]


class KeyOut(Schema):
    """The node's public key."""

    key_id: str
    algorithm: str
    public_key: str


class ReceiptIn(Schema):
    """A receipt as it stood in the header Datong-Receipt."""

    receipt: str = Field(min_length=1, max_length=16_384)


class FindingOut(Schema):
    """What a receipt proved."""

    verified: bool
    reason: str
    origin: str
    index: int
    size: int
    at: str
    record: dict[str, Any] | None
