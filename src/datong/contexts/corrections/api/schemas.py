# SPDX-License-Identifier: Apache-2.0
"""Shapes of the corrections API."""

from __future__ import annotations

from datetime import date, datetime

from ninja import Schema
from pydantic import Field

from datong.kernel.corrections import LONGEST, LONGEST_EVIDENCE, Report


class ListIn(Schema):
    """What a list is narrowed by."""

    stage: str = Field("", max_length=16)
    kind: str = Field("", max_length=16)
    q: str = Field("", max_length=200)
    side: str = Field("", max_length=16, description="reporter or provider: of the own department")
    resource: str = Field("", max_length=44)
    grant: str = Field("", max_length=24)
    after: str = Field("", max_length=24, description="number of the last one of the page before")
    limit: int = Field(50, ge=1, le=200)


class ProofIn(Schema):
    """Valid proof a citizen shows at the window."""

    kind: str = Field("", max_length=32)
    number: str = Field("", max_length=LONGEST["proof_number"])


class ReportIn(Schema):
    """What is wrong."""

    resource: str = Field(max_length=44)
    kind: str = Field(max_length=16, description="catalog, data or interface")
    key: dict[str, str] = Field(default_factory=dict, description="every key item with its value: which record")
    item: str = Field("", max_length=LONGEST["item"])
    found: str = Field("", max_length=LONGEST["found"])
    expected: str = Field("", max_length=LONGEST["expected"])
    evidence: str = Field("", max_length=LONGEST_EVIDENCE)
    case: str = Field("", max_length=LONGEST["case"], description="number of the case that waits for this")
    proof: ProofIn | None = None
    grant: str = Field("", max_length=24)

    def report(self) -> Report:
        """Give what was handed in."""
        proof = self.proof or ProofIn(kind="", number="")
        return Report(
            kind=self.kind,
            key=self.key,
            item=self.item,
            found=self.found,
            expected=self.expected,
            evidence=self.evidence,
            case=self.case,
            proof_kind=proof.kind,
            proof_number=proof.number,
        )


class CorrectIn(Schema):
    """Which version carries the correction; the newest where none is named."""

    batch: int | None = Field(None, ge=0, lt=2**62, description="of a data error")
    version: int | None = Field(None, ge=0, lt=2**31, description="of a catalogue error")
    opinion: str = Field("", max_length=1000)


class CorrectionReasonIn(Schema):
    """Why."""

    reason: str = Field("", max_length=1000)


class RatingIn(Schema):
    """What the reporter thinks of the answer."""

    rating: str = Field(max_length=24)
    words: str = Field("", max_length=500)


class CaseOut(Schema):
    """Whether the case at the window goes on, and by which rule."""

    continues: bool
    says: str
    rule: str


class FileOut(Schema):
    """A file handed in as evidence."""

    id: int = Field(validation_alias="pk")
    name: str
    size: int
    digest: str


class CorrectionOut(Schema):
    """A report in short; it names no value."""

    number: str
    kind: str
    stage: str
    resource: str
    resource_name: str
    provider: str
    provider_name: str
    department: str
    department_name: str
    grant: str
    item: str
    case: str
    blocks_case: bool
    filed_at: datetime
    answered_at: datetime | None
    corrected_batch: int | None
    corrected_version: int | None
    rating: str


class CorrectionsOut(Schema):
    """A page of reports."""

    items: list[CorrectionOut]
    next: str | None


class CorrectionDetailOut(CorrectionOut):
    """A report with what it says; values are masked for those who only supervise."""

    version: int
    batch: int | None
    door: str
    key: dict[str, str]
    found: str
    expected: str
    evidence: str
    proof_kind: str
    masked: bool
    opinion: str
    checked: str
    told: int
    rating_words: str
    due: date | None
    continues: CaseOut
    files: list[FileOut]


class RecallIn(Schema):
    """Which batch is called back and why."""

    resource: str = Field(max_length=44)
    batch: int = Field(ge=0, lt=2**62)
    reason: str = Field("", max_length=1000)


class RecallReceiptIn(Schema):
    """What became of the data."""

    disposal: str = Field(max_length=16, description="destroyed, replaced or not_received")
    words: str = Field("", max_length=1000)


class ReceiptOut(Schema):
    """One department's receipt."""

    department: str
    department_name: str
    grants: list[str]
    stage: str
    disposal: str
    words: str
    answered_at: datetime | None


class RecallOut(Schema):
    """A recall in short."""

    number: str
    resource: str
    resource_name: str
    provider: str
    provider_name: str
    batch: int
    reason: str
    stage: str
    opened_at: datetime
    finished_at: datetime | None


class RecallDetailOut(RecallOut):
    """A recall with the receipts the officer sees."""

    receipts: list[ReceiptOut]


class RecallsOut(Schema):
    """A page of recalls."""

    items: list[RecallOut]
    next: str | None


class UrgedOut(Schema):
    """How many departments were told again."""

    departments: int
