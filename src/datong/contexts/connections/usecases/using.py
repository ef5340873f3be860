# SPDX-License-Identifier: Apache-2.0
"""What uses a connection says so, and says when it does no longer: as long as anything does, it is not retired."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.connections.models import Connection, Use
from datong.kernel.errors import Refused, Unknown


@transaction.atomic
def take_up(number: str, *, subject: str, title: str, href: str = "") -> None:
    """Say that something uses a connection, in the caller's transaction; saying it twice is saying it once.

    Args:
        number: of the connection.
        subject: what uses it, unique among users: a resource's code, a delivery's number.
        title: as people call it.
        href: its page.

    Raises:
        Unknown: no such connection.
        Refused: retired meanwhile.
    """
    found = Connection.objects.select_for_update().filter(number=number).first()
    if found is None:
        raise Unknown("没有这个连接 (there is no such connection)")
    if found.retired_at is not None:
        raise Refused("这个连接已停用 (this connection is retired)", fields={"connection": "已停用 (retired)"})
    Use.objects.get_or_create(connection=found, subject=subject, ended_at=None, defaults={"title": title[:300], "href": href})


def let_go(*, subject: str, number: str = "") -> None:
    """Say that something uses a connection no longer; without a number, that it uses none."""
    rows = Use.objects.filter(subject=subject, ended_at=None)
    (rows.filter(connection__number=number) if number else rows).update(ended_at=datetime.now(UTC))
