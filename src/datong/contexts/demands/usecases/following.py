# SPDX-License-Identifier: Apache-2.0
"""Demands follow what others do: a task done answers, a task excused goes to the authority again, a request granted fulfils.

Kept here: this runs after acts and at any time, any number of times; each demand in a transaction of its own, and nobody is
told twice.
"""

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.demands import queries
from datong.contexts.demands.domain.stages import DUTY_TAG, TAG, TO_REQUEST, DutyStage, Stage
from datong.contexts.demands.models import Demand
from datong.contexts.demands.usecases import answering, telling
from datong.kernel.actors import SYSTEM

GRANTED = "granted"
"""Stage of a request that became a grant."""
DONE = (catalog.TicketStage.CLOSED.value, catalog.TicketStage.EXCUSED.value)


def follow() -> int:
    """Bring every demand up to date with tasks and requests; gives how many changed."""
    tasks = Demand.objects.filter(
        stage=Stage.COMPILING, responsibilities__stage=DutyStage.ACCEPTED, responsibilities__ticket__stage__in=DONE
    )
    granted = Demand.objects.filter(stage__in=TO_REQUEST, request__stage=GRANTED)
    changed = sum(_task(pk) for pk in list(tasks.order_by("pk").values_list("pk", flat=True)))
    return changed + sum(_granted(pk) for pk in list(granted.order_by("pk").values_list("pk", flat=True)))


def _locked(pk: int) -> Demand | None:
    rows = Demand.objects.select_related("department", "request").select_for_update(of=("self",), skip_locked=True)
    return rows.filter(pk=pk).first()


@transaction.atomic
def _task(pk: int) -> bool:
    row = _locked(pk)
    held = queries.open_responsibility(row, lock=True) if row else None
    if row is None or held is None or held.ticket is None or row.stage != Stage.COMPILING:
        return False
    held.demand, ticket, now = row, held.ticket, datetime.now(UTC)
    if ticket.stage == catalog.TicketStage.CLOSED and ticket.resource and catalog.served(ticket.resource.code):
        answering.answered(row, held, ticket.resource.code, now, by=SYSTEM)
        return True
    if ticket.stage not in DONE:
        return False
    telling.to(row, Stage.REVIEWING, by=SYSTEM)
    telling.duty_to(held, DutyStage.ENDED, by=SYSTEM)
    held.ended_at = now
    held.save()
    row.note = ticket.ending[:1000]
    row.save()
    telling.authority(
        row, "编目任务已结束而没有可用目录，请重新处理 (the task ended without an entry: see to it again)", by=SYSTEM
    )
    facts = {"ticket": ticket.number, "reason": ticket.ending}
    audit.record(DUTY_TAG[DutyStage.ENDED], by=SYSTEM, subject=row.number, facts=facts)
    return True


@transaction.atomic
def _granted(pk: int) -> bool:
    row = _locked(pk)
    if row is None or row.stage not in TO_REQUEST or row.request is None or row.request.stage != GRANTED:
        return False
    telling.to(row, Stage.FULFILLED, by=SYSTEM)
    row.ended_at = datetime.now(UTC)
    row.save()
    audit.record(TAG[Stage.FULFILLED], by=SYSTEM, subject=row.number, facts={"request": row.request_id})
    return True
