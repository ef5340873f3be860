# SPDX-License-Identifier: Apache-2.0
"""Sealing: committed acts become leaves of the evidence log before the answer leaves.

Kept here: leaf i is act i + 1, always. Whoever commits acts seals them, and with them all that others left behind; the
log's lock lets one process at a time do so. When the evidence cannot be written the request fails with 503 although
its acts are committed: the next seal, the worker's at the latest, catches up. A database and a log that do not
continue one another (a restore of one without the other) are never sealed together.
"""

from __future__ import annotations

from functools import lru_cache, partial
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from datong.contexts.audit import domain, queries
from datong.contexts.audit.models import Act
from datong.crypto.keys import load_signer
from datong.crypto.signing import Signer
from datong.kernel.errors import DatongError, Unavailable
from datong.ledger import read
from datong.ledger.log import Log

BATCH = 1000
_continues: set[Path] = set()
"""Logs whose last record this process has found in the database."""


def seal_on_commit() -> None:
    """Have the transaction's acts sealed when it commits; once for each transaction, however many its acts."""
    if not any(hook is _sealed for _, hook, *_ in connection.run_on_commit):
        transaction.on_commit(_sealed)


def seal() -> int:
    """Append every committed act that is not yet evidence.

    Returns:
        How many were appended. Inside a transaction 0: what it writes is sealed when it commits.

    Raises:
        Unavailable: The log cannot be written, or it does not continue what the database holds.
    """
    if connection.in_atomic_block:
        return 0
    directory = settings.NODE_FOLDER.evidence / domain.LOG
    try:
        with Log.open(
            directory, origin=f"{settings.NODE.code}/{domain.LOG}", signer=_signer(settings.NODE_FOLDER.key), wait=True
        ) as log:
            _check_continues(log)
            return sum(iter(partial(_append, log), 0))
    except Unavailable:
        raise
    except DatongError as error:
        raise Unavailable(f"evidence cannot be written: {error}", remedy="datong node doctor") from error


def _sealed() -> None:
    seal()


def _append(log: Log) -> int:
    """Append the next batch; 0 when nothing is left."""
    rows = list(Act.objects.filter(seq__gt=log.size).order_by("seq")[:BATCH])
    if [row.seq for row in rows] != list(range(log.size + 1, log.size + len(rows) + 1)):
        raise Unavailable(f"acts are missing behind number {log.size}", remedy="restore database and evidence together")
    log.append([domain.record_of(queries.view(row)) for row in rows])
    return len(rows)


def _check_continues(log: Log) -> None:
    """See that the log's last record is the database's act of that number; its bytes once for each process."""
    if not log.size:
        return
    row = Act.objects.filter(seq=log.size).first()
    if row is not None and log.directory in _continues:
        return
    if row is None or domain.record_of(queries.view(row)) != next(read.records(log.directory, log.size - 1))[1]:
        raise Unavailable(
            f"the evidence holds {log.size} acts and the database does not hold the last of them",
            remedy="restore database and evidence together",
        )
    _continues.add(log.directory)


@lru_cache(maxsize=4)
def _signer(path: Path) -> Signer:
    return load_signer(path)
