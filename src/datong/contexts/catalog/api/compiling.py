# SPDX-License-Identifier: Apache-2.0
"""Ways in beside the form: proposals from databases and files, workbooks imported; what is proposed is compiled by /entries."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from datong.contexts.catalog import usecases
from datong.contexts.catalog.api.resources import REFUSALS
from datong.contexts.catalog.api.schemas import EntryIn, ItemIn
from datong.contexts.catalog.domain.proposals import Proposal
from datong.contexts.catalog.domain.telling import lacking
from datong.contexts.catalog.models import ImportJob
from datong.contexts.catalog.queries.importing import import_job
from datong.contexts.catalog.queries.importing import imports as imports_of

router = Router()


class TableName(Schema):
    """A table of a database."""

    schema_name: str = Field("", max_length=200)
    name: str = Field(max_length=200)


class AddressIn(Schema):
    """A database to look at; the address is used for this request alone, never stored or shown."""

    dsn: str = Field("", max_length=2000, description="postgresql://user:password@host:port/db or mysql://…")
    connection: str = Field("", max_length=24, description="number of a saved connection to a database, in place of dsn")
    tables: list[TableName] = Field(default_factory=list, max_length=10)


class TableOut(TableName):
    """A table or view the account may read."""

    kind: str
    comment: str
    rows: int | None


class ReadIn(Schema):
    """How to read a file, where it cannot be seen from the file itself."""

    sheet: str = Field("", max_length=100)
    header_row: str = Field("", max_length=6)
    encoding: str = Field("", max_length=40)
    delimiter: str = Field("", max_length=1)
    tables: list[str] = Field(default_factory=list, max_length=10, description="tables of a SQLite file")


class RecognitionOut(Schema):
    """What an item seems to hold: proposed, with its reason."""

    kind: str
    confidence: float
    reason: str
    personal: bool
    level: str
    mask: str


class ProposedItemOut(Schema):
    """A column as an item proposed; samples are masked."""

    column: str
    item: ItemIn
    declared: str
    why: str
    finding: RecognitionOut | None
    null_rate: float
    distinct: int
    shortest: int
    longest: int
    pattern: str
    samples: list[str]


class ProposalOut(Schema):
    """An entry proposed: correct it and POST what you confirm to /entries."""

    source: str
    rows: int
    complete: bool
    draft: EntryIn
    items: list[ProposedItemOut]


class ImportOut(Schema):
    """An import and how far it is."""

    number: int
    name: str
    stage: str
    total: int
    imported: int
    known: int
    refused: int
    error: str
    log: list[str]
    queued_at: datetime
    finished_at: datetime | None


class ImportRowOut(Schema):
    """What became of one entry of a workbook."""

    sheet: str
    line: int
    name: str
    state: str
    code: str
    faults: dict[str, str]
    flags: dict[str, str]
    raw: dict[str, str]
    lacking: list[str] = Field(description="columns to be filled in before the entry can be filed")


class DefaultClassIn(Schema):
    """Class of entries that name none."""

    class_code: str = Field("", max_length=32)


def _offer(request: HttpRequest, given: AddressIn) -> usecases.Offer:
    if given.connection:
        return usecases.offer_connection(given.connection, by=request.officer)
    return usecases.offer_address(given.dsn)


@router.post("/proposals/tables", response={200: list[TableOut], **REFUSALS}, operation_id="list_source_tables")
def list_source_tables(request: HttpRequest, given: AddressIn) -> list[dict[str, Any]]:
    """Tables and views an account may read."""
    found = usecases.list_tables(_offer(request, given), by=request.officer)
    return [{**asdict(one), "schema_name": one.schema} for one in found]


@router.post("/proposals", response={200: list[ProposalOut], **REFUSALS}, operation_id="propose_entries")
def propose_entries(request: HttpRequest, given: AddressIn) -> list[dict[str, Any]]:
    """Propose an entry for each table; nothing is kept."""
    offer = _offer(request, given)
    chosen = [(one.schema_name, one.name) for one in given.tables]
    return [_proposal(one) for one in usecases.propose_entries(offer, chosen, by=request.officer)]


@router.post("/proposals/files", response={200: list[ProposalOut], **REFUSALS}, operation_id="propose_entries_of_file")
def propose_entries_of_file(request: HttpRequest, file: File[UploadedFile], form: Form[ReadIn]) -> list[dict[str, Any]]:
    """Propose an entry for a CSV, XLSX or Parquet file, or for tables of a SQLite file; the file is not kept."""
    options = form.dict(exclude={"tables"})
    offer = usecases.offer_file(file.name or "", file.chunks(), options)
    try:
        found = usecases.propose_entries(offer, [("", name) for name in form.tables], by=request.officer)
    finally:
        usecases.drop(offer)
    return [_proposal(one) for one in found]


def _proposal(one: Proposal) -> dict[str, Any]:
    return asdict(one)


@router.post("/imports", response={202: ImportOut, **REFUSALS}, operation_id="queue_import")
def queue_import(request: HttpRequest, file: File[UploadedFile], form: Form[DefaultClassIn]) -> Status:
    """Queue the import of a workbook of entries."""
    offer = usecases.offer_file(file.name or "", file.chunks(), taken=("xlsx",), folder=usecases.IMPORTS)
    return Status(202, _import(usecases.queue_import(offer, form.class_code, by=request.officer)))


@router.get("/imports", response={200: list[ImportOut], **REFUSALS}, operation_id="list_imports")
def list_imports(request: HttpRequest, limit: int = Query(50, ge=1, le=200)) -> list[dict[str, Any]]:
    """Imports of the own department, the newest first."""
    return [_import(one) for one in imports_of(request.officer)[:limit]]


@router.get("/imports/{int:number}", response={200: ImportOut, **REFUSALS}, operation_id="get_import")
def get_import(request: HttpRequest, number: int) -> dict[str, Any]:
    """One import: stage, counts, log."""
    return _import(import_job(number, by=request.officer))


@router.get("/imports/{int:number}/rows", response={200: list[ImportRowOut], **REFUSALS}, operation_id="list_import_rows")
def list_import_rows(
    request: HttpRequest,
    number: int,
    state: str = Query("", max_length=16),
    after: int = Query(0, ge=0, le=2**31 - 1, description="entries to pass over"),
    limit: int = Query(100, ge=1, le=1000),
) -> list[dict[str, Any]]:
    """Entries of an import in order, with what was wrong and what to check."""
    rows = import_job(number, by=request.officer).rows.select_related("version__resource")
    rows = rows.filter(state=state) if state.isalpha() else rows
    return [
        {"name": row.draft["name"], "lacking": lacking(row.draft), "code": row.version.resource.code if row.version else "",
         **{name: getattr(row, name) for name in ("sheet", "line", "state", "faults", "flags", "raw")}}
        for row in rows[after : after + limit]
    ]  # fmt: skip


@router.post("/imports/{int:number}/cancel", response={200: ImportOut, **REFUSALS}, operation_id="cancel_import")
def cancel_import(request: HttpRequest, number: int) -> dict[str, Any]:
    """Cancel an import; what it imported stays."""
    return _import(usecases.cancel_import(number, by=request.officer))


def _import(job: ImportJob) -> dict[str, Any]:
    names = ("name", "stage", "total", "imported", "known", "refused", "error", "log", "queued_at", "finished_at")
    return {"number": job.pk, **{name: getattr(job, name) for name in names}}
