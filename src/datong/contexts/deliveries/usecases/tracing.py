# SPDX-License-Identifier: Apache-2.0
"""Find whose copy a file is, by the order of its rows.

Kept here: the file is only read; of it nothing is stored but its digest, with who asked, in the acts. Its columns are
known by the fields or by what the catalogue calls them; those that tell rows apart must be there, others may lack.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.deliveries import permissions, queries
from datong.contexts.deliveries.domain import tracing
from datong.contexts.deliveries.models import Delivery
from datong.contexts.deliveries.usecases.carrying import ORDER
from datong.crypto import digests, keys
from datong.engine import face as engine
from datong.engine.errors import BackendFailed
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.errors import Malformed

LARGEST = 200 * 2**20
MOST_ROWS = 20_000
"""Rows that are looked at: the order of so many is 200 standard deviations from chance."""
SIGNS = "=+@\t\r\n＝＋－＠-"


@dataclass(frozen=True, slots=True)
class Trace:
    """A delivery whose order a file shows, and how sure that is, in standard deviations."""

    delivery: str
    grant: str
    consumer: str
    asked_by: str
    rows: int
    score: float


@transaction.atomic
def trace(file: Path, *, by: Officer = SYSTEM) -> list[Trace]:
    """Name the deliveries whose row order a file shows, the surest first, of those an officer sees.

    Raises:
        Refused: Not one who looks into leaks.
        Malformed: It does not read, or has too few rows to tell.
    """
    if by is not SYSTEM:
        permissions.check_may_trace(by)
    heads, rows = _read(file)
    if len(rows) < tracing.LEAST_ROWS:
        raise Malformed(
            f"至少需要 {tracing.LEAST_ROWS} 行才能判断 (at least {tracing.LEAST_ROWS} rows are needed)",
            fields={"file": f"{len(rows)}"},
        )
    found = [one for number in queries.traced(by) if (one := _compare(number, heads, rows)) is not None]
    digest = digests.of_file(file)["sha256"]
    facts = {"rows": len(rows), "found": [one.delivery for one in found]}
    audit.record("deliveries.copy.traced", by=by, subject=digest, facts=facts)
    return sorted(found, key=lambda one: -one.score)


def _compare(number: str, heads: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Trace | None:
    row = Delivery.objects.select_related("grant__consumer").get(number=number)
    places = [_place(one, heads) for one in row.told_apart_by]
    if not places or None in places:
        return None
    texts = [tracing.row_text([cells[place] for place in places if place is not None]) for cells in rows]
    score = tracing.score(keys.load_secret(settings.NODE_FOLDER.key, f"{ORDER} {number}"), texts)
    if score < tracing.SURE:
        return None
    return Trace(number, row.grant_id, row.grant.consumer.name, row.asked_by, len(rows), round(score, 1))


def _place(column: dict[str, Any], heads: Sequence[str]) -> int | None:
    return next((heads.index(name) for name in (column["field"], column["name"]) if name and name in heads), None)


def _read(file: Path) -> tuple[list[str], list[list[str | None]]]:
    try:
        if file.stat().st_size > LARGEST:
            raise Malformed("文件太大 (the file is too large)", fields={"file": f"<= {LARGEST >> 20} MB"})
        data = file.read_bytes()
    except OSError as error:
        raise Malformed(f"文件读不了 (the file does not read: {error.strerror})") from None
    if data.startswith(b"PK"):
        return _sheet(data)
    if data.startswith(b"PAR1"):
        return _parquet(file)
    text = _decoded(data)
    return _json(text) if text.lstrip().startswith("{") else _csv(text)


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Malformed("文件不是 CSV、XLSX、JSON Lines 或 Parquet (neither CSV nor XLSX nor JSON lines nor Parquet)")


def _csv(text: str) -> tuple[list[str], list[list[str | None]]]:
    rows = list(csv.reader(io.StringIO(text, newline="")))[: MOST_ROWS + 1]
    heads = rows[0] if rows else []
    return heads, [[_plain(cell) for cell in row] for row in rows[1:] if len(row) == len(heads)]


def _plain(cell: str) -> str | None:
    """A value without the apostrophe that kept it from being a formula; an empty cell is none."""
    if not cell:
        return None
    bare = cell.lstrip("'")
    return cell[1:] if cell.startswith("'") and bare[:1] and bare[0] in SIGNS else cell


def _json(text: str) -> tuple[list[str], list[list[str | None]]]:
    try:
        rows = [json.loads(line) for line in text.splitlines()[:MOST_ROWS] if line.strip()]
        heads = list(rows[0])
        return heads, [[_word(row.get(head)) for head in heads] for row in rows]
    except (ValueError, AttributeError, RecursionError):
        raise Malformed("文件不是 JSON Lines (these are no JSON lines)") from None


def _word(value: Any) -> str | None:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else None if value is None else str(value)


def _parquet(file: Path) -> tuple[list[str], list[list[str | None]]]:
    try:
        return engine.reread(file, MOST_ROWS)
    except BackendFailed:
        raise Malformed("Parquet 文件读不了 (the Parquet file does not read)") from None


def _sheet(data: bytes) -> tuple[list[str], list[list[str | None]]]:
    import openpyxl  # noqa: PLC0415  a server that traces no workbook needs no memory for it

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        rows = [list(row) for row, _ in zip(book.worksheets[0].iter_rows(values_only=True), range(MOST_ROWS + 1), strict=False)]
    except Exception:  # noqa: BLE001  whatever a hostile workbook makes of its reader
        raise Malformed("电子表格读不了 (the workbook does not read)") from None
    heads = [str(cell) for cell in rows[0]] if rows else []
    return heads, [[None if cell in (None, "") else str(cell) for cell in row] for row in rows[1:]]
