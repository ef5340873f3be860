# SPDX-License-Identifier: Apache-2.0
"""Writing an act into the transaction of the write it describes.

Kept here: the counter's row stays locked from `record` to the commit, so seq has no gaps and its order is the order of
commits: who reads up to seq n has read everything before n. Call `record` last in a use case: the lock is short then,
and no two use cases wait for each other crosswise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from datong.contexts.audit import domain
from datong.contexts.audit.models import Act
from datong.contexts.audit.usecases.sealing import seal_on_commit
from datong.kernel import canonical
from datong.kernel.actors import Officer
from datong.ledger.merkle import leaf_hash

NEXT = """
    insert into audit_counter (id, value) values (1, 1)
    on conflict (id) do update set value = audit_counter.value + 1
    returning value, clock_timestamp()
"""


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
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an act is recorded inside the transaction of its write")
    domain.check_tag(tag)
    domain.check_subject(subject)
    text = domain.facts_text(facts)
    with connection.cursor() as cursor:
        cursor.execute(NEXT)
        seq, at = cursor.fetchone()
        cursor.execute("select pg_notify(%s, %s)", [domain.CHANNEL, str(seq)])
    act = domain.ActView(
        seq=seq, at=at, tag=tag, account=by.account, name=by.name, department=by.department,
        department_name=by.department_name, roles=tuple(sorted(by.roles)), subject=subject,
        facts=canonical.loads(text.encode()),
    )  # fmt: skip
    Act.objects.create(
        seq=seq, at=at, tag=tag, account=act.account, name=act.name, department=act.department,
        department_name=act.department_name, roles=",".join(act.roles), subject=subject, facts=text,
        leaf=leaf_hash(domain.record_of(act)),
    )  # fmt: skip
    seal_on_commit()
    return int(seq)
