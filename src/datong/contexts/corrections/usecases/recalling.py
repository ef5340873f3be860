# SPDX-License-Identifier: Apache-2.0
"""Recalling a delivered batch, and the receipts of the departments that could have got it (数据召回).

Kept here: each batch is recalled once and serves no more from then on; who could have received it is taken from the
grants that stood while it served; the recall is finished with the last receipt.
"""

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.corrections import permissions, queries
from datong.contexts.corrections.domain import recalls as domain
from datong.contexts.corrections.domain.recalls import Disposal, RecallStage, ReceiptStage
from datong.contexts.corrections.models import Recall, Receipt
from datong.contexts.corrections.usecases.telling import POSTS
from datong.contexts.exchange import face as exchange
from datong.contexts.periods import face as periods
from datong.contexts.sharing import face as sharing
from datong.kernel import texts
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import IllegalMove, Malformed, Refused
from datong.kernel.stages import move

KIND = "recall"
LONGEST_REASON = 1000
ASKED = (
    "提供部门召回该批数据，请停止使用，并回执处理结果：销毁、替换或者未收到"
    " (the provider recalls this batch: stop using it, and say what became of it)"
)


def recall(resource: str, batch: int, reason: str, *, by: Officer) -> Recall:
    """Recall a landed batch of the own department's resource; everybody who could have received it is told.

    Raises:
        Unknown: No such resource.
        Refused: Not the provider's head.
        Malformed: No such landed batch, recalled already, or no reason.
    """
    view = catalog.resource(resource, by=by)
    permissions.check_may_recall(by, view.provider)
    said = texts.lines("reason", reason, longest=LONGEST_REASON, least=1)
    with transaction.atomic():
        return _open(view, batch, said, by, datetime.now(UTC))


def _open(view: catalog.ResourceView, batch: int, reason: str, by: Officer, now: datetime) -> Recall:
    landed = next((one for one in queries.recallable(view.code) if one.batch == batch), None)
    if landed is None:
        raise Malformed(
            "没有这个已装载的批次，或者已经召回 (no such landed batch, or it was recalled)",
            fields={"batch": "选择已装载的批次 (choose a landed batch)"},
        )
    row = Recall.objects.create(
        number=periods.next_number("L", now), resource_id=view.code, provider_id=view.provider, batch=batch,
        landed_at=landed.finished_at, reason=reason, opened_by=by.account, opened_at=now,
    )  # fmt: skip
    newer = [one.finished_at for one in exchange.landings(view.code) if one.batch > batch]
    users = sharing.users_between(view.code, landed.finished_at, min(newer, default=None))
    receipts = [Receipt(recall=row, department_id=one.department, grants=list(one.grants)) for one in users]
    Receipt.objects.bulk_create(receipts)
    for one in users:
        _ask(row, view.name, one.department, one.region, by)
    exchange.recall_batch(batch, by=by)
    facts = {"resource": view.code, "batch": batch, "reason": reason, "departments": len(users)}
    audit.record(domain.RECALL_TAG[RecallStage.OPEN], by=by, subject=row.number, facts=facts)
    if not users:
        _finish(row, now, by)
    return row


@transaction.atomic
def acknowledge(number: str, disposal: str, words: str = "", *, by: Officer) -> Receipt:
    """Say what became of recalled data at the own department.

    Raises:
        Unknown: No such recall, or none visible.
        Refused: Not the applicant or head of a department that was asked.
        IllegalMove: Given already.
        Malformed: Not one of the ways.
    """
    row = queries.recall_of(number, by=by, lock=True)
    receipt = row.receipts.select_for_update().filter(department=by.department).first()
    if receipt is None:
        raise Refused("本部门不在召回范围内 (your department was not asked)", rule=permissions.RECALL_RULE)
    permissions.check_may_acknowledge(by, receipt.department_id)
    now = datetime.now(UTC)
    wanted = move(domain.RECEIPT_MOVES, f"receipt {number}", ReceiptStage(receipt.stage), ReceiptStage.ANSWERED)
    if disposal not in list(Disposal):
        raise Malformed("选择处理结果 (choose what became of it)", fields={"disposal": "销毁、替换或者未收到 (choose one)"})
    receipt.stage, receipt.disposal = wanted, disposal
    receipt.words = texts.lines("words", words, longest=LONGEST_REASON)
    receipt.answered_by, receipt.answered_at = by.account, now
    receipt.save()
    _settle_notices(row, by)
    facts = {"disposal": disposal, "department": by.department, "words": receipt.words}
    audit.record(domain.RECEIPT_TAG[ReceiptStage.ANSWERED], by=by, subject=number, facts=facts)
    if not row.receipts.filter(stage=ReceiptStage.OUTSTANDING).exists():
        _finish(row, now, by)
    return receipt


@transaction.atomic
def urge_receipts(number: str, *, by: Officer) -> int:
    """Tell every department whose receipt is outstanding again; gives how many.

    Raises:
        Unknown: No such recall, or none visible.
        Refused: Not the provider's head.
        IllegalMove: Finished.
    """
    row = queries.recall_of(number, by=by, lock=True)
    permissions.check_may_recall(by, row.provider_id)
    if row.stage != RecallStage.OPEN:
        raise IllegalMove(f"recall {number}", row.stage, "urged")
    waiting = list(row.receipts.select_related("department").filter(stage=ReceiptStage.OUTSTANDING))
    for one in waiting:
        _ask(row, row.resource.name, one.department_id, one.department.region_id, by, periods.NoticeKind.URGED)
    audit.record(domain.URGED, by=by, subject=number, facts={"departments": len(waiting)})
    return len(waiting)


def _ask(
    row: Recall, name: str, department: str, region: str, by: Officer, kind: periods.NoticeKind = periods.NoticeKind.TOLD
) -> None:
    about = periods.Subject(KIND, f"{row.number}/{department}", name, f"/recalls/{row.number}")
    for role in POSTS:
        periods.tell(kind, about, periods.Holder(role, department, region), ASKED, by=by)


def _settle_notices(row: Recall, by: Officer) -> None:
    periods.done_with(KIND, f"{row.number}/{by.department}", by=by)


def _finish(row: Recall, now: datetime, by: Officer) -> None:
    row.stage = move(domain.RECALL_MOVES, f"recall {row.number}", RecallStage(row.stage), RecallStage.FINISHED)
    row.finished_at = now
    row.save(update_fields=["stage", "finished_at"])
    about = periods.Subject(KIND, row.number, row.resource.name, f"/recalls/{row.number}")
    post = periods.Holder(Role.PROVIDER_HEAD, row.provider_id, row.provider.region_id)
    periods.tell(periods.NoticeKind.TOLD, about, post, "召回回执已收齐 (every receipt has come)", by=by)
    audit.record(domain.RECALL_TAG[RecallStage.FINISHED], by=by, subject=row.number)
