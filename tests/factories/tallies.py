# SPDX-License-Identifier: Apache-2.0
"""Calls as a gateway tallies them, by the gateway's own hands."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings

from datong.gateway.calls import CallRecord
from datong.gateway.tally import Tally, clock
from datong.wire import tallies
from factories.organisations import a_department
from factories.sharing import CONSUMER


def a_book(seat: int = 0) -> Tally:
    """The tally of a gateway of the node."""
    return Tally(Path(settings.NODE_FOLDER.run) / tallies.name_of(seat))


def called(book: Tally, at: datetime, times: int = 1, took: float = 0.0, size: int = 10, **changes) -> None:
    """Some calls alike, each taking so many seconds, in the book."""
    facts = {
        "at": "", "request_id": "", "grant": "SQ-1", "client": "civil", "channel": "call", "code": "ok", "rows": 2,
        "status": 200, "department": a_department(CONSUMER).uscc,
    }  # fmt: skip
    record = CallRecord(**(facts | changes))
    for _ in range(times):
        book.note(record, at.timestamp(), clock() - took, size)
    assert book.write(book.taken())


def forget() -> None:
    """Books away."""
    for path in Path(settings.NODE_FOLDER.run).glob("calls-*"):
        path.unlink()
