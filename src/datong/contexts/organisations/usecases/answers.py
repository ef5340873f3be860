# SPDX-License-Identifier: Apache-2.0
"""Writes done once: the first answer to a write is kept with it, under the idempotency key its sender chose.

Kept here: the write and its answer are one transaction, so whoever is killed between commit and answer finds both; a
lock that ends with the transaction tells a second sender that the first is still at work. What was refused after it
was looked at counts as answered; what broke (5xx) or was too often (429) leaves no trace and may be sent again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.db import connection, transaction
from django.utils import timezone

from datong.contexts.audit import face as audit
from datong.contexts.organisations.domain import ANSWERS_KEPT_FOR, Answered, InFlight, KeyReused
from datong.contexts.organisations.models import Answer
from datong.kernel.actors import Officer
from datong.kernel.errors import Conflict

THROTTLED, BROKEN = 429, 500


def answer_once(key: str, request: str, act: Callable[[], Answered], *, by: Officer) -> Answered:
    """Do a write once, or give the answer of the first time.

    Args:
        key: What its sender calls the write; keys of other accounts are other keys.
        request: Digest of method, address and body: the same write has the same one.
        act: Does the write and gives the answer; errors of the platform are answers too.
        by: Who writes.

    Returns:
        The answer; `again` when the write was done before, and is evidence by now.

    Raises:
        InFlight: The first request of this key is still at work.
        KeyReused: The key belongs to another request.
        Conflict: It was done, and its answer held a secret.
        Unavailable: What was done before cannot be made evidence now.
    """
    answered = _decided(key, request, act, by)
    if answered.again:
        audit.seal()
    if answered.again and answered.secret:
        raise Conflict(
            "该操作已完成，结果含密钥或口令，只显示一次，未予保存 "
            "(this was done; its answer held a secret that is shown once and kept nowhere)",
            remedy="请查看现状；需要新的密钥或口令时，换一个幂等键重置 "
            "(look at the thing itself; reset the secret under a new key)",
        )
    return answered


@transaction.atomic
def forget_answers() -> int:
    """Forget answers older than a day.

    Returns:
        How many were forgotten.
    """
    return Answer.objects.filter(at__lt=timezone.now() - ANSWERS_KEPT_FOR).delete()[0]


@transaction.atomic
def _decided(key: str, request: str, act: Callable[[], Answered], by: Officer) -> Answered:
    _stand_alone(key, by)
    mine = Answer.objects.filter(account_id=by.account, key=key)
    mine.filter(at__lt=timezone.now() - ANSWERS_KEPT_FOR).delete()
    row = mine.first()
    if row is not None:
        return _of_then(row, request)
    made = act()
    if made.status >= BROKEN or made.status == THROTTLED:
        transaction.set_rollback(True)
        return made
    kept = None if made.secret else made.body
    Answer.objects.create(account_id=by.account, key=key, request=request, status=made.status, kind=made.kind, body=kept)
    return made


def _stand_alone(key: str, by: Officer) -> None:
    """Take the lock of the key until the transaction ends, however it ends."""
    name = hashlib.sha256(f"{by.account}\n{key}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [int.from_bytes(name, "big", signed=True)])
        if not cursor.fetchone()[0]:
            raise InFlight(
                "同一请求正在处理 (the same request is being worked on)", remedy="稍候重发 (send it again in a moment)"
            )


def _of_then(row: Answer, request: str) -> Answered:
    if row.request != request:
        raise KeyReused(
            "该幂等键已用于另一请求 (this idempotency key was used for another request)",
            fields={"Idempotency-Key": "换一个新键 (choose a new one)"},
        )
    return Answered(row.status, row.kind, bytes(row.body or b""), secret=row.body is None, again=True)
