# SPDX-License-Identifier: Apache-2.0
"""Papers of a request and a grant as PDF; `Datong-Digest` repeats the digest printed on them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import Router

from datong.contexts.sharing.queries import papers
from datong.wire.papers import TYPE, Paper, render
from datong.wire.problems import Problem

router = Router()
REFUSALS = dict.fromkeys((400, 401, 403, 404, 422), Problem)
PDF = {
    "responses": {
        200: {
            "description": "The paper",
            "headers": {"Datong-Digest": {"description": "SHA-256 as printed", "schema": {"type": "string"}}},
            "content": {TYPE: {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


@router.get("/requests/{number}/receipt.pdf", response=REFUSALS, operation_id="get_receipt", openapi_extra=PDF)
def get_receipt(request: HttpRequest, number: str) -> HttpResponse:
    """The receipt of a request (受理回执): received when, answered until when."""
    return _file(papers.receipt(number, by=request.officer), f"{number}-receipt")


@router.get("/requests/{number}/decision.pdf", response=REFUSALS, operation_id="get_decision", openapi_extra=PDF)
def get_decision(request: HttpRequest, number: str) -> HttpResponse:
    """The answer to a request (答复书)."""
    return _file(papers.decision(number, by=request.officer), f"{number}-decision")


@router.get("/grants/{number}/certificate.pdf", response=REFUSALS, operation_id="get_certificate", openapi_extra=PDF)
def get_certificate(request: HttpRequest, number: str) -> HttpResponse:
    """The certificate of a grant, with the digest of its signed document."""
    return _file(papers.certificate(number, by=request.officer), number)


def _file(paper: Paper, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.pdf"',
        "Cache-Control": "private, no-store",
        "Datong-Digest": paper.fingerprint,
    }
    return HttpResponse(render(paper), TYPE, headers=headers)
