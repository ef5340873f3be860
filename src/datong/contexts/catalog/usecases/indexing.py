# SPDX-License-Identifier: Apache-2.0
"""Keeping the search index true: follow the acts, rebuild, prove.

Kept here: the acts are the change feed, written in the transaction of the data and numbered in the order of commits; the
index carries the number it has followed to in the same commit as what it made of it, so nothing is missed and nothing
harmful done twice. Each copy of the index follows by itself. A rebuild reads one snapshot and is seen whole.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from datong.contexts.audit import face as audit
from datong.contexts.catalog.domain.finding import Row, Scribe, proof
from datong.contexts.catalog.queries import shelf, sourcing
from datong.engine import face as engine
from datong.engine.errors import IndexBusy
from datong.kernel.actors import SYSTEM

REBUILD = "catalog.rebuild_search"
QUEUE = "search"
ROUND = 500
FAR = 2_000
"""Acts of no concern to the index after which its number is moved on all the same."""
ENTRY, DEPARTMENT = "catalog.entry.", "organisations.department."
SHOWN = 20
WRAP = 2**64


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a rebuild made."""

    entries: int
    seq: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether index and database hold the same.

    Attributes:
        ok: They do.
        present: There is an index.
        database: Published resources in the database, and the sum of their proofs.
        index: The same of the index.
        wrong: Codes that are missing in the index or stand there otherwise, the first of them.
        surplus: How many entries of the index are of no published resource.
        seq: Last act the index knows; `head` is the last there is.
    """

    ok: bool
    present: bool
    database: tuple[int, str]
    index: tuple[int, str]
    wrong: tuple[str, ...] = ()
    surplus: int = 0
    seq: int = 0
    head: int = 0
    seconds: float = field(default=0.0, compare=False)


def follow_search() -> int:
    """Bring the index up to the newest act; asks for a rebuild where there is none to be trusted.

    Returns:
        How many entries were written or taken away.
    """
    engine.chinese.ready()  # its tables are read now, not while somebody waits for the first change
    done = 0
    while True:
        reader = shelf.index().reader()
        if reader is None or shelf.seq_of(reader) > audit.head():
            request_rebuild()
            return done
        news = audit.since(shelf.seq_of(reader), limit=ROUND)
        codes = _touched(news)
        if not codes and len(news) < ROUND and audit.head() - shelf.seq_of(reader) < FAR:
            return done
        try:
            done += _write(codes, news[-1].seq)
        except IndexBusy:
            return done


def request_rebuild() -> bool:
    """Have the index rebuilt in the background; False when that is under way already."""
    if ProcrastinateJob.objects.filter(task_name=REBUILD, status__in=("todo", "doing")).exists():
        return False
    try:
        with transaction.atomic():
            app.configure_task(REBUILD, queue=QUEUE, queueing_lock=REBUILD, lock=REBUILD).defer()
    except AlreadyEnqueued:
        return False
    return True


def rebuild_search(*, wait: float = 0) -> Rebuilt:
    """Build the index anew from one snapshot of the database and put it in force.

    Args:
        wait: Seconds to wait for another writer.

    Raises:
        IndexBusy: Another process writes the index.
    """
    begun = time.monotonic()
    with transaction.atomic():
        _one_snapshot()
        seq = audit.head()
        scribe = Scribe(engine.chinese, sourcing.stale_days())
        entries = (scribe.entry(row) for row in sourcing.every_row())
        count = shelf.index().rebuild(entries, {"seq": seq}, wait=wait, expected=sourcing.how_many())
    return Rebuilt(count, seq, round(time.monotonic() - begun, 2))


def prove_search() -> Proof:
    """Compare the index with the database: how many there are, and the sum of what each says."""
    begun = time.monotonic()
    follow_search()
    with transaction.atomic():
        _one_snapshot()
        reader = shelf.index().reader()
        head = audit.head()
        truth = _summed(sourcing.every_row(with_items=False))
        if reader is None:
            return Proof(ok=False, present=False, database=truth, index=(0, "0"), head=head)
        rows, proofs = reader.numbers("proof")
        held = (len(rows), f"{sum(proofs) % WRAP:016x}")
        wrong, surplus = ((), 0) if held == truth else _differences(dict(zip(rows, proofs, strict=True)))
    return Proof(
        ok=held == truth, present=True, database=truth, index=held, wrong=wrong, surplus=surplus,
        seq=shelf.seq_of(reader), head=head, seconds=round(time.monotonic() - begun, 2),
    )  # fmt: skip


def keep_search_true() -> Proof:
    """Prove the index; where it is wrong, put that on record and have it rebuilt."""
    found = prove_search()
    if found.present and not found.ok:
        facts = {"database": found.database[0], "index": found.index[0], "wrong": list(found.wrong)}
        with transaction.atomic():
            audit.record("catalog.search.mended", by=SYSTEM, subject="search", facts=facts)
        request_rebuild()
    return found


def _touched(news: Iterable[audit.ActView]) -> list[str]:
    codes: dict[str, None] = {}
    for act in news:
        if act.tag.startswith(ENTRY) or act.tag == sourcing.LANDED:
            codes[act.subject] = None
        elif act.tag.startswith(DEPARTMENT):
            codes |= dict.fromkeys(sourcing.codes_of(act.subject))
    return list(codes)


def _write(codes: list[str], seq: int) -> int:
    with shelf.index().writing() as writer:
        for start in range(0, len(codes), ROUND):
            part = codes[start : start + ROUND]
            scribe = Scribe(engine.chinese, sourcing.stale_days(part))
            rows = {row.code: row for row in sourcing.rows_of(part)}
            for code in part:
                if code in rows:
                    writer.put(scribe.entry(rows[code]))
                else:
                    writer.drop(code)
        writer.commit({"seq": seq})
    return len(codes)


def _one_snapshot() -> None:
    """Everything read from here on is of one moment; in a transaction begun by others it stays theirs."""
    with connection.cursor() as cursor:
        if len(connection.savepoint_ids) == 0:
            cursor.execute("set transaction isolation level repeatable read")
        cursor.execute("set local statement_timeout = 0")


def _summed(rows: Iterator[Row]) -> tuple[int, str]:
    count = total = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007
        total += proof(row)
    return count, f"{total % WRAP:016x}"


def _differences(held: dict[int, int]) -> tuple[tuple[str, ...], int]:
    wrong: list[str] = []
    for row in sourcing.every_row(with_items=False):
        if held.pop(row.pk, None) != proof(row) and len(wrong) < SHOWN:
            wrong.append(row.code)
    return tuple(wrong), len(held)
