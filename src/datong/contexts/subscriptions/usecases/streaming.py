# SPDX-License-Identifier: Apache-2.0
"""Make the events of what landed: once for each policy that somebody follows, right after the landing, in its process.

Kept here: what an event holds follows from `exchange.outlets_of` alone; one maker at a time for a stream; segments are
whole before the manifest names them, and the notice to the gateways leaves when that is done, so that a maker killed at
any point leaves nothing half-told and the next one tells the same. What cannot be told makes its followers read anew.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import msgspec
import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from datong.contexts.exchange import face as exchange
from datong.contexts.subscriptions import domain, queries
from datong.contexts.subscriptions.domain import LIVE, SubscriptionStage
from datong.contexts.subscriptions.models import Subscription
from datong.contexts.subscriptions.usecases import pushing
from datong.engine import face as engine
from datong.engine.errors import ChangesGone
from datong.engine.plans import deriving
from datong.kernel.errors import Conflict
from datong.kernel.sharing import Channel
from datong.wire import events
from datong.wire import policy as wire

log = structlog.get_logger("datong.subscriptions")
TELL, QUEUE = "subscriptions.tell", "landing"
DAY = 86_400
REMEMBERED = timedelta(days=30)
"""How long gateways are told that a subscription has ended, so that a caller learns why."""


def stream_of(outlet: exchange.Outlet) -> str:
    """Folder of the events of a policy, below the node's."""
    return f"{events.FOLDER}/{outlet.lake.name}/{deriving.policy_digest(outlet.access, outlet.schema)}"


def begin(outlet: exchange.Outlet) -> events.Cursor:
    """Give the cursor after what has landed; the stream begins there, were it not there yet.

    The caller's transaction may be undone: a stream that nobody follows holds nothing, and goes in time.
    """
    place = stream_of(outlet)
    with _alone(place) as folder:
        held = events.manifest(folder)
        if held is None:
            held = _restarted(outlet)
            events.publish(folder, held)
    return held.after(max(outlet.version, held.since))


def tell(code: str) -> int:
    """Make the events of what landed in a resource; returns how many streams grew or began."""
    followed = queries.live_grants(code)
    if not followed:
        return 0
    outlets = {stream_of(one): one for one in exchange.outlets_of(code, Channel.SUBSCRIPTION) if one.grant in followed}
    grown = sum(_tell(place, outlet) for place, outlet in outlets.items())
    if grown:
        pushing.wake(sorted(followed))
    return grown


def plan() -> list[str]:
    """Queue the telling of each resource that some stream is behind of: after a change of policy, or a maker killed."""
    behind = sorted({grant.resource for grant, held in _followed() if _is_behind(grant, held)})
    for code in behind:
        with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
            app.configure_task(TELL, queue=QUEUE, queueing_lock=f"{TELL} {code}", lock=f"{TELL} {code}").defer(code=code)
    return behind


def sweep(now: float | None = None) -> int:
    """Let go of events older than they are kept, and of streams nobody followed for as long; returns how many changed."""
    now, kept = now or time.time(), domain.KEPT_DAYS * DAY
    root, changed = settings.NODE_FOLDER.path / events.FOLDER, 0
    for path in root.glob(f"*/*/{events.MANIFEST}"):
        with _alone(path.parent.relative_to(settings.NODE_FOLDER.path).as_posix()) as folder:
            held = events.manifest(folder)
            left = events.kept(held, kept, now) if held is not None else None
            if left is not None and left != held:
                events.publish(folder, left)
                changed += 1
    return changed


def into_policy(policy: wire.Policy) -> wire.Policy:
    """Tell the gateways who follows which grant, and where its events lie."""
    told = Q(stage__in=LIVE) | Q(changed_at__gt=timezone.now() - REMEMBERED)
    rows = Subscription.objects.filter(told, grant__in=[one.number for one in policy.grants]).order_by("number")
    following: dict[str, list[wire.Subscription]] = {}
    for grant, number, stage, start in rows.values_list("grant_id", "number", "stage", "start"):
        following.setdefault(grant, []).append(wire.Subscription(number=number, stage=stage, start=start))
    if not following:
        return policy
    ours = msgspec.structs.replace(policy, grants=[one for one in policy.grants if one.number in following])
    places = {one.grant: stream_of(one) for one in exchange.outlets(ours, Channel.SUBSCRIPTION)}
    grants = [
        msgspec.structs.replace(one, events=places.get(one.number, ""), subscriptions=following[one.number])
        if one.number in following
        else one
        for one in policy.grants
    ]
    return msgspec.structs.replace(policy, grants=grants)


def _tell(place: str, outlet: exchange.Outlet) -> bool:
    with _alone(place) as folder:
        held = events.manifest(folder)
        if held is not None and held.newest >= outlet.version:
            return False
        grown = _restarted(outlet) if held is None else _grown(folder, held, outlet)
        events.publish(folder, grown)
        with connection.cursor() as cursor:
            cursor.execute("select pg_notify(%s, %s)", [events.CHANNEL, place])
    return True


def _grown(folder: Path, held: events.Manifest, outlet: exchange.Outlet) -> events.Manifest:
    """Write the segments of what landed since."""
    try:
        changes = engine.changes(outlet.lake, outlet.schema, outlet.access, held.newest, outlet.version)
        made = list(_segments(folder, held.name, domain.told(domain.pairs(changes))))
    except (ChangesGone, Conflict) as why:
        log.warning("followers read anew", stream=folder.name, why=str(why))
        return _restarted(outlet)
    kept = events.kept(held, domain.KEPT_DAYS * DAY)
    return msgspec.structs.replace(kept, newest=outlet.version, segments=(*kept.segments, *made))


def _segments(folder: Path, name: str, told: Iterator[domain.Told]) -> Iterator[events.Segment]:
    left = domain.LARGEST_TELLING
    for version, some in groupby(told, itemgetter(0)):
        made = events.write(folder, version, _lines(name, some, left))
        left -= made
        yield events.Segment(version, made, time.time())


def _lines(name: str, some: Iterable[domain.Told], most: int) -> Iterator[bytes]:
    for index, (version, at, kind, images) in enumerate(some, 1):
        if index > most:
            raise Conflict("more events than are told one by one")
        yield events.event(events.Cursor(name, version, index), kind, at, images)


def _restarted(outlet: exchange.Outlet) -> events.Manifest:
    digest = deriving.policy_digest(outlet.access, outlet.schema)
    return events.Manifest(digest=digest, since=outlet.version, newest=outlet.version)


def _followed() -> Iterator[tuple[wire.Grant, events.Manifest | None]]:
    policy = exchange.published()
    for grant in policy.grants if policy is not None else ():
        if grant.events and any(one.stage in set(LIVE) - {SubscriptionStage.ENDED} for one in grant.subscriptions):
            yield grant, events.manifest(settings.NODE_FOLDER.path / grant.events)


def _is_behind(grant: wire.Grant, held: events.Manifest | None) -> bool:
    landed = exchange.landed(grant.resource)
    version = landed.lake_version if landed is not None else None
    return version is not None and (held is None or held.newest < version)


@contextlib.contextmanager
def _alone(place: str) -> Iterator[Path]:
    """Hold a stream; the lock goes with the transaction, and so does a maker that was killed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"subscriptions.tell {place}"])
        yield settings.NODE_FOLDER.path / place
