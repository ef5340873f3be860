# SPDX-License-Identifier: Apache-2.0
"""The audit API: acts, evidence, receipts."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from datong.contexts.audit import queries, usecases
from datong.contexts.audit.api import schemas, shapes
from datong.kernel import texts
from datong.wire.problems import Problem

router = Router()
Log = Annotated[str, Path(max_length=64, description="name of a log: acts, gateway-0", example="acts")]
Index = Annotated[int, Path(ge=0, le=2**63 - 1, description="number of the record, from 0")]
REFUSALS = dict.fromkeys((401, 403, 404, 422, 503), Problem)


@router.get("/acts", response={200: schemas.ActsOut, **REFUSALS}, operation_id="list_acts")
def list_acts(request: HttpRequest, wanted: Query[schemas.ActsIn]) -> dict[str, Any]:
    """Acts the officer may see, the newest first."""
    subject = texts.line("subject", wanted.subject, longest=300, least=0)
    account = texts.line("account", wanted.account, longest=64, least=0)
    found = queries.acts(
        by=request.officer, subject=subject, tag=wanted.tag, account=account, before=wanted.before, limit=wanted.limit
    )
    return {"items": found, "next": found[-1].seq if len(found) == wanted.limit else None}


@router.get("/evidence", response={200: schemas.EvidenceOut, **REFUSALS}, operation_id="get_evidence")
def get_evidence(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """Where every evidence log of this node stands."""
    return {"logs": queries.logs()}


@router.post("/evidence/verify", response={200: schemas.VerifiedOut, **REFUSALS}, operation_id="verify_evidence")
def verify_evidence(request: HttpRequest) -> dict[str, Any]:
    """Verify every record, root and signature of every log."""
    reports = usecases.verify_evidence(by=request.officer)
    return {"ok": all(report.ok for report in reports), "reports": reports}


@router.post("/evidence/persons", response={200: schemas.LooksOut, **REFUSALS}, operation_id="who_looked")
def who_looked(request: HttpRequest, asked: schemas.PersonIn) -> dict[str, Any]:
    """Calls about a person, the newest first, for the auditor; that it was asked, and why, is on record."""
    found = usecases.who_looked(usecases.Question(asked.person, asked.purpose, asked.since, asked.until), by=request.officer)
    return {"whole": found.whole, "items": found.items}


@router.get("/evidence/{log}/checkpoints", response={200: schemas.CheckpointsOut, **REFUSALS}, operation_id="list_checkpoints")
def list_checkpoints(request: HttpRequest, log: Log, wanted: Query[schemas.CheckpointsIn]) -> dict[str, Any]:  # noqa: ARG001
    """Signed states of a log, the newest first: keep one, and the node can no longer show another history."""
    found = queries.checkpoints(log, before=wanted.before, limit=wanted.limit)
    more = len(found) == wanted.limit and found[-1].size > 1
    return {"items": [shapes.state(one) for one in found], "next": found[-1].size if more else None}


@router.get("/evidence/{log}/note", response=REFUSALS, operation_id="get_note", openapi_extra=shapes.NOTE)
def get_note(request: HttpRequest, log: Log) -> HttpResponse:  # noqa: ARG001
    """The newest state of a log as a C2SP checkpoint in a signed note; signed by Ed25519 at most once a second, SM2 has none."""
    return HttpResponse(usecases.newest_note(log).line(), shapes.PLAIN)


@router.get("/evidence/{log}/proofs/{index}", response={200: schemas.ProofOut, **REFUSALS}, operation_id="prove_record")
def prove_record(request: HttpRequest, log: Log, index: Index, wanted: Query[schemas.ProofIn]) -> dict[str, Any]:
    """A record with its path to the root of a signed state: acts one may see, and everything for those who see all."""
    return shapes.proof(queries.prove(log, index, wanted.size, by=request.officer))


@router.get("/evidence/{log}/consistency", response={200: schemas.ConsistencyOut, **REFUSALS}, operation_id="prove_consistency")
def prove_consistency(request: HttpRequest, log: Log, wanted: Query[schemas.ConsistencyIn]) -> dict[str, Any]:  # noqa: ARG001
    """Proof that one signed state is the beginning of another: nothing before it was changed or taken away."""
    return shapes.growth(queries.consistency(log, wanted.first, wanted.second))


@router.get(
    "/evidence/checkpoint", response={200: schemas.NodeCheckpointOut, **REFUSALS}, operation_id="get_node_checkpoint"
)  # fmt: skip
def get_node_checkpoint(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """The newest signed statement over all logs at once: keep it, and no log of the node can be withheld, cut or exchanged."""
    return shapes.node_state(queries.node_checkpoint())


@router.get("/evidence/stamp", response={200: schemas.StampOut, **REFUSALS}, operation_id="get_stamp")
def get_stamp(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """The newest node checkpoint that a time-stamping authority (RFC 3161) stamped: what it covers was there at that instant."""
    return shapes.stamped(queries.newest_stamp())


@router.get("/evidence/key", response={200: schemas.KeyOut, **REFUSALS}, operation_id="get_evidence_key")
def get_evidence_key(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """The public key that verifies checkpoints and receipts of this node."""
    pem, verifier = queries.public_key(), queries.node_verifier()
    return {"key_id": verifier.key_id, "algorithm": verifier.algorithm, "public_key": pem}


@router.post("/evidence/receipts", response={200: schemas.FindingOut, **REFUSALS}, operation_id="verify_receipt")
def verify_receipt(request: HttpRequest, given: schemas.ReceiptIn) -> usecases.Finding:  # noqa: ARG001
    """Verify a receipt; it proves itself, so anyone signed in may ask."""
    return usecases.verify_receipt(given.receipt)
