# SPDX-License-Identifier: Apache-2.0
"""Collect the calls: copy what the gateways' evidence recorded into a table people can search.

Kept here: the evidence is the truth, the table a copy; the place in the log keys it, so collecting twice changes
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q

from datong.contexts.exchange.models import Call, Recipient
from datong.contexts.exchange.queries.recipients import by_mark
from datong.contexts.exchange.usecases import following
from datong.contexts.sharing import face as sharing
from datong.ledger import read

BATCH = 1000
ANSWERED, REFUSED = 200, 400


def collect_calls() -> int:
    """Copy new records of every gateway's log; returns how many."""
    found = sorted(settings.NODE_FOLDER.evidence.glob("gateway-*/log.json"))
    return sum(_collect_all(file.parent) for file in found)


def _collect_all(folder: Path) -> int:
    total = 0
    while fresh := _collect(folder):
        total += fresh
        if fresh < BATCH:
            break
    return total


def _collect(folder: Path) -> int:
    newest = Call.objects.filter(log=folder.name).aggregate(top=Max("index"))["top"]
    records = ((index, json.loads(body)) for index, body in read.records(folder, 0 if newest is None else newest + 1))
    reads: dict[tuple[str, str], str] = {}
    fresh = ((index, record) for index, record in _noting(records, reads) if record["kind"] == "call")
    taken = list(islice(fresh, BATCH))
    calls = [_call(folder.name, index, record) for index, record in taken]
    _deliver(calls)
    with transaction.atomic():
        Call.objects.bulk_create(calls, ignore_conflicts=True)
        following.collected([record for _, record in taken])
        _use(reads)
    return len(calls)


def _noting(
    records: Iterable[tuple[int, dict[str, Any]]], reads: dict[tuple[str, str], str]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Pass records on, and note by grant and mark when each recipient was last answered."""
    for index, record in records:
        if record.get("recipient") and record["status"] < REFUSED:
            reads[record["grant"], record["recipient"]] = record["at"]
        yield index, record


def _use(reads: dict[tuple[str, str], str]) -> None:
    """Say of each recipient when it was last used; a log read again changes nothing."""
    known = by_mark({grant for grant, _ in reads}) if reads else {}
    for name, text in reads.items():
        at = datetime.fromisoformat(text)
        earlier = Q(last_used_at=None) | Q(last_used_at__lt=at)
        Recipient.objects.filter(earlier, pk=known.get(name)).update(last_used_at=at)


def _deliver(calls: list[Call]) -> None:
    """Stop the delivery clock of each grant that truly delivered for the first time (809 art. 22).

    What was refused or found nothing delivered nothing; a verification that found its record did. Each is a transaction of
    its own: the act of one, kept open, would wait for whoever stops another grant, and he for it. They come before the
    calls are kept, so that a kill in between loses none, and the next collecting finds them done.
    """
    answered: dict[str, datetime] = {}
    for call in calls:
        if call.grant and call.status == ANSWERED and call.rows:
            answered.setdefault(call.grant, call.at)
    for number, at in sorted(answered.items()):
        sharing.record_delivery(number, at=at)


def _call(log: str, index: int, record: dict[str, Any]) -> Call:
    texts = ("request_id", "grant", "resource", "client", "department", "channel", "purpose", "case", "code")
    values = {name: str(record.get(name) or "")[: Call._meta.get_field(name).max_length] for name in texts}  # noqa: SLF001
    return Call(
        log=log,
        index=index,
        at=datetime.fromisoformat(record["at"]),
        status=record["status"],
        rows=record.get("rows") or 0,
        calls=record.get("calls", 1),
        **values,
    )
