# SPDX-License-Identifier: Apache-2.0
"""Changes of services: seen by the provider, by those who were asked, by those who supervise."""

from datetime import UTC, datetime

from django.db.models import Q, QuerySet

from datong.contexts.sharing.domain import LIVE
from datong.contexts.sharing.domain.changes import ChangeAnswer, ChangeKind, ChangeStage
from datong.contexts.sharing.models import ChangeReply, Grant, ServiceChange
from datong.contexts.sharing.queries.requests import CONSUMER_ROLES, LONGEST_NUMBER, OVERSEERS, PROVIDER_ROLES
from datong.kernel import canonical
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Unknown
from datong.kernel.workdays import received_on


def visible_changes(by: Officer) -> Q:
    """Which changes an officer sees."""
    if by.holds(*OVERSEERS):
        return ~Q(pk__in=[])
    seen = Q(pk__in=[])
    if by.department and by.holds(*PROVIDER_ROLES):
        seen |= Q(provider=by.department)
    if by.department and by.holds(*CONSUMER_ROLES):
        seen |= Q(replies__consumer=by.department)
    return Q(pk__in=ServiceChange.objects.filter(seen).values("pk"))


def change_of(number: str, *, by: Officer, lock: bool = False) -> ServiceChange:
    """Give one change an officer may see.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = ServiceChange.objects.select_related("resource", "provider").filter(visible_changes(by))
    rows = rows.select_for_update(of=("self",)) if lock else rows
    readable = len(number) <= LONGEST_NUMBER and number.isprintable()
    found = rows.filter(number=number).first() if readable else None
    if found is None:
        raise Unknown("没有此服务变更 (there is no such change)")
    return found


def replies_seen(row: ServiceChange, by: Officer) -> list[ChangeReply]:
    """Give the answers an officer may read: all for the provider and those who supervise, its own for a consumer."""
    replies = list(row.replies.select_related("consumer"))
    if by.holds(*OVERSEERS) or (by.department == row.provider_id and by.holds(*PROVIDER_ROLES)):
        return replies
    return [one for one in replies if one.consumer_id == by.department]


def changes(by: Officer, *, stage: str = "", q: str = "") -> QuerySet[ServiceChange]:
    """Changes an officer sees, newest first."""
    rows = ServiceChange.objects.select_related("resource", "provider").filter(visible_changes(by))
    if stage and stage.isprintable():
        rows = rows.filter(stage=stage)
    if q and q.isprintable():
        rows = rows.filter(Q(number__icontains=q) | Q(resource__name__icontains=q) | Q(resource=q))
    return rows.order_by("-proposed_at", "-number")


def changes_waiting(by: Officer) -> QuerySet[ServiceChange]:
    """Changes that wait for an officer: to be answered, to be taken on file."""
    held = Q(pk__in=[])
    if by.department and by.holds(Role.CONSUMER_HEAD):
        asked = {"replies__consumer": by.department, "replies__answer": ChangeAnswer.PENDING}
        held |= Q(stage=ChangeStage.NEGOTIATING, **asked)
    if by.holds(Role.AUTHORITY):
        held |= Q(stage=ChangeStage.FILED, provider__region=by.region)
    return changes(by).filter(held).distinct()


def harmed_grants(code: str, fields: list[str]) -> list[str]:
    """Give the live grants on a resource that would lose items, unless such a change is on file and due (809 art. 27).

    Args:
        code: Of the resource.
        fields: Items that would no longer be given.
    """
    on_file = {"kind": ChangeKind.ALTER, "stage": ChangeStage.RECORDED, "effective_on__lte": received_on(datetime.now(UTC))}
    if not fields or ServiceChange.objects.filter(resource=code, **on_file).exists():
        return []
    lost = set(fields)
    live = Grant.objects.filter(resource=code, stage__in=LIVE).order_by("number")
    return [row.number for row in live if lost & _fields(row)]


def _fields(row: Grant) -> set[str]:
    document = canonical.loads(bytes(row.document))
    return {item["field"] for item in document["items"]} | {rule["field"] for rule in document["rows"]}
