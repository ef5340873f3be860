# SPDX-License-Identifier: Apache-2.0
"""What waits for an officer: reports to verify, receipts to give; and what his department waits for."""

from django.db.models import QuerySet

from datong.contexts.corrections import permissions
from datong.contexts.corrections.domain.recalls import ReceiptStage
from datong.contexts.corrections.domain.stages import OPEN
from datong.contexts.corrections.models import Correction, Receipt
from datong.contexts.corrections.queries.reports import corrections
from datong.kernel.actors import Officer

MOST = 50


def waiting(by: Officer) -> list[Correction | Receipt]:
    """Reports the officer's department has to answer and receipts it has to give, the oldest first."""
    found: list[Correction | Receipt] = []
    if by.department and by.holds(*permissions.ANSWERERS):
        found += corrections(by, side="provider").filter(stage__in=OPEN).order_by("filed_at")[:MOST]
    if by.department and by.holds(*permissions.CONSUMERS):
        rows = Receipt.objects.select_related("recall__resource", "recall__provider")
        asked = rows.filter(department=by.department, stage=ReceiptStage.OUTSTANDING)
        found += asked.order_by("recall__opened_at")[:MOST]
    return found


def under_way(by: Officer) -> QuerySet[Correction]:
    """Reports of the officer's department that the provider has not answered, the oldest first."""
    rows = corrections(by, side="reporter") if by.department else Correction.objects.none()
    return rows.filter(stage__in=OPEN).order_by("filed_at")
