# SPDX-License-Identifier: Apache-2.0
"""Writing acts into the transaction of the write it describes.

Kept here: the counter's row stays locked from `record` to the commit, so seq has no gaps and its order is the order of
commits: who reads up to seq n has read everything before n. Call `record` last in a use case: the lock is short then,
and no two use cases wait for each other crosswise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from datong.contexts.audit import domain
from datong.contexts.audit.models import Act
from datong.contexts.audit.usecases.sealing import seal_on_commit
from datong.kernel import canonical
from datong.kernel.actors import Officer
from datong.ledger.merkle import leaf_hash

NEXT = """
    insert into audit_counter (id, value) values (1, %(count)s)
    on conflict (id) do update set value = audit_counter.value + %(count)s
    returning value, clock_timestamp()
"""
AT_ONCE = 500
DEPUTY_OF = "deputy_of"
"""Fact of each act of a deputy: the accounts he acted for at that time."""


def record(tag: str, *, by: Officer, subject: str, facts: Mapping[str, Any] | None = None) -> int:
    """Write one act.

    Args:
        tag: context.subject.verb.
        by: Who does it; only strings of it are kept.
        subject: Code of what it is done to.
        facts: What else an auditor needs; canonical JSON values, no personal data beyond need.

    Returns:
        The act's seq.

    Raises:
        Malformed: Tag, subject or facts out of shape.
        TransactionManagementError: Called outside a transaction.
    """
    return record_all([domain.Deed(tag, subject, facts)], by=by)[0]


def record_all(deeds: Sequence[domain.Deed], *, by: Officer) -> range:
    """Write one act for each deed, in their order, with one touch of the counter.

    Args:
        deeds: What was done; none writes nothing.
        by: Who does it; only strings of it are kept.

    Returns:
        The acts' seqs.

    Raises:
        Malformed: A tag, subject or facts out of shape; nothing is written.
        TransactionManagementError: Called outside a transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an act is recorded inside the transaction of its write")
    texts = [_text(deed, by) for deed in deeds]
    if not texts:
        return range(0)
    with connection.cursor() as cursor:
        cursor.execute(NEXT, {"count": len(texts)})
        last, at = cursor.fetchone()
        cursor.execute("select pg_notify(%s, %s)", [domain.CHANNEL, str(last)])
    numbers = range(last - len(texts) + 1, last + 1)
    rows = [_act(seq, at, deed, text, by) for seq, deed, text in zip(numbers, deeds, texts, strict=True)]
    Act.objects.bulk_create(rows, batch_size=AT_ONCE)
    seal_on_commit()
    return numbers


def _text(deed: domain.Deed, by: Officer) -> str:
    domain.check_tag(deed.tag)
    domain.check_subject(deed.subject)
    deputy = {DEPUTY_OF: sorted(by.acting_for)} if by.acting_for else {}
    return domain.facts_text({**(deed.facts or {}), **deputy} if deputy else deed.facts)


def _act(seq: int, at: datetime, deed: domain.Deed, text: str, by: Officer) -> Act:
    act = domain.ActView(
        seq=seq, at=at, tag=deed.tag, account=by.account, name=by.name, department=by.department,
        department_name=by.department_name, roles=tuple(sorted(by.roles)), subject=deed.subject,
        facts=canonical.loads(text.encode()),
    )  # fmt: skip
    return Act(
        seq=seq, at=at, tag=deed.tag, account=act.account, name=act.name, department=act.department,
        department_name=act.department_name, roles=",".join(act.roles), subject=deed.subject, facts=text,
        leaf=leaf_hash(domain.record_of(act)),
    )  # fmt: skip
