# SPDX-License-Identifier: Apache-2.0
"""Reads of the acts; one predicate says which of them an officer sees."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from datong.contexts.audit.domain import ActView
from datong.contexts.audit.models import Act
from datong.contexts.audit.permissions import sees_all
from datong.kernel import canonical
from datong.kernel.actors import Officer

MOST = 500


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
