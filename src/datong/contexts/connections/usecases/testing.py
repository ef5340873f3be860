# SPDX-License-Identifier: Apache-2.0
"""Try a connection: sign in there, do the least thing it is for, and say in plain words what came of it.

Kept here: the trial runs in a process of its own and ends in time; it happens outside any transaction, so that a slow
system holds no row; what is kept says which kind of fault it was and nothing of the address, the answer or the secret.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.connections import domain, permissions, queries
from datong.contexts.connections.domain import ConnectionKind, Opened
from datong.contexts.connections.models import Connection
from datong.contexts.connections.usecases import guarding, opening
from datong.engine import face as engine
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Refused

PATIENCE = 20.0
"""Seconds after which a trial has failed."""
LONGEST_WORDS = 500


def try_out(number: str, *, by: Officer) -> Connection:
    """Try a connection now and keep what came of it.

    Returns:
        The connection; `test_passed`, `test_words` and `test_ms` say how it went.

    Raises:
        Unknown: no such connection, or none visible.
        Refused: another department's, or retired.
    """
    found = queries.connection(number, by=by)
    permissions.check_may_keep(by, found.department_id)
    if found.retired_at is not None:
        raise Refused("这个连接已停用 (this connection is retired)", remedy="新建一个连接 (add another one)")
    began = time.monotonic()
    try:
        seen = _try(opening.unsealed(found))
    except DatongError as error:
        seen = engine.Trial(_said(error), passed=False)
    taken = int((time.monotonic() - began) * 1000) if seen.milliseconds is None else seen.milliseconds
    return _keep(found, seen, taken, by)


def _try(opened: Opened) -> engine.Trial:
    if opened.kind in domain.DATABASES:
        return engine.apart(engine.try_database, guarding.bound(domain.dsn_of(opened)), seconds=PATIENCE)
    if opened.kind is ConnectionKind.HTTP:
        return engine.apart(engine.try_interface, opening.caller_of(opened), seconds=PATIENCE)
    return engine.apart(engine.try_store, opening.store_of(opened), seconds=PATIENCE)


def _said(error: DatongError) -> str:
    """What a person reads of a failure: the sentence, which fields, and what to do."""
    parts = [error.message, *error.fields.values(), error.remedy or ""]
    return "；".join(part for part in parts if part)[:LONGEST_WORDS]


@transaction.atomic
def _keep(found: Connection, seen: engine.Trial, taken: int, by: Officer) -> Connection:
    row = queries.connection(found.number, by=by, lock=True)
    if row.retired_at is not None or row.secret_set_at != found.secret_set_at:
        return row
    row.tested_at, row.test_passed, row.test_words, row.test_ms = datetime.now(UTC), seen.passed, seen.words, taken
    if seen.passed and seen.fingerprint and not row.address.get("fingerprint"):
        row.address = {**row.address, "fingerprint": seen.fingerprint}
    row.save()
    facts = {"passed": seen.passed, "milliseconds": taken}
    audit.record("connections.connection.tested", by=by, subject=row.number, facts=facts)
    return row
