# SPDX-License-Identifier: Apache-2.0
"""Requests: who sees which, lists, the queue, a request as the draft it was handed in as.

Kept here: `visible_requests` is the one predicate; the provider sees a request once the consumer's head stands behind
it, another department once a step asks one of its posts. Unknown and forbidden look the same.
"""

from django.db.models import Q, QuerySet

from datong.contexts.sharing.domain import HOLDER, RequestDraft, RowRule, Stage
from datong.contexts.sharing.domain.extensions import ExtensionStage
from datong.contexts.sharing.models import Request
from datong.contexts.sharing.queries.chains import joined_by, open_to
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Unknown

CONSUMER_ROLES = (Role.APPLICANT, Role.CONSUMER_HEAD)
PROVIDER_ROLES = (Role.COMPILER, Role.PROVIDER_HEAD)
OVERSEERS = (Role.AUTHORITY, Role.AUDITOR, Role.SECURITY)
NEEDED = ("resource", "version", "provider", "consumer", "application", "grant")
LONGEST_NUMBER = 24


def visible_requests(by: Officer) -> Q:
    """Which requests an officer sees."""
    seen = Q(pk__in=[])
    if by.department and by.holds(*CONSUMER_ROLES):
        seen |= Q(consumer=by.department)
    if by.department and by.holds(*PROVIDER_ROLES):
        seen |= Q(provider=by.department, endorsed_at__isnull=False)
    if by.holds(*OVERSEERS):
        seen |= ~Q(stage=Stage.DRAFT)
    elif by.department:
        seen |= joined_by(by)
    return seen


def request_of(number: str, *, by: Officer, lock: bool = False) -> Request:
    """Give one request an officer may see, its resource, departments and application at hand.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = Request.objects.select_related(*NEEDED).filter(visible_requests(by))
    if lock:
        rows = rows.select_for_update(of=("self",))
    readable = len(number) <= LONGEST_NUMBER and number.isprintable()
    found = rows.filter(number=number).first() if readable else None
    if found is None:
        raise Unknown("没有此申请 (there is no such request)")
    return found


def requests(by: Officer, *, stage: str = "", q: str = "", side: str = "", resource: str = "") -> QuerySet[Request]:
    """Requests an officer sees, newest first.

    Args:
        by: Who looks.
        stage: Only this stage.
        q: Only those whose number, resource or department holds this text.
        side: "consumer" or "provider": only those the own department made, or has to answer.
        resource: Only those for this resource code.
    """
    rows = Request.objects.select_related(*NEEDED).filter(visible_requests(by))
    if stage and stage.isprintable():
        rows = rows.filter(stage=stage)
    if side in ("consumer", "provider"):
        rows = rows.filter(**{side: by.department})
    if resource and resource.isprintable():
        rows = rows.filter(resource=resource)
    if q and q.isprintable():
        rows = rows.filter(
            Q(number__icontains=q) | Q(resource__name__icontains=q) | Q(resource=q) | Q(consumer__name__icontains=q)
        )
    return rows.order_by("-created_at", "-number")


def waiting(by: Officer) -> QuerySet[Request]:
    """Requests that wait for this officer to act, the oldest first: at a stage, at a step, for consent to more time."""
    mine = Q(created_by__in=by.hands) | Q(filed_by__in=by.hands) | Q(endorsed_by__in=by.hands)
    held = Q(stage=Stage.ENDORSED) & open_to(by) & ~mine
    for stage, role in HOLDER.items():
        if role is None or role is Role.PROVIDER_HEAD or not by.holds(role):
            continue
        own = Q(pk__in=[]) if role is Role.APPLICANT else mine
        held |= Q(stage=stage, consumer=by.department) & ~own
    if by.holds(Role.AUTHORITY) and by.region:
        asked = Q(stage=Stage.ENDORSED, extension__stage=ExtensionStage.ASKED, provider__region=by.region)
        held |= asked & ~mine
    return requests(by).filter(held).order_by("filed_at", "created_at")


def as_draft(row: Request) -> RequestDraft:
    """Give a request as what was handed in."""
    same = ("basis_kind", "basis", "scene", "scope", "purpose", "row_scope", "term_from", "term_until", "quota_per_day")
    same += ("delivery_mode", "update_cycle")
    return RequestDraft(
        resource=row.resource_id,
        application=row.application_id or "",
        amends=row.amends_id or "",
        channels=tuple(row.channels),
        items=tuple(row.items.values_list("field", flat=True)),
        rows=tuple(RowRule.of(rule) for rule in row.rows),
        **{name: getattr(row, name) for name in same},
    )
