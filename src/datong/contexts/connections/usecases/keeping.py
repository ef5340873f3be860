# SPDX-License-Identifier: Apache-2.0
"""Add a connection, give it another secret, retire it.

Kept here: the own department alone; no act, error or answer holds a secret; what is in use is not retired.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.connections import domain, permissions, queries
from datong.contexts.connections.domain import ConnectionKind
from datong.contexts.connections.models import Connection
from datong.contexts.connections.usecases import sealing
from datong.contexts.periods import face as periods
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import Conflict, Malformed, Refused

LONGEST_NAME = 100
LONGEST_SECRET = 16_384
SHOWN_USES = 3


@transaction.atomic
def add(kind: str, name: str, address: Mapping[str, str], *, by: Officer, account: str = "", secret: str = "") -> Connection:
    """Add a connection of the own department.

    Args:
        kind: one of `ConnectionKind`.
        name: as the department calls it, used once.
        address: parts of the kind, as typed.
        by: a keeper of the department.
        account: who the other system knows.
        secret: password, secret key, private key or token.

    Raises:
        Refused: no keeper of a department.
        Malformed: naming each field that does not fit.
        Conflict: the department has a connection of this name.
    """
    permissions.check_may_keep(by, by.department)
    if kind not in list(ConnectionKind):
        raise Malformed("选择连接的类型 (choose the kind)", fields={"kind": "、".join(ConnectionKind)})
    chosen, now = ConnectionKind(kind), datetime.now(UTC)
    parts = domain.address_of(chosen, address)
    said, hidden = texts.line("name", name, longest=LONGEST_NAME), _secret(secret)
    if Connection.objects.filter(department_id=by.department, name=said, retired_at=None).exists():
        taken = {"name": "换一个名称 (another name)"}
        raise Conflict("本部门已有同名连接 (the department has a connection of this name)", fields=taken)
    number = periods.next_number("K", now)
    made = Connection.objects.create(
        number=number,
        name=said,
        kind=chosen,
        department_id=by.department,
        address=parts,
        account=domain.check_account(chosen, parts, account),
        sealed=sealing.seal(hidden, number),
        secret_set_at=now if hidden else None,
        made_by=by.account,
        made_at=now,
    )
    facts = {"kind": made.kind, "name": made.name, "address": domain.shown(chosen, parts), "account": made.account}
    audit.record("connections.connection.added", by=by, subject=number, facts=facts)
    return made


@transaction.atomic
def replace_secret(number: str, secret: str, *, by: Officer) -> Connection:
    """Give a connection another secret; the former one is gone.

    Raises:
        Unknown: no such connection, or none visible.
        Refused: another department's, or retired.
        Malformed: no secret, or one that cannot be kept.
    """
    found = _kept(number, by)
    hidden = _secret(secret)
    if not hidden:
        raise Malformed("填写新的口令或者密钥 (give the new secret)", fields={"secret": "必填 (needed)"})
    found.sealed, found.secret_set_at = sealing.seal(hidden, found.number), datetime.now(UTC)
    found.tested_at, found.test_passed, found.test_words, found.test_ms = None, None, "", None
    found.save()
    audit.record("connections.connection.secret_replaced", by=by, subject=found.number)
    return found


@transaction.atomic
def retire(number: str, *, by: Officer) -> Connection:
    """Take a connection out of use for good and forget its secret.

    Raises:
        Unknown: no such connection, or none visible.
        Refused: another department's, or retired already.
        Conflict: something uses it.
    """
    found = _kept(number, by)
    using = list(queries.uses(found)[: SHOWN_USES + 1])
    if using:
        named = "、".join(one.title for one in using[:SHOWN_USES]) + ("…" if len(using) > SHOWN_USES else "")
        raise Conflict(
            f"连接正在使用，不能停用：{named} (it is in use)",
            fields={"connection": "使用中 (in use)"},
            remedy="先更换挂接或者停止交付 (attach other data or end the delivery first)",
        )
    found.retired_by, found.retired_at, found.sealed = by.account, datetime.now(UTC), b""
    found.save()
    audit.record("connections.connection.retired", by=by, subject=found.number)
    return found


def _kept(number: str, by: Officer) -> Connection:
    found = queries.connection(number, by=by, lock=True)
    permissions.check_may_keep(by, found.department_id)
    if found.retired_at is not None:
        raise Refused("这个连接已停用 (this connection is retired)", remedy="新建一个连接 (add another one)")
    return found


def _secret(said: str) -> str:
    """A password as typed, or a private key of several lines; its characters are its own affair."""
    if len(said) > LONGEST_SECRET or "\x00" in said or not (said.isascii() or said.isprintable()):
        raise Malformed("口令或者密钥不能用 (this secret cannot be kept)", fields={"secret": f"≤ {LONGEST_SECRET}"})
    return said.strip() if "-----BEGIN" in said else said
