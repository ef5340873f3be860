# SPDX-License-Identifier: Apache-2.0
"""A stored source as the engine reads it; its secret sealed and opened here alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from datong.contexts.connections import face as connections
from datong.contexts.exchange.domain import SourceKind
from datong.contexts.exchange.models import Source
from datong.crypto import ciphers
from datong.engine import face as engine

if TYPE_CHECKING:
    from datong.engine.base import Inspection
    from datong.engine.base import Source as EngineSource

LAND = "exchange.land"
LANDING = "landing"
STOPPED = 75
"""How the process of a landing ends that was asked to stop."""
PURPOSE = "exchange.source.secret"
LONGEST_LOOK = 60.0
"""Seconds after which looking at a source ends, whatever it is."""


def _key() -> bytes:
    return ciphers.derive(settings.NODE_FOLDER.key.read_bytes(), PURPOSE, 32)


def seal(dsn: str) -> bytes:
    """Seal a connection string for the table of sources."""
    return ciphers.seal(_key(), dsn.encode(), PURPOSE.encode())


def opened(source: Source) -> EngineSource:
    """The source as the engine reads it.

    Raises:
        Refused: a table of the node's own database, or the connection was retired.
        Malformed: nobody answers at the address.
    """
    options = dict(source.options)
    if source.connection_id:
        return connections.reading(source.connection_id, options, department=source.resource.provider_id)
    if source.kind == SourceKind.POSTGRES:
        return engine.PostgresSource(address_of(source), options.get("table") or source.name)
    path = Path(settings.NODE_FOLDER.uploads) / source.stored
    if source.kind == SourceKind.CSV:
        return engine.CsvSource(path, encoding=options.get("encoding"), delimiter=options.get("delimiter"))
    if source.kind == SourceKind.XLSX:
        return engine.XlsxSource(path, sheet=options.get("sheet"), header_row=int(options.get("header_row") or 1))
    return engine.ParquetSource(path)


def address_of(source: Source) -> str:
    """The address of a source that is a table of PostgreSQL.

    Raises:
        Refused: the node's own database, or the connection was retired.
        Malformed: it is none, or nobody answers at the address.
    """
    if source.connection_id:
        return connections.database(source.connection_id, department=source.resource.provider_id)
    dsn = ciphers.open_sealed(_key(), bytes(source.secret), PURPOSE.encode()).decode()
    return connections.bound(dsn)


def inspect(source: Source) -> Inspection:
    """Columns, encoding and first rows of a source.

    Raises:
        Malformed: it cannot be read; the message says where and what to do.
    """
    return engine.apart(engine.inspect, opened(source), seconds=LONGEST_LOOK)


def enqueue(batch: int, code: str) -> None:
    """Queue the landing of a batch, in the caller's transaction; those of one resource run in order, one at a time."""
    app.configure_task(LAND, queue=LANDING, lock=f"{LAND} {code}").defer(batch=batch)


def jobs_waiting() -> set[int]:
    """Batches that a job in the queue stands for."""
    jobs = ProcrastinateJob.objects.filter(task_name=LAND, status__in=["todo", "doing"])
    return set(jobs.values_list("args__batch", flat=True))
