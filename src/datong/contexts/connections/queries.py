# SPDX-License-Identifier: Apache-2.0
"""Reads of connections: the one predicate of who sees which, the list, one, and those to choose from."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Count, Q, QuerySet

from datong.contexts.connections import permissions
from datong.contexts.connections.domain import ConnectionKind
from datong.contexts.connections.models import Connection, Use
from datong.kernel.actors import Officer
from datong.kernel.errors import Malformed, Refused, Unknown

LONGEST_SEARCH = 100


def visible(by: Officer) -> Q:
    """Which connections an officer sees."""
    if permissions.sees_all(by):
        return Q()
    return Q(department=by.department) if permissions.sees_own(by) else Q(pk__in=())


def listed(by: Officer, *, q: str = "", kind: str = "", state: str = "") -> QuerySet[Connection]:
    """Give the connections an officer sees, newest first.

    Args:
        by: Who looks.
        q: Part of number, name or department.
        kind: Only this kind.
        state: "used", "failing" (the last test failed), "retired"; all others that are not retired.
    """
    rows = _counted(by).filter(retired_at__isnull=state != "retired")
    if state == "used":
        rows = rows.filter(in_use__gt=0)
    if state == "failing":
        rows = rows.filter(test_passed=False)
    if kind in list(ConnectionKind):
        rows = rows.filter(kind=kind)
    if word := q.strip()[:LONGEST_SEARCH]:
        rows = rows.filter(Q(number__icontains=word) | Q(name__icontains=word) | Q(department__name__icontains=word))
    return rows


def _counted(by: Officer) -> QuerySet[Connection]:
    """Those an officer sees, with how many use each now."""
    rows = Connection.objects.filter(visible(by)).select_related("department")
    return rows.annotate(in_use=Count("uses", filter=Q(uses__pk__isnull=False, uses__ended_at=None))).order_by("-pk")


def connection(number: str, *, by: Officer, lock: bool = False) -> Connection:
    """Give one connection.

    Raises:
        Unknown: no such connection, or none visible.
    """
    rows = Connection.objects.filter(visible(by)).select_for_update() if lock else _counted(by)
    found = rows.filter(number=number).first() if number.isprintable() else None
    if found is None:
        raise Unknown("没有这个连接 (there is no such connection)")
    return found


def uses(found: Connection) -> QuerySet[Use]:
    """Give what uses a connection now."""
    return found.uses.filter(ended_at=None)


def connections(by: Officer, *, kinds: Collection[ConnectionKind] = ()) -> QuerySet[Connection]:
    """Give the connections an officer may choose for the own department, by name.

    Args:
        by: Who chooses.
        kinds: Only these kinds; empty for all.
    """
    if not permissions.sees_own(by):
        return Connection.objects.none()
    rows = Connection.objects.filter(department=by.department, retired_at=None)
    return (rows.filter(kind__in=kinds) if kinds else rows).order_by("name", "pk")


def check_usable(number: str, *, by: Officer, kinds: Collection[ConnectionKind] = ()) -> Connection:
    """Give a connection that an officer chose for the own department.

    Raises:
        Unknown: no such connection, or not the own department's.
        Refused: retired, or the officer keeps no connections.
        Malformed: of another kind.
    """
    found = connection(number, by=by)
    permissions.check_may_keep(by, found.department_id)
    if found.retired_at is not None:
        raise Refused(
            "这个连接已停用 (this connection is retired)",
            fields={"connection": "已停用 (retired)"},
            remedy="选择在用的连接 (choose another connection)",
        )
    if kinds and found.kind not in kinds:
        labels = "、".join(ConnectionKind(one).label for one in sorted(kinds))
        raise Malformed("连接的类型不对 (a connection of another kind is needed)", fields={"connection": labels})
    return found
