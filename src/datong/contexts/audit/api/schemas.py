# SPDX-License-Identifier: Apache-2.0
"""What the audit API takes and gives."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Field, Schema

SECOND = r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)?$"


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
    verifier_key: str = Field(description="by which tools of others check its notes (C2SP); empty where it has none")
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
    removed: int = Field(description="records at the beginning that retention removed; their peaks are signed")
    checkpoints: int
    key_id: str
    first_bad: int | None
    reason: str
    segment: str | None
    offset: int | None
    merged: bool = Field(description="whether this is the series of node checkpoints and not a log; size counts those")
    stamped: bool = Field(description="whether this is of the time stamps over node checkpoints; size counts those")
    note: str = Field(description="what one should know although all is well")


class CheckpointOut(Schema):
    """A signed state of a log, as it stands in the log's file: what is signed is said in docs/explanation/evidence.md."""

    at: str
    hash: str
    key_id: str
    origin: str
    root: str
    signature: str
    size: int


class CheckpointsIn(Schema):
    """Which signed states."""

    before: int | None = Field(None, ge=1, le=2**63 - 1, description="only those of a smaller size")
    limit: int = Field(50, ge=1, le=200)


class CheckpointsOut(Schema):
    """A page of signed states, the newest first; `next` is the `before` of the next page."""

    items: list[CheckpointOut]
    next: int | None


class NodeCheckpointOut(Schema):
    """The newest checkpoints of all logs under one signature: a file `datong-verify` checks."""

    at: str
    format: str
    hash: str
    key_id: str
    logs: list[CheckpointOut]
    number: int = Field(description="place in the series, from 0")
    origin: str
    previous: str = Field(description="hash of the line before it, zeros for the first")
    signature: str


class StampOut(Schema):
    """A node checkpoint and the time stamp over it: a file `datong-verify` checks."""

    checkpoint: NodeCheckpointOut
    format: str
    token: str = Field(description="TimeStampToken (RFC 3161, DER), base64, over the checkpoint as canonical JSON")


class ProofIn(Schema):
    """Under which signed state."""

    size: int | None = Field(None, ge=1, le=2**63 - 1, description="size of a checkpoint; the newest when not given")


class ProofOut(Schema):
    """A record and its path to the root of a signed state (RFC 9162 section 2.1.3), nearest sibling first."""

    index: int
    record: str = Field(description="the record itself, base64: hash these bytes")
    facts: dict[str, Any] | None = Field(description="the same as JSON, where it is JSON")
    leaf: str
    path: list[str]
    checkpoint: CheckpointOut
    receipt: str = Field(description="the same as a receipt: datong ledger receipt, datong-verify")


class ConsistencyIn(Schema):
    """Sizes of two checkpoints."""

    first: int = Field(ge=1, le=2**63 - 1)
    second: int = Field(ge=1, le=2**63 - 1)


class ConsistencyOut(Schema):
    """Two signed states and the proof between them (RFC 9162 section 2.1.4): a file `datong-verify` checks."""

    format: str
    first: CheckpointOut
    second: CheckpointOut
    path: str = Field(description="hashes end to end, base64")


class VerifiedOut(Schema):
    """What verification found; `ok` when every log is as it was signed."""

    ok: bool
    reports: list[ReportOut]


class KeyOut(Schema):
    """The node's public key."""

    key_id: str
    algorithm: str
    public_key: str


class PersonIn(Schema):
    """Whom it is about, and why it is asked."""

    person: str = Field(max_length=64, description="resident id; it is kept nowhere")
    purpose: str = Field(max_length=200, description="why, at least 4 characters; kept with the act")
    since: str = Field("", max_length=32, pattern=SECOND, description="first second, in UTC")
    until: str = Field("", max_length=32, pattern=SECOND, description="last second, in UTC")


class LookOut(Schema):
    """A call about the person: where its record stands, and what it says."""

    log: str
    index: int
    facts: dict[str, Any]


class LooksOut(Schema):
    """Calls about the person; `whole` when the logs were looked through to their beginning."""

    whole: bool
    items: list[LookOut]


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
