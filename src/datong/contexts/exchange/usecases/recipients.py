# SPDX-License-Identifier: Apache-2.0
"""Give the consumer of a grant the profile file by which released Delta Sharing clients read it as a table.

Kept here: a token is shown once and kept as a hash; taking a new one leaves the one before a day to be replaced in.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from datong.contexts.audit import face as audit
from datong.contexts.exchange import permissions
from datong.contexts.exchange.models import Recipient
from datong.contexts.sharing import face as sharing
from datong.kernel.actors import Officer
from datong.kernel.errors import Refused
from datong.kernel.sharing import Channel
from datong.wire.delta_sharing import profile
from datong.wire.instants import CHINA

GRACE = timedelta(hours=24)
LOCK = 0x72656369  # "reci": one taking at a time


@transaction.atomic
def issue_profile(number: str, *, by: Officer) -> dict[str, Any]:
    """Make a profile file; the one before works for another day.

    Args:
        number: Of the grant.
        by: An officer of the department it was given to.

    Returns:
        The content of the profile file; the only time its token is to be had.

    Raises:
        Unknown: No such grant, or none visible.
        Refused: Not of the consumer, not in force, or not readable as a table.
    """
    grant = sharing.grant(number, by=by)
    permissions.check_may_take_profile(by, grant.consumer)
    _check_readable(grant)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
    now, token = datetime.now(UTC), profile.new_token()
    before = Recipient.objects.filter(grant=number, ends_at=None).update(ends_at=now + GRACE)
    Recipient.objects.create(grant_id=number, token_hash=profile.token_hash(token), made_by=by.account, made_at=now)
    ends = datetime.combine(grant.valid_until + timedelta(days=1), time(), CHINA).astimezone(UTC)
    audit.record("exchange.recipient.issued", by=by, subject=number, facts={"rotates": bool(before)})
    return profile.profile(f"{settings.NODE.gateway_address}/delta-sharing", token, ends.strftime("%Y-%m-%dT%H:%M:%SZ"))


def _check_readable(grant: sharing.GrantView) -> None:
    policy = grant.policy
    if grant.stage != "active":
        raise Refused(f"授权 {grant.number} 不在有效状态 (the grant is not in force)", remedy="请提供部门恢复 (ask the provider)")
    if Channel.TABLE not in policy.channels:
        raise Refused(
            f"授权 {grant.number} 不含批量交换 (the grant does not cover tables)",
            remedy="申请批量交换方式 (request this channel)",
        )
    if policy.require_case or any(rule.op == "case" for rule in policy.rows):
        raise Refused(
            f"授权 {grant.number} 须逐件说明办件，不能整表读取 (the grant wants a case number at each call)",
            remedy="用服务接口查询 (call by the interface)",
        )
