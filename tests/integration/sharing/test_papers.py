# SPDX-License-Identifier: Apache-2.0
"""Printed papers: read back from the PDF, by those who may see the request and nobody else."""

from __future__ import annotations

import io

import pypdf
import pytest
from django.test import Client

from datong.contexts.organisations.models import Account
from datong.contexts.sharing.domain import Decision, Stage
from datong.contexts.sharing.queries import clock_of, papers
from datong.kernel.actors import Role
from datong.kernel.errors import Refused, Unknown
from datong.wire.papers import TYPE, Paper, render
from factories import sharing
from factories.organisations import a_department, an_officer

pytestmark = pytest.mark.django_db


def read(pdf: bytes) -> str:
    """The text of a PDF without its line breaks."""
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def signed_in(officer) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=officer.account))
    return client


def test_the_receipt_says_until_when():
    row = sharing.a_request()
    said = read(render(papers.receipt(row.number, by=sharing.an_applicant())))
    assert "政务数据共享申请受理回执" in said and row.number in said and row.resource.name in said
    assert clock_of(row.number).due.isoformat() in said and "社会救助暂行办法" in said


def test_the_answer_that_refuses_says_why_and_what_next():
    row = sharing.a_request(stage=Stage.REFUSED)
    said = read(render(papers.decision(row.number, by=sharing.an_applicant())))
    assert "不同意共享" in said and "超出履行职责所需" in said and "核对身份无需此数据" in said and "条例第二十八条" in said


def test_the_answer_that_grants_says_what_and_the_certificate_the_digest():
    grant = sharing.a_grant(Decision())
    by = sharing.an_applicant()
    said = read(render(papers.decision(grant.request.number, by=by)))
    assert grant.number in said and "resident_id" in said
    certified = papers.certificate(grant.number, by=by)
    said = read(render(certified))
    assert "政务数据共享授权证书" in said and grant.digest in said and certified.fingerprint == grant.digest


def test_a_paper_is_the_same_each_time_and_names_no_person():
    row = sharing.a_request(stage=Stage.REFUSED)
    first, again = (render(papers.decision(row.number, by=sharing.an_applicant())) for _ in range(2))
    assert first == again
    names = Account.objects.filter(username__in=[row.filed_by, row.endorsed_by, row.decided_by]).values_list("name", flat=True)
    assert not [name for name in names if name in read(first)]


def test_there_is_no_paper_of_what_has_not_happened():
    filed = sharing.a_request(stage=Stage.FILED)
    for kind in ("receipt", "decision"):
        with pytest.raises(Refused):
            papers.paper_of(filed.number, kind, by=sharing.an_applicant())
    with pytest.raises(Unknown):
        papers.paper_of(filed.number, "passport", by=sharing.an_applicant())
    assert papers.papers_ready(filed) == []


def test_pages_and_api_give_them_to_those_who_see_the_request():
    grant = sharing.a_grant()
    number = grant.request.number
    client, stranger = (
        signed_in(an_officer(roles=[Role.APPLICANT], department=a_department(sharing.CONSUMER))),
        signed_in(an_officer(roles=[Role.APPLICANT])),
    )
    pages = [f"/requests/{number}/papers/receipt", f"/requests/{number}/papers/decision", f"/grants/{grant.number}/certificate"]
    doors = [f"/api/v1/requests/{number}/receipt.pdf", f"/api/v1/requests/{number}/decision.pdf"]
    doors.append(f"/api/v1/grants/{grant.number}/certificate.pdf")
    for path in (*pages, *doors):
        answer = client.get(path)
        assert answer.status_code == 200 and answer["content-type"] == TYPE and answer.content[:5] == b"%PDF-", path
        assert stranger.get(path).status_code == 404, path
    assert client.get(doors[-1])["datong-digest"] == grant.digest
    assert f"/requests/{number}/papers/decision" in client.get(f"/requests/{number}").content.decode()


def test_english_papers_speak_english():
    row = sharing.a_request()
    client = signed_in(an_officer(roles=[Role.APPLICANT], department=a_department(sharing.CONSUMER)))
    said = read(client.get(f"/requests/{row.number}/papers/receipt", headers={"accept-language": "en"}).content)
    assert "Receiptofarequest" in said


def test_strange_text_breaks_no_paper():
    hostile = "<b>&amp;</i>\x00]]>" + "很长" * 2000 + "\n第二行 😀 𠮷"
    paper = Paper(
        "标题 <h1>",
        "R1",
        "部门 & 局",
        "2026-01-01",
        [("<x>", hostile.replace("\x00", ""))],
        [("节", [hostile.replace("\x00", "")])],
    )
    assert "很长" in read(render(paper))
