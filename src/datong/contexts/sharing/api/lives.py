# SPDX-License-Identifier: Apache-2.0
"""The rest of a grant's life: ended by its consumer, renewed, accounted for, destroyed; changes of services."""

from __future__ import annotations

import base64
import binascii
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from datong.contexts.sharing import queries, usecases
from datong.contexts.sharing.api import schemas
from datong.contexts.sharing.api.grants import ONE, REFUSALS, grant_out
from datong.contexts.sharing.domain.disposals import LARGEST_FILE, Certificate
from datong.contexts.sharing.models import DisposalTask, ServiceChange, UseRecord
from datong.kernel.errors import Malformed

router = Router()


class TerminationIn(Schema):
    """Why the consumer ends a grant."""

    cause: str = Field("", max_length=20, description="met, impossible or unneeded")
    note: str = Field("", max_length=20_000)


class RenewalsIn(Schema):
    """Which grants to ask another term of, until when."""

    grants: list[str] = Field(max_length=1000)
    until: date | None = Field(None, description="new last day; without it, each as long as before")


class RenewalOut(Schema):
    """What became of one of them."""

    grant: str
    request: str = Field(description="number of the request that was filed, empty where it was refused")
    refusal: str
    errors: dict[str, str]


class UseIn(Schema):
    """What was done with the data (使用记录)."""

    used_from: date | None = None
    used_until: date | None = None
    scenario: str = Field("", max_length=5000)
    process: str = Field("", max_length=5000)
    effect: str = Field("", max_length=5000)
    storage: str = Field("", max_length=5000)
    destruction: str = Field("", max_length=5000)


class UseRecordOut(UseIn):
    """A use record as it is kept."""

    id: int
    grant: str
    made_by: str
    made_at: datetime


class CertificateIn(Schema):
    """Certificate of destruction."""

    what: str = Field("", max_length=5000)
    method: str = Field("", max_length=20, description="erased, crypto, media or nothing_kept")
    performed_by: str = Field("", max_length=1000)
    performed_on: date | None = None
    file_name: str = Field("", max_length=200)
    file: str = Field("", max_length=LARGEST_FILE * 2, description="base64 of a PDF, PNG or JPG; optional")


class DisposalDemandIn(Schema):
    """Until when and how the provider wants data destroyed."""

    due: date
    demand: str = Field("", max_length=5000)


class DisposalOut(Schema):
    """A task of destruction."""

    number: str
    grant: str
    stage: str
    due: date
    demand: str
    what: str
    method: str
    performed_by: str
    performed_on: date | None
    file_digest: str
    reason: str
    settled_at: datetime | None
    breached_at: datetime | None


class ChangeIn(Schema):
    """A change of a service."""

    resource: str = Field("", max_length=44)
    kind: str = Field("", max_length=20, description="stop or alter")
    what: str = Field("", max_length=20_000)
    reason: str = Field("", max_length=20_000)
    effective_on: date | None = None


class ReplyIn(Schema):
    """A consumer's answer."""

    answer: str = Field("", max_length=20, description="agreed or objected")
    words: str = Field("", max_length=5000)


class FilingIn(Schema):
    """The authority's filing."""

    accept: bool
    filing: str = Field("", max_length=500, description="number of the filing, where it is taken on file")
    opinion: str = Field("", max_length=20_000)


class ReplyOut(Schema):
    """What one consumer said."""

    consumer: str
    grants: list[str]
    answer: str
    words: str


class ServiceChangeOut(Schema):
    """A change of a service: proposed, negotiated, filed, in effect."""

    number: str
    resource: str
    provider: str
    kind: str
    what: str
    reason: str
    effective_on: date
    answer_by: date
    stage: str
    negotiation: str
    filing: str
    opinion: str
    replies: list[ReplyOut]


@router.post("/grants/{number}/terminate", response=ONE, operation_id="terminate_grant")
def terminate_grant(request: HttpRequest, number: str, given: TerminationIn) -> dict[str, Any]:
    """End a grant as its consumer; a task of destruction follows."""
    return grant_out(usecases.terminate_grant(number, given.cause, given.note, by=request.officer))


@router.post("/renewals", response={200: list[RenewalOut], **REFUSALS}, operation_id="renew_grants")
def renew_grants(request: HttpRequest, given: RenewalsIn) -> list[dict[str, Any]]:
    """Ask for another term of several grants; each on its own, so one refusal stops no other."""
    done = usecases.renew_grants(given.grants, given.until, by=request.officer)
    return [
        {
            "grant": one.grant,
            "request": one.request,
            "refusal": one.fault.message if one.fault else "",
            "errors": one.fault.fields if one.fault else {},
        }
        for one in done
    ]


@router.get("/grants/{number}/uses", response={200: list[UseRecordOut], **REFUSALS}, operation_id="list_use_records")
def list_use_records(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    """Use records of a grant the officer sees, the latest first."""
    queries.grant_of(number, by=request.officer)
    return [_use(row) for row in queries.uses(request.officer, grant=number)[:1000]]


@router.post("/grants/{number}/uses", response={201: UseRecordOut, **REFUSALS}, operation_id="record_use")
def record_use(request: HttpRequest, number: str, given: UseIn) -> Status:
    """Add a use record, as the consumer; it is never edited and kept three years at least."""
    return Status(201, _use(usecases.record_use(number, usecases.Use(**given.dict()), by=request.officer)))


@router.get("/disposals", response={200: list[DisposalOut], **REFUSALS}, operation_id="list_disposals")
def list_disposals(request: HttpRequest, wanted: Query[schemas.ListIn]) -> list[dict[str, Any]]:
    """Tasks of destruction the officer sees, the newest first; `after` is the number of the last one before."""
    rows = queries.disposals(request.officer, stage=wanted.stage, side=wanted.side, q=wanted.q).order_by("-number")
    if wanted.after and wanted.after.isprintable():
        rows = rows.filter(number__lt=wanted.after)
    return [_disposal(row) for row in rows[: wanted.limit]]


@router.get("/disposals/{disposal}", response={200: DisposalOut, **REFUSALS}, operation_id="get_disposal")
def get_disposal(request: HttpRequest, disposal: str) -> dict[str, Any]:
    """One task."""
    return _disposal(queries.disposal_of(disposal, by=request.officer))


@router.post("/disposals/{disposal}/certificate", response={200: DisposalOut, **REFUSALS}, operation_id="certify_disposal")
def certify_disposal(request: HttpRequest, disposal: str, given: CertificateIn) -> dict[str, Any]:
    """Hand in the certificate, as the consumer."""
    try:
        file = base64.b64decode(given.file, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("附件不是 base64 (the file is not base64)", fields={"file": "base64"}) from None
    certificate = Certificate(given.what, given.method, given.performed_by, given.performed_on, given.file_name, file)
    return _disposal(usecases.certify_disposal(disposal, certificate, by=request.officer))


@router.post("/disposals/{disposal}/demand", response={200: DisposalOut, **REFUSALS}, operation_id="demand_disposal")
def demand_disposal(request: HttpRequest, disposal: str, given: DisposalDemandIn) -> dict[str, Any]:
    """Say until when and how, as the provider's head."""
    return _disposal(usecases.demand_disposal(disposal, given.due, given.demand, by=request.officer))


@router.post("/disposals/{disposal}/lift", response={200: DisposalOut, **REFUSALS}, operation_id="lift_disposal")
def lift_disposal(request: HttpRequest, disposal: str, given: schemas.NoteIn) -> dict[str, Any]:
    """Let the consumer keep the data, as the provider's head, with a reason."""
    return _disposal(usecases.lift_disposal(disposal, given.note, by=request.officer))


@router.get("/changes", response={200: list[ServiceChangeOut], **REFUSALS}, operation_id="list_changes")
def list_changes(request: HttpRequest, wanted: Query[schemas.ListIn]) -> list[dict[str, Any]]:
    """Changes of services the officer sees, newest first; `after` is the number of the last one before."""
    rows = queries.changes(request.officer, stage=wanted.stage, q=wanted.q).order_by("-number")
    if wanted.after and wanted.after.isprintable():
        rows = rows.filter(number__lt=wanted.after)
    return [_change(row, request) for row in rows[: wanted.limit]]


@router.post("/changes", response={201: ServiceChangeOut, **REFUSALS}, operation_id="propose_change")
def propose_change(request: HttpRequest, given: ChangeIn) -> Status:
    """Propose to stop or alter a service others live on, as the provider's head."""
    words = (given.resource, given.kind, given.what, given.reason, given.effective_on)
    return Status(201, _change(usecases.propose_change(*words, by=request.officer), request))


@router.get("/changes/{change}", response={200: ServiceChangeOut, **REFUSALS}, operation_id="get_change")
def get_change(request: HttpRequest, change: str) -> dict[str, Any]:
    """One change; a consumer sees its own answer only."""
    return _change(queries.change_of(change, by=request.officer), request)


@router.post("/changes/{change}/answer", response={200: ServiceChangeOut, **REFUSALS}, operation_id="answer_change")
def answer_change(request: HttpRequest, change: str, given: ReplyIn) -> dict[str, Any]:
    """Answer it, as the head of a consumer."""
    return _change(usecases.answer_change(change, given.answer, given.words, by=request.officer), request)


@router.post("/changes/{change}/file", response={200: ServiceChangeOut, **REFUSALS}, operation_id="file_change")
def file_change(request: HttpRequest, change: str, given: schemas.NoteIn) -> dict[str, Any]:
    """File it with the authority; the note says how it was settled."""
    return _change(usecases.file_change(change, given.note, by=request.officer), request)


@router.post("/changes/{change}/filing", response={200: ServiceChangeOut, **REFUSALS}, operation_id="record_change")
def record_change(request: HttpRequest, change: str, given: FilingIn) -> dict[str, Any]:
    """Take it on file or decline to, as the authority."""
    made = usecases.record_change(change, accept=given.accept, filing=given.filing, opinion=given.opinion, by=request.officer)
    return _change(made, request)


@router.post("/changes/{change}/effect", response={200: ServiceChangeOut, **REFUSALS}, operation_id="effect_change")
def effect_change(request: HttpRequest, change: str) -> dict[str, Any]:
    """Let it take effect, as the provider's head."""
    return _change(usecases.effect_change(change, by=request.officer), request)


@router.post("/changes/{change}/drop", response={200: ServiceChangeOut, **REFUSALS}, operation_id="drop_change")
def drop_change(request: HttpRequest, change: str) -> dict[str, Any]:
    """Give it up, as the provider's head."""
    return _change(usecases.drop_change(change, by=request.officer), request)


def _use(row: UseRecord) -> dict[str, Any]:
    same = ("id", "used_from", "used_until", "scenario", "process", "effect", "storage", "destruction", "made_by", "made_at")
    return {"grant": row.grant.number, **{name: getattr(row, name) for name in same}}


def _disposal(row: DisposalTask) -> dict[str, Any]:
    same = (
        *("number", "stage", "due", "demand", "what", "method", "performed_by", "performed_on", "file_digest", "reason"),
        *("settled_at", "breached_at"),
    )
    return {"grant": row.grant.number, **{name: getattr(row, name) for name in same}}


def _change(row: ServiceChange, request: HttpRequest) -> dict[str, Any]:
    same = ("number", "kind", "what", "reason", "effective_on", "answer_by", "stage", "negotiation", "filing", "opinion")
    replies = [
        {"consumer": one.consumer_id, "grants": one.grants, "answer": one.answer, "words": one.words}
        for one in queries.replies_seen(row, request.officer)
    ]
    shown = {name: getattr(row, name) for name in same}
    return {"resource": row.resource_id, "provider": row.provider_id, "replies": replies, **shown}
