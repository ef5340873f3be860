# SPDX-License-Identifier: Apache-2.0
"""Give the consumer of a grant the profile file by which released Delta Sharing clients read it as a table.

Kept here: a token is shown once and kept as a hash; taking a new one leaves the one before a day to be replaced in, and
passes its networks on; one that is stopped ends at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from datong.contexts.audit import face as audit
from datong.contexts.exchange import permissions
from datong.contexts.exchange.models import Recipient
from datong.contexts.exchange.queries.recipients import RecipientView, good_at, view
from datong.contexts.sharing import face as sharing
from datong.kernel import addresses
from datong.kernel.actors import Officer
from datong.kernel.errors import Conflict, Refused, Unknown
from datong.kernel.sharing import Channel
from datong.wire.delta_sharing import profile
from datong.wire.instants import CHINA

GRACE = timedelta(hours=24)
LOCK = 0x72656369  # "reci": one taking at a time


@transaction.atomic
def issue_profile(
    number: str, *, by: Officer, networks: Sequence[str] | None = None, after: int | None = None
) -> dict[str, Any]:
    """Make a profile file; the one before works for another day.

    Args:
        number: Of the grant.
        by: An officer of the department it was given to.
        networks: From which it reads, in CIDR notation; None for those of the one before, empty for everywhere.
        after: The newest recipient its taker knew, 0 for none: a form sent twice makes one profile.

    Returns:
        The content of the profile file; the only time its token is to be had.

    Raises:
        Unknown: No such grant, or none visible.
        Refused: Not of the consumer, not in force, or not readable as a table.
        Malformed: A network does not read.
        Conflict: Another one was taken since.
    """
    grant = sharing.grant(number, by=by)
    permissions.check_may_take_profile(by, grant.consumer)
    check_readable(grant)
    said, rotates = hand_out(grant, by=by, networks=networks, after=after)
    audit.record("exchange.recipient.issued", by=by, subject=number, facts={"rotates": rotates})
    return said


def hand_out(
    grant: sharing.GrantView, *, by: Officer, networks: Sequence[str] | None, after: int | None = None
) -> tuple[dict[str, Any], bool]:
    """Make the recipient; within the transaction of the act.

    Returns:
        The content of the profile file, and whether another one was replaced.
    """
    wanted = None if networks is None else [str(one) for one in addresses.networks(networks)]
    stand_alone()
    newest = Recipient.objects.filter(grant=grant.number).first()
    if after is not None and after != (newest.pk if newest else 0):
        raise Conflict(
            "其间已有人领取了新的配置文件 (another profile was taken since this page was shown)",
            remedy="刷新授权页查看；需要时再领取 (reload the page of the grant; take another one where needed)",
        )
    now, token = datetime.now(UTC), profile.new_token()
    if wanted is None:
        wanted = newest.networks if newest else []
    before = Recipient.objects.filter(grant=grant.number, ends_at=None).update(ends_at=now + GRACE)
    Recipient.objects.create(
        grant_id=grant.number, token_hash=profile.token_hash(token), made_by=by.account, made_at=now, networks=wanted
    )
    ends = datetime.combine(grant.valid_until + timedelta(days=1), time(), CHINA).astimezone(UTC)
    said = profile.profile(f"{settings.NODE.gateway_address}/delta-sharing", token, ends.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return said, bool(before)


def stand_alone() -> None:
    """Let one taking, or one link, be made or used at a time, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])


@transaction.atomic
def stop_recipient(number: str, key: int, *, by: Officer) -> RecipientView:
    """End a recipient at once; the gateways are told within a second.

    Raises:
        Unknown: No such grant or recipient, or none visible.
        Refused: Not of the consumer.
        Conflict: It has ended before.
    """
    row = _own(number, key, by)
    row.ends_at, row.stopped_by = datetime.now(UTC), by.account
    row.save(update_fields=["ends_at", "stopped_by"])
    audit.record("exchange.recipient.stopped", by=by, subject=number, facts={"recipient": row.pk})
    return view(row, row.ends_at)


@transaction.atomic
def limit_recipient(number: str, key: int, networks: Sequence[str], *, by: Officer) -> RecipientView:
    """Say from which networks a recipient reads; none for everywhere.

    Raises:
        Unknown: No such grant or recipient, or none visible.
        Refused: Not of the consumer.
        Malformed: A network does not read.
        Conflict: It has ended.
    """
    row = _own(number, key, by)
    row.networks = [str(one) for one in addresses.networks(networks)]
    row.save(update_fields=["networks"])
    audit.record(
        "exchange.recipient.limited", by=by, subject=number, facts={"recipient": row.pk, "networks": ",".join(row.networks)}
    )
    return view(row, datetime.now(UTC))


def _own(number: str, key: int, by: Officer) -> Recipient:
    """A recipient of the own grant that has not ended, locked."""
    grant = sharing.grant(number, by=by)
    permissions.check_may_take_profile(by, grant.consumer)
    rows = Recipient.objects.select_for_update().filter(grant=number)
    row = rows.filter(pk=key).first() if 0 < key < 2**63 else None
    if row is None:
        raise Unknown("没有这份凭证 (no such recipient)")
    if not good_at(datetime.now(UTC)).filter(pk=row.pk).exists():
        raise Conflict("这份凭证已经失效 (this recipient has ended)", remedy="刷新授权页查看 (reload the page of the grant)")
    return row


def check_readable(grant: sharing.GrantView) -> None:
    """Check that a grant is read as a table now.

    Raises:
        Refused: Not in force, or not of tables.
    """
    policy = grant.policy
    if grant.stage != "active":
        raise Refused(f"授权 {grant.number} 不在有效状态 (the grant is not in force)", remedy="请提供部门恢复 (ask the provider)")
    if Channel.TABLE not in policy.channels:
        raise Refused(
            f"授权 {grant.number} 不含批量交换 (the grant does not cover tables)",
            remedy="申请批量交换方式 (request this channel)",
        )
    if policy.by_case:
        raise Refused(
            f"授权 {grant.number} 须逐件说明办件，不能整表读取 (the grant wants a case number at each call)",
            remedy="用服务接口查询 (call by the interface)",
        )
