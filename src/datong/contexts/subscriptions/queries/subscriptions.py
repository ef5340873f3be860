# SPDX-License-Identifier: Apache-2.0
"""Subscriptions: `visible` is the one predicate; unknown and forbidden look the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import Q, QuerySet

from datong.contexts.exchange import face as exchange
from datong.contexts.subscriptions import permissions
from datong.contexts.subscriptions.domain import LIVE
from datong.contexts.subscriptions.models import DeadLetter, Subscription
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Unknown
from datong.wire import events

NEEDED = ("grant__resource", "grant__consumer", "grant__provider", "grant__application", "push")
LONGEST_NUMBER = 24


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a subscription has come, as counts.

    Attributes:
        stream: Events are there to be read.
        newest: Version up to which changes were told, None without a stream.
        unread: Events after what a gateway gave last; None where it would have to read everything anew.
        unsent: Events after what its receiver took last, None as before, or without a push.
        segments: Versions with events and how many, the newest first.
    """

    stream: bool
    newest: int | None = None
    unread: int | None = None
    unsent: int | None = None
    segments: tuple[events.Segment, ...] = ()


def visible(by: Officer) -> Q:
    """Which subscriptions an officer sees."""
    if permissions.sees_all(by):
        return ~Q(pk__in=[])
    seen = Q(pk__in=[])
    if by.department and by.holds(*permissions.CONSUMERS):
        seen |= Q(grant__consumer=by.department)
    if by.department and by.holds(*permissions.PROVIDERS):
        seen |= Q(grant__provider=by.department)
    return seen


def subscriptions(by: Officer, *, stage: str = "", grant: str = "", q: str = "") -> QuerySet[Subscription]:
    """Subscriptions an officer sees, newest first: of one stage ("live": not ended), of one grant, holding a text."""
    rows = Subscription.objects.select_related(*NEEDED).filter(visible(by))
    if stage == "live":
        rows = rows.filter(stage__in=LIVE)
    elif stage:
        rows = rows.filter(stage=stage) if stage.isprintable() else rows.none()
    if grant:
        rows = rows.filter(grant=grant) if grant.isprintable() else rows.none()
    if q:
        found = Q(number__icontains=q) | Q(title__icontains=q) | Q(grant__number__icontains=q) | Q(grant__resource__code=q)
        rows = rows.filter(found) if q.isprintable() else rows.none()
    return rows.order_by("-number")


def subscription_of(number: str, *, by: Officer, lock: bool = False) -> Subscription:
    """Give one subscription an officer may see.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = Subscription.objects.select_related(*NEEDED).filter(visible(by))
    if lock:
        rows = rows.select_for_update(of=("self",), no_key=True)  # a sender that notes its push checks the key alone
    readable = len(number) <= LONGEST_NUMBER and number.isprintable()
    found = rows.filter(number=number).first() if readable else None
    if found is None:
        raise Unknown("没有此订阅 (there is no such subscription)")
    return found


def of_grant(grant: str) -> QuerySet[Subscription]:
    """Subscriptions of a grant the caller has seen to be visible."""
    return Subscription.objects.filter(grant=grant)


def dead_letter_of(row: Subscription, key: int, *, lock: bool = False) -> DeadLetter:
    """Give a batch of a subscription that was given up.

    Raises:
        Unknown: It has none of this number.
    """
    rows = row.dead.select_for_update() if lock else row.dead.all()
    found = rows.filter(pk=key).first() if 0 < key < 2**63 else None
    if found is None:
        raise Unknown("没有这批死信 (there is no such batch)")
    return found


def live_grants(resource: str) -> set[str]:
    """Numbers of the grants on a resource that somebody follows."""
    return set(Subscription.objects.filter(grant__resource=resource, stage__in=LIVE).values_list("grant_id", flat=True))


def standing(row: Subscription) -> Standing:
    """Tell how far a subscription has come."""
    held = events.manifest(stream_of(row.grant_id))
    if held is None:
        return Standing(stream=False)
    push = getattr(row, "push", None)
    return Standing(
        stream=True,
        newest=held.newest,
        unread=_behind(held, row.read_to or row.start),
        unsent=_behind(held, push.sent_to) if push is not None else None,
        segments=tuple(reversed(held.segments)),
    )


def stream_of(grant: str) -> Path:
    """Folder of the events of a grant, as the gateways are told of it; one without manifest where there is none."""
    policy = exchange.published()
    told = next((one for one in policy.grants if one.number == grant), None) if policy is not None else None
    return settings.NODE_FOLDER.path / (told.events if told is not None and told.events else f"{events.FOLDER}/none")


def _behind(held: events.Manifest, cursor: str) -> int | None:
    try:
        return held.behind(held.checked(events.Cursor.parse(cursor)))
    except DatongError:
        return None
