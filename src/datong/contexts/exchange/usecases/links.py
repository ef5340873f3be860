# SPDX-License-Identifier: Apache-2.0
"""Activation links: the profile file for whoever runs the client, without an account of this node.

Kept here: a link is good for 72 hours and once, its secret kept as a hash; looking at it does not use it up; it stands
on the officer who made it, so it ends with that officer's right. Unknown, used, ended and withdrawn are one refusal, and
an address that tries too many of them is shut out for the hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from datong.contexts.audit import face as audit
from datong.contexts.exchange import permissions
from datong.contexts.exchange.models import ActivationLink, LinkTry
from datong.contexts.exchange.queries.recipients import open_links, visitor_of
from datong.contexts.exchange.usecases.recipients import check_readable, hand_out, stand_alone
from datong.contexts.organisations import face as organisations
from datong.contexts.sharing import face as sharing
from datong.kernel import addresses
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.errors import DatongError, Throttled, Unknown
from datong.kernel.workdays import received_on
from datong.wire.delta_sharing import profile

LIFE = timedelta(hours=72)
MOST_TRIES = 20
"""Links that do not hold, from one address within one hour."""
REMEMBERED = timedelta(days=2)
LONGEST_SECRET = 100
PATH = "/activate"
COUNT = """
    insert into exchange_linktry (visitor, hour, times) values (%s, %s, 1)
    on conflict (visitor, hour) do update set times = exchange_linktry.times + 1
    returning times
"""


class TooManyTries(Throttled):
    """One address tried too many links that do not hold within the hour."""

    retry_after = 3600


@dataclass(frozen=True, slots=True)
class MadeLink:
    """A link just made: its address, the only time it is to be had, and when it ends."""

    address: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class LinkView:
    """What a link shows before it is used."""

    grant: str
    resource: str
    consumer: str
    ends_at: datetime


def _unknown() -> Unknown:
    return Unknown(
        "这个链接不能使用 (this link does not hold)",
        remedy="请需求部门在授权页重新生成 (ask the consumer's officer to make a new one)",
    )


@transaction.atomic
def make_link(number: str, *, by: Officer, networks: Sequence[str] | None = None) -> MadeLink:
    """Make a link; one made before and not used ends.

    Args:
        number: Of the grant.
        by: An officer of the department it was given to.
        networks: From which the profile will read; None for those of the one before.

    Raises:
        Unknown: No such grant, or none visible.
        Refused: Not of the consumer, not in force, or not readable as a table.
        Malformed: A network does not read.
    """
    grant = sharing.grant(number, by=by)
    permissions.check_may_take_profile(by, grant.consumer)
    check_readable(grant)
    wanted = None if networks is None else [str(one) for one in addresses.networks(networks)]
    stand_alone()
    now, secret = datetime.now(UTC), profile.new_secret()
    _withdraw(number, by)
    row = ActivationLink.objects.create(
        grant_id=number, secret_hash=profile.token_hash(secret), networks=wanted, made_by=by.account, made_at=now,
        ends_at=now + LIFE,
    )  # fmt: skip
    audit.record("exchange.link.made", by=by, subject=number, facts={"link": row.pk})
    return MadeLink(f"{settings.NODE.address}{PATH}?link={secret}", row.ends_at)


@transaction.atomic
def withdraw_link(number: str, *, by: Officer) -> None:
    """End the link of a grant that was not used.

    Raises:
        Unknown: No such grant, none visible, or there is no such link.
        Refused: Not of the consumer.
    """
    grant = sharing.grant(number, by=by)
    permissions.check_may_take_profile(by, grant.consumer)
    stand_alone()
    if not _withdraw(number, by):
        raise Unknown("没有可收回的链接 (there is no link to withdraw)")
    audit.record("exchange.link.withdrawn", by=by, subject=number)


def _withdraw(number: str, by: Officer) -> int:
    """End what was not opened; how many links that were."""
    return ActivationLink.objects.filter(grant=number, opened_at=None, withdrawn_by="").update(withdrawn_by=by.account)


def look_at_link(secret: str, *, address: str) -> LinkView:
    """Tell what a link is for; does not use it up.

    Raises:
        Unknown: It does not hold.
        TooManyTries: Too many that do not, from this address within the hour.
    """
    _check_not_shut_out(address)
    try:
        link, grant, _ = _standing(secret)
    except DatongError as why:
        _note(secret, address)
        raise _unknown() from why
    names = organisations.department_names([grant.consumer])
    return LinkView(grant.number, str(grant.document["resource_name"]), names.get(grant.consumer, ""), link.ends_at)


def open_link(secret: str, *, address: str) -> dict[str, Any]:
    """Use a link up: its profile file, the only time.

    Raises:
        Unknown: It does not hold, or was just used.
        TooManyTries: Too many that do not, from this address within the hour.
    """
    _check_not_shut_out(address)
    try:
        return _opened(secret, address)
    except DatongError as why:
        _note(secret, address)
        raise _unknown() from why


@transaction.atomic
def _opened(secret: str, address: str) -> dict[str, Any]:
    stand_alone()
    link, grant, maker = _standing(secret)
    said, rotates = hand_out(grant, by=maker, networks=link.networks)
    link.opened_at = datetime.now(UTC)
    link.save(update_fields=["opened_at"])
    facts = {"link": link.pk, "made_by": maker.account, "address": address[:64], "rotates": rotates}
    audit.record("exchange.link.opened", by=SYSTEM, subject=grant.number, facts=facts)
    return said


def _standing(secret: str) -> tuple[ActivationLink, sharing.GrantView, Officer]:
    """The link, its grant and the officer it stands on, as they are now.

    Raises:
        DatongError: It does not hold, whatever the reason.
    """
    link = open_links(datetime.now(UTC)).filter(secret_hash=profile.token_hash(secret[:LONGEST_SECRET])).first()
    if link is None:
        raise _unknown()
    maker = organisations.officer_named(link.made_by)
    grant = sharing.grant(link.grant_id, by=maker)
    permissions.check_may_take_profile(maker, grant.consumer)
    check_readable(grant)
    return link, grant, maker


def _visit(address: str) -> tuple[str, datetime]:
    now = datetime.now(UTC)
    return visitor_of(address, received_on(now).isoformat()), now.replace(minute=0, second=0, microsecond=0)


def _check_not_shut_out(address: str) -> None:
    visitor, hour = _visit(address)
    if LinkTry.objects.filter(visitor=visitor, hour=hour, times__gte=MOST_TRIES).exists():
        raise TooManyTries(
            "此网络地址尝试次数过多，请一小时后再试 (too many tries from this address)",
            remedy="一小时后再试，或者请需求部门重新生成链接 (try again in an hour, or ask for a new link)",
        )


@transaction.atomic
def _note(secret: str, address: str) -> None:
    """Count a try that failed, and put it on record; it stays though the page is refused."""
    visitor, hour = _visit(address)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [visitor, hour])
        (times,) = cursor.fetchone()
    if times == 1:
        LinkTry.objects.filter(hour__lt=hour - REMEMBERED).delete()
    known = ActivationLink.objects.filter(secret_hash=profile.token_hash(secret[:LONGEST_SECRET])).first()
    subject = known.grant_id if known else "unknown"
    facts = {"address": address[:64], "tries": times, "shut_out": times >= MOST_TRIES}
    audit.record("exchange.link.refused", by=SYSTEM, subject=subject, facts=facts)
