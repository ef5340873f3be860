# SPDX-License-Identifier: Apache-2.0
"""Grants: who sees which, the envelope anyone can verify, the ones a gateway has to know.

Kept here: `visible_grants` is the one predicate: consumer, provider, authority, auditor, security officer.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from datong.contexts.sharing.domain import LIVE, GrantStage, GrantView
from datong.contexts.sharing.models import Grant
from datong.contexts.sharing.queries.requests import CONSUMER_ROLES, LONGEST_NUMBER, OVERSEERS, PROVIDER_ROLES
from datong.kernel import canonical
from datong.kernel.actors import Officer
from datong.kernel.errors import Unknown
from datong.wire import grants as wire

REMEMBERED = timedelta(days=30)
"""How long gateways are told that a grant has ended, so that a caller learns why."""
NEEDED = ("request", "resource", "consumer", "provider", "application", "supersedes")
SIDES = ("resource", "consumer", "provider")


def visible_grants(by: Officer) -> Q:
    """Which grants an officer sees."""
    if by.holds(*OVERSEERS):
        return ~Q(pk__in=[])
    seen = Q(pk__in=[])
    if by.department and by.holds(*CONSUMER_ROLES):
        seen |= Q(consumer=by.department)
    if by.department and by.holds(*PROVIDER_ROLES):
        seen |= Q(provider=by.department)
    return seen


def grant_of(number: str, *, by: Officer, lock: bool = False) -> Grant:
    """Give one grant an officer may see, its request, resource and departments at hand.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = Grant.objects.select_related(*NEEDED).filter(visible_grants(by))
    if lock:
        rows = rows.select_for_update(of=("self",))
    readable = len(number) <= LONGEST_NUMBER and number.isprintable()
    found = rows.filter(number=number).first() if readable else None
    if found is None:
        raise Unknown("没有此授权 (there is no such grant)")
    return found


def grants(by: Officer, *, stage: str = "", q: str = "", side: str = "", resource: str = "") -> QuerySet[Grant]:
    """Grants an officer sees, newest first; filters as those of `requests`."""
    rows = Grant.objects.select_related(*NEEDED).filter(visible_grants(by))
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
    return rows.order_by("-granted_at", "-number")


def grant(number: str, *, by: Officer) -> GrantView:
    """Give the view of one grant an officer may see.

    Raises:
        Unknown: There is none, or none visible.
    """
    return view(grant_of(number, by=by))


def live_grants(code: str) -> list[str]:
    """Give the numbers of the grants that live on a resource: active or suspended."""
    return list(Grant.objects.filter(resource=code, stage__in=LIVE).order_by("number").values_list("number", flat=True))


def grants_in_force(number: str = "") -> list[GrantView]:
    """Give every grant a gateway has to know: active, suspended, and ended within 30 days; one alone where it is named."""
    live = Q(stage__in=LIVE)
    rows = Grant.objects.select_related("request").filter(live | Q(changed_at__gte=datetime.now(UTC) - REMEMBERED))
    if number:
        rows = rows.filter(number=number)
    return [view(row) for row in rows.order_by("number")]


def in_use() -> list[tuple[str, int]]:
    """Give each resource that active grants stand on, by name, and how many, the most used first."""
    rows = Grant.objects.filter(stage=GrantStage.ACTIVE).values_list("resource__name")
    return list(rows.annotate(times=Count("pk")).order_by("-times", "resource__name"))


def view(row: Grant) -> GrantView:
    """Give the view of a grant whose request is at hand."""
    document = canonical.loads(bytes(row.document))
    return GrantView(
        number=row.number,
        request=row.request.number,
        stage=row.stage,
        resource=row.resource_id,
        client_id=row.application_id,
        consumer=row.consumer_id,
        provider=row.provider_id,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        document=document,
        policy=wire.for_client(document, client_id=row.application_id, stage=row.stage),
    )


def envelope(row: Grant) -> dict[str, Any]:
    """Give the signed document as anyone may keep and verify it."""
    return {
        "grant": canonical.loads(bytes(row.document)),
        "signature": row.signature,
        "key_id": row.key_id,
        "algorithm": row.algorithm,
    }
