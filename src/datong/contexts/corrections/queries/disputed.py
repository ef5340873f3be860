# SPDX-License-Identifier: Apache-2.0
"""A report as whoever sees it may dispute it (809 art. 28): answered without a correction, or not answered in time."""

from django.utils import timezone

from datong.contexts.corrections.domain.stages import OPEN, Stage
from datong.contexts.corrections.models import Correction
from datong.contexts.corrections.queries.reports import correction_of
from datong.contexts.periods import face as periods
from datong.kernel.actors import Officer
from datong.kernel.corrections import ReportKind
from datong.kernel.disputes import Disputable, Disputed, Matter


def disputed(number: str, *, by: Officer) -> Disputed:
    """Give a report as an officer may dispute it.

    Raises:
        Unknown: No such report, or none visible.
    """
    row = correction_of(number, by=by)
    title, href = f"{row.resource.name}数据校核", row.href
    return Disputed(
        Disputable.CORRECTION, number, title, href, row.resource_id, row.provider_id, row.department_id, _matters(row)
    )


def _matters(row: Correction) -> tuple[Matter, ...]:
    if row.stage in OPEN:
        clock = periods.running([row.number]).get(row.number)
        return (Matter.CORRECTION_LATE,) if clock is not None and clock.due < timezone.localdate() else ()
    carried = row.corrected_batch or row.corrected_version or row.kind == ReportKind.INTERFACE
    refused = row.stage == Stage.REJECTED or (row.stage == Stage.CLOSED and not carried)
    return (Matter.NOT_CORRECTED,) if refused else ()
