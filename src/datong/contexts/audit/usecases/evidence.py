# SPDX-License-Identifier: Apache-2.0
"""Verification of evidence at the node itself: whole logs, single receipts."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from datong.contexts.audit import queries
from datong.contexts.audit.permissions import check_may_verify
from datong.contexts.audit.usecases.recording import record
from datong.crypto.signing import BadSignature
from datong.kernel import canonical
from datong.kernel.actors import Officer
from datong.kernel.errors import Malformed, Unavailable
from datong.ledger import receipts
from datong.ledger.merkle import BadProof
from datong.ledger.verify import Report, verify_directory


@dataclass(frozen=True, slots=True)
class Finding:
    """What a receipt proved.

    Attributes:
        verified: Whether it proves its record by this node's key.
        reason: Why not, "" when verified.
        origin: Log it is of.
        index: Place of the record in that log.
        size: Size of the log when the receipt was given.
        at: When that state was signed.
        record: The record, where the receipt carries it and it is JSON.
    """

    verified: bool
    reason: str
    origin: str
    index: int
    size: int
    at: str
    record: dict[str, Any] | None


def verify_evidence(*, by: Officer) -> list[Report]:
    """Verify every log of this node by the node's public key, and record that it was done and what was found.

    Raises:
        Refused: Not the auditor, the authority or the security officer.
    """
    check_may_verify(by)
    reports = verify_directory(settings.NODE_FOLDER.evidence)
    facts = {report.origin or report.directory: "ok" if report.ok else report.reason for report in reports}
    sound = all(report.ok for report in reports)
    with nullcontext() if sound else suppress(Unavailable), transaction.atomic():
        record("audit.evidence.verified", by=by, subject=settings.NODE.code, facts=facts)
    return reports  # a damaged log takes no further leaf, and who asked must hear that it is damaged


def verify_receipt(text: str) -> Finding:
    """Verify a receipt somebody holds; it proves itself, so nobody needs a right to ask.

    Raises:
        Malformed: Not a receipt.
    """
    receipt = receipts.decode(text.strip())
    try:
        receipts.verify_receipt(receipt, queries.node_verifier())
        reason = ""
    except (BadProof, BadSignature) as error:
        reason = str(error)
    mark = receipt.checkpoint
    return Finding(not reason, reason, receipt.origin, receipt.index, mark.size, mark.at, _shown(receipt.record))


def _shown(record_bytes: bytes | None) -> dict[str, Any] | None:
    try:
        value = canonical.loads(record_bytes) if record_bytes else None
    except Malformed:
        return None
    return value if isinstance(value, dict) else None
