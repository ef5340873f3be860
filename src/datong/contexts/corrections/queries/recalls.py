# SPDX-License-Identifier: Apache-2.0
"""Recalls: who sees which, lists, one recall, what may be recalled.

Kept here: `visible_recalls` is the one predicate: the provider, each department that has to give a receipt, those who
supervise. A department sees its own receipt; provider and those who supervise see all of them.
"""

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from datong.contexts.corrections import permissions
from datong.contexts.corrections.domain.recalls import ReceiptStage
from datong.contexts.corrections.models import Recall, Receipt
from datong.contexts.exchange import face as exchange
from datong.kernel.actors import Officer
from datong.kernel.errors import Unknown

LONGEST_NUMBER = 24


def visible_recalls(by: Officer) -> Q:
    """Which recalls an officer sees."""
    if permissions.sees_all(by):
        return ~Q(pk__in=[])
    if not by.department:
        return Q(pk__in=[])
    seen = Q(Exists(Receipt.objects.filter(recall=OuterRef("pk"), department=by.department)))
    return seen | Q(provider=by.department) if by.holds(*permissions.ANSWERERS) else seen


def recall_of(number: str, *, by: Officer, lock: bool = False) -> Recall:
    """Give one recall an officer may see, its resource and provider at hand.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = Recall.objects.select_related("resource", "provider").filter(visible_recalls(by))
    if lock:
        rows = rows.select_for_update(of=("self",))
    readable = len(number) <= LONGEST_NUMBER and number.isprintable()
    found = rows.filter(number=number).first() if readable else None
    if found is None:
        raise Unknown("没有此召回 (there is no such recall)")
    return found


def recalls(by: Officer, *, stage: str = "", q: str = "", resource: str = "") -> QuerySet[Recall]:
    """Recalls an officer sees, newest first, each with `asked` and `given`: its receipts and those that came."""
    given = Count("receipts", filter=Q(receipts__stage=ReceiptStage.ANSWERED))
    rows = Recall.objects.select_related("resource", "provider").filter(visible_recalls(by))
    for name, value in {"stage": stage, "resource": resource}.items():
        if value:
            rows = rows.filter(**{name: value}) if value.isprintable() else rows.none()
    if q:
        said = Q(number__icontains=q) | Q(resource__name__icontains=q) | Q(resource=q) | Q(provider__name__icontains=q)
        rows = rows.filter(said) if q.isprintable() else rows.none()
    return rows.annotate(asked=Count("receipts"), given=given).order_by("-opened_at", "-number")


def receipts_visible(row: Recall, by: Officer) -> QuerySet[Receipt]:
    """Receipts of a recall an officer sees: all of them as provider or who supervises, else the own one."""
    rows = row.receipts.select_related("department", "recall")
    return rows if sees_every_receipt(row, by) else rows.filter(department=by.department)


def sees_every_receipt(row: Recall, by: Officer) -> bool:
    """Tell whether an officer reads what every department answered to a recall."""
    return permissions.sees_all(by) or (by.department == row.provider_id and by.holds(*permissions.ANSWERERS))


def recallable(code: str) -> list[exchange.Landed]:
    """Give the landed batches of a resource that were not recalled yet, the newest first."""
    gone = set(Recall.objects.filter(resource=code).values_list("batch", flat=True))
    return [one for one in exchange.landings(code) if one.batch not in gone]
