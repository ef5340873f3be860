# SPDX-License-Identifier: Apache-2.0
"""The consumer's head: stands behind a demand, which then goes to the authority, or returns it with a reason (809 art. 20)."""

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.demands import permissions, queries
from datong.contexts.demands.domain.stages import TAG, Stage
from datong.contexts.demands.models import Demand
from datong.contexts.demands.usecases import telling
from datong.contexts.demands.usecases.writing import LONGEST_NOTE
from datong.kernel import texts
from datong.kernel.actors import Officer


@transaction.atomic
def endorse_demand(number: str, *, by: Officer) -> Demand:
    """Stand behind a demand; the authority of the region is told.

    Raises:
        Unknown: No such demand, or none visible.
        Refused: Not the head, or he wrote it himself.
        IllegalMove: Not waiting for consent.
    """
    row = _locked(number, by)
    telling.to(row, Stage.REVIEWING, by=by)
    row.endorsed_by, row.endorsed_at = by.account, datetime.now(UTC)
    row.save()
    telling.authority(
        row, f"{row.department.name}提出数据需求，请匹配目录或者分派部门 (a demand waits: match or assign it)", by=by
    )
    audit.record(TAG[Stage.REVIEWING], by=by, subject=number, facts={"name": row.name})
    return row


@transaction.atomic
def return_demand(number: str, note: str, *, by: Officer) -> Demand:
    """Return a demand to its applicant with a reason.

    Raises:
        Unknown: No such demand, or none visible.
        Refused: Not the head, or he wrote it himself.
        IllegalMove: Not waiting for consent.
        Malformed: No reason.
    """
    row = _locked(number, by)
    telling.to(row, Stage.RETURNED, by=by)
    row.note = texts.lines("note", note, longest=LONGEST_NOTE, least=1)
    row.save()
    telling.demander(row, f"本部门负责人退回修改：{row.note.translate(PLAIN)} (your head returned the demand)", by=by)
    audit.record(TAG[Stage.RETURNED], by=by, subject=number, facts={"note": row.note})
    return row


PLAIN = str.maketrans("()", "（）")
"""Words of a person inside a sentence of two languages hold no half-width brackets."""


def _locked(number: str, by: Officer) -> Demand:
    row = queries.demand_of(number, by=by, lock=True)
    permissions.check_may_endorse(by, row.department_id, frozenset(row.writers))
    return row
