# SPDX-License-Identifier: Apache-2.0
"""A stored source as the engine reads it; its secret sealed and opened here alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from procrastinate.contrib.django import app

from datong.contexts.exchange.domain import SourceKind
from datong.contexts.exchange.models import Source
from datong.crypto import ciphers
from datong.engine import face as engine

if TYPE_CHECKING:
    from datong.engine.base import Inspection
    from datong.engine.base import Source as EngineSource

LAND = "exchange.land"
PURPOSE = "exchange.source.secret"


def _key() -> bytes:
    return ciphers.derive(settings.NODE_FOLDER.key.read_bytes(), PURPOSE, 32)


def seal(dsn: str) -> bytes:
    """Seal a connection string for the table of sources."""
    return ciphers.seal(_key(), dsn.encode(), PURPOSE.encode())


def opened(source: Source) -> EngineSource:
    """The source as the engine reads it."""
    options = dict(source.options)
    if source.kind == SourceKind.POSTGRES:
        dsn = ciphers.open_sealed(_key(), bytes(source.secret), PURPOSE.encode()).decode()
        return engine.PostgresSource(dsn, options.get("table") or source.name)
    path = Path(settings.NODE_FOLDER.uploads) / source.stored
    if source.kind == SourceKind.CSV:
        return engine.CsvSource(path, encoding=options.get("encoding"), delimiter=options.get("delimiter"))
    if source.kind == SourceKind.XLSX:
        return engine.XlsxSource(path, sheet=options.get("sheet"), header_row=int(options.get("header_row") or 1))
    return engine.ParquetSource(path)


def inspect(source: Source) -> Inspection:
    """Columns, encoding and first rows of a source.

    Raises:
        Malformed: it cannot be read; the message says where and what to do.
    """
    return engine.apart(engine.inspect, opened(source))


def enqueue(batch: int) -> None:
    """Queue the landing of a batch, in the caller's transaction."""
    app.configure_task(LAND, queue="landing").defer(batch=batch)
