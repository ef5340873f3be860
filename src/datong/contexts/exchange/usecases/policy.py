# SPDX-License-Identifier: Apache-2.0
"""Publish the policy: what the gateways may answer, as one signed snapshot under a lease.

Kept here: a snapshot is written when its content changed or half its lease is over; only one process writes at a time;
its NOTIFY leaves with the commit, so a revocation reaches every gateway at once. A resource is described by what its
index holds and the catalogue still shares: an item withheld or dropped since leaves at once, one new since comes with
the next landing.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import msgspec
from django.conf import settings
from django.db import connection, transaction

from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import queries
from datong.contexts.exchange.models import PolicySnapshot, Upstream
from datong.contexts.exchange.queries import recipients
from datong.contexts.exchange.usecases import deriving, following, upstreams
from datong.contexts.exchange.usecases.landing import shared_items
from datong.contexts.organisations import face as organisations
from datong.contexts.sharing import face as sharing
from datong.crypto import keys
from datong.kernel.sharing import Channel, SharingType
from datong.wire import policy as wire

LEASE = timedelta(minutes=10)
LOCK = 0x6461746F6E67  # "datong": one publisher at a time
KEPT = 50
OPEN = SharingType.UNCONDITIONAL
_published: dict[str, wire.Policy] = {}
"""The newest policy by its digest, so that it is read once."""


@transaction.atomic
def publish_policy(now: datetime | None = None) -> int | None:
    """Write a new snapshot if the content changed, the lease is half over, or ends later than one can: the clock was set back.

    Returns:
        The new version, or None when the newest snapshot still serves.
    """
    now = now or datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    draft = following.added(with_tables(compose(), now))
    digest = hashlib.sha256(wire.FORMAT.encode() + msgspec.json.encode(draft)).hexdigest()
    newest = queries.newest_policy()
    if newest and newest.digest == digest and LEASE / 2 < newest.lease_ends - now <= LEASE:
        return None
    version = newest.version + 1 if newest else 1
    ends = now + LEASE
    made = msgspec.structs.replace(draft, version=version, issued_at=_stamp(now), not_after=_stamp(ends))
    PolicySnapshot.objects.create(
        version=version,
        document=wire.encode(made, keys.load_signer(settings.NODE_FOLDER.key)),
        digest=digest,
        issued_at=now,
        lease_ends=ends,
    )
    PolicySnapshot.objects.filter(version__lte=version - KEPT).delete()
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, %s)", [wire.CHANNEL, str(version)])
    return version


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def with_tables(policy: wire.Policy, now: datetime) -> wire.Policy:
    """Add to each grant the table that is ready for it and the tokens that read it."""
    readers = recipients.as_told(now)
    path = settings.NODE_FOLDER.path
    ready = {one.grant: one.served.relative_to(path).as_posix() for one in deriving.wanted(policy) if one.served is not None}
    grants = [
        msgspec.structs.replace(one, table=ready.get(one.number, ""), recipients=readers.get(one.number, []))
        for one in policy.grants
    ]
    return msgspec.structs.replace(policy, grants=grants)


def plan_tables() -> bool:
    """Queue the making of the tables that grants in force lack; returns whether one does."""
    return deriving.plan_tables(compose())


def make_tables() -> int:
    """Make the tables that grants in force lack, and let the gateways know; returns how many were made."""
    made = deriving.make_tables(compose())
    if made:
        publish_policy()
    return made


def published(now: datetime | None = None) -> wire.Policy | None:
    """Give the policy that the gateways answer on, None where there is none whose lease runs: who sends, sends by it."""
    newest = queries.newest_policy()
    if newest is None or newest.lease_ends <= (now or datetime.now(UTC)):
        return None
    held = _published.get(newest.digest)
    if held is None:
        verifier = keys.load_verifier((settings.NODE_FOLDER.evidence / "node.pub").read_bytes())
        held = wire.decode(bytes(newest.document), verifier)
        _published.clear()
        _published[newest.digest] = held
    return held


def outlets_of(code: str, channel: Channel) -> list[deriving.Outlet]:
    """Give what every grant in force on a resource lets out through a channel now."""
    policy = compose()
    ours = [grant for grant in policy.grants if grant.resource == code]
    return list(deriving.wanted(msgspec.structs.replace(policy, grants=ours), channel))


def outlet(number: str, channel: Channel) -> deriving.Outlet:
    """Give what a grant lets out through a channel now: the one place where a grant becomes items, rows and masks.

    Raises:
        Unknown: No such grant in force, or nothing has landed.
        Refused: It does not cover the channel, or wants the case of each call.
        ItemNotGranted: No item of it is left in the catalogue.
    """
    return deriving.outlet(compose(only=number), number, channel)


def compose(only: str = "") -> wire.Policy:
    """What the gateways may answer, as the contexts say now; without version, times and tables.

    Args:
        only: A grant; all where it is empty.
    """
    grants = sharing.grants_in_force(only)
    codes = sorted({grant.resource for grant in grants})
    serving, proxied = queries.landed_of(codes), upstreams.serving(codes)
    views = {code: catalog.served(code) for code in codes}
    return wire.Policy(
        node=settings.NODE.code,
        version=0,
        issued_at="",
        not_after="",
        clients=[_client(one) for one in organisations.applications()],
        resources=[_answered(view, serving.get(code), proxied.get(code)) for code, view in views.items() if view is not None],
        grants=[_paced(grant.policy) for grant in grants],
    )


def _paced(grant: wire.Grant) -> wire.Grant:
    """A grant with what the node gives by itself where the provider said nothing of pace, and its smallest group."""
    node, own = settings.NODE, grant.pace
    rate = (own.per_second, own.burst) if own.per_second else (node.grant_calls_per_second, node.grant_burst)
    pace = wire.Pace(per_second=rate[0], burst=rate[1] if rate[0] else 0, at_once=own.at_once or node.grant_calls_at_once)
    return msgspec.structs.replace(grant, pace=pace, smallest_group=max(grant.smallest_group, node.smallest_group))


def _source_pace() -> wire.Pace:
    """What the source of each resource bears, of all grants together."""
    rate = settings.NODE.source_calls_per_second
    burst = settings.NODE.source_burst if rate else 0
    return wire.Pace(per_second=rate, burst=burst, at_once=settings.NODE.source_calls_at_once)


def _client(application: organisations.ApplicationView) -> wire.Client:
    return wire.Client(
        client_id=application.client_id,
        name=application.name,
        department=application.department,
        public_key=application.public_key,
        active=application.active,
        former_key=application.former_key,
        former_ends=_stamp(application.former_ends) if application.former_ends else "",
        networks=list(application.networks),
        signed=application.signed,
        certificates=list(application.certificates),
    )


def _answered(view: catalog.ResourceView, serving: queries.Landed | None, row: Upstream | None) -> wire.Resource:
    """A resource as its provider's own interface answers for it, or as it has landed."""
    return _resource(view, serving) if row is None else upstreams.proxied(_resource(view, None), view, row)


def _resource(view: catalog.ResourceView, serving: queries.Landed | None) -> wire.Resource:
    held = view if serving is None or serving.version == view.version else catalog.version(view.code, serving.version)
    now = {item.field: item for item in shared_items(view)}
    items = [item for item in shared_items(held) if item.field in now]
    return wire.Resource(
        code=view.code,
        name=view.name,
        version=held.version,
        provider=view.provider,
        index=serving.index if serving else "",
        rows=serving.rows if serving else 0,
        items=[wire.Item(field=one.field, name=now[one.field].name, type=one.type, level=now[one.field].level) for one in items],
        keys=[item.field for item in items if item.key],
        queries=[item.field for item in items if item.query and now[item.field].query],
        pace=_source_pace(),
        unconditional=view.sharing_type == OPEN and all(now[item.field].sharing_type == OPEN for item in items),
    )
