# SPDX-License-Identifier: Apache-2.0
"""Papers to print and keep, as PDF."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from datong.contexts.sharing.queries import papers
from datong.wire.papers import TYPE, Paper, render


@require_GET
def request_paper(request: HttpRequest, number: str, paper: str) -> HttpResponse:
    """Give the receipt of a request, or the answer to it."""
    return _file(papers.paper_of(number, paper, by=request.officer), f"{number}-{paper}")


@require_GET
def certificate(request: HttpRequest, number: str) -> HttpResponse:
    """Give the certificate of a grant."""
    return _file(papers.certificate(number, by=request.officer), number)


def _file(paper: Paper, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "private, no-store"}
    return HttpResponse(render(paper), TYPE, headers=headers)
