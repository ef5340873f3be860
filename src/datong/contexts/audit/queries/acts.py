# SPDX-License-Identifier: Apache-2.0
"""Reads of the acts; one predicate says which of them an officer sees."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import Max, Q, QuerySet

from datong.contexts.audit.domain import ActView
from datong.contexts.audit.models import Act, Counter
from datong.contexts.audit.permissions import sees_all
from datong.kernel import canonical
from datong.kernel.actors import Officer

MOST = 500
HEAD = f"select value from {Counter._meta.db_table} where id = 1"  # noqa: S608, SLF001  the table's own name


def view(row: Act) -> ActView:
    """Give the view of a row."""
    return ActView(
        seq=row.seq, at=row.at, tag=row.tag, account=row.account, name=row.name, department=row.department,
        department_name=row.department_name, roles=tuple(row.roles.split(",")) if row.roles else (),
        subject=row.subject, facts=canonical.loads(row.facts.encode()),
    )  # fmt: skip


def visible(by: Officer) -> QuerySet[Act]:
    """Acts an officer sees: all, or those of the own department, or only the own ones where there is none."""
    if sees_all(by):
        return Act.objects.all()
    own = Q(account=by.account)
    return Act.objects.filter(own | Q(department=by.department) if by.department else own)


def acts(
    *,
    by: Officer | None = None,
    subject: str = "",
    tag: str = "",
    account: str = "",
    before: int | None = None,
    limit: int = 50,
) -> list[ActView]:
    """Give acts, the newest first.

    Args:
        by: Whose eyes; None for a use case that checked already.
        subject: Exact code of a subject.
        tag: A tag or the beginning of one.
        account: Sign-in name of who acted.
        before: Only acts with a smaller seq (the cursor).
        limit: Most acts, at most 500.
    """
    rows = Act.objects.all() if by is None else visible(by)
    wanted = {"subject": subject, "tag__startswith": tag, "account": account, "seq__lt": before}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value not in ("", None)})
    return [view(row) for row in rows.order_by("-seq")[: max(1, min(limit, MOST))]]


def head() -> int:
    """Give the seq of the newest act, 0 before the first; asked by every search, so in plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute(HEAD)
        found = cursor.fetchone()
    return found[0] if found else 0


def since(seq: int, *, limit: int = MOST) -> list[ActView]:
    """Give the acts behind a seq in order, for followers that keep their own cursor beside what they make of them."""
    return [view(row) for row in Act.objects.filter(seq__gt=seq).order_by("seq")[:limit]]


def newest_of(account: str, tag: str, *, after: int) -> int:
    """Give the seq of an account's newest act of a kind behind a seq; 0 when there is none."""
    rows = Act.objects.filter(seq__gt=after, account=account, tag__startswith=tag)
    return rows.aggregate(newest=Max("seq"))["newest"] or 0


def latest(tag: str, *, subjects: list[str] | None = None) -> dict[str, datetime]:
    """Give each subject of a tag with the moment of its newest act.

    Args:
        tag: The whole tag.
        subjects: Only these; None for all.
    """
    rows = Act.objects.filter(tag=tag)
    rows = rows if subjects is None else rows.filter(subject__in=subjects)
    return dict(rows.values_list("subject").annotate(newest=Max("at")))
