# SPDX-License-Identifier: Apache-2.0
"""The workbench: everything that waits, from every context, in a bounded number of queries; whose work I do."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from datong.contexts.organisations import usecases as organisations
from datong.contexts.organisations.models import Account
from datong.contexts.portal.pages import workbench
from datong.contexts.sharing.domain import GrantStage, Stage
from datong.kernel.actors import Role
from factories import catalog, sharing
from factories.organisations import a_department, an_officer
from factories.sharing import CONSUMER, today

pytestmark = pytest.mark.django_db
MOST_QUERIES = 70
EVERY_ROLE = (Role.COMPILER, Role.PROVIDER_HEAD, Role.APPLICANT, Role.CONSUMER_HEAD)


def signed_in(officer) -> Client:
    client = Client()
    client.force_login(Account.objects.get(username=officer.account))
    return client


def queries_of(client: Client) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get("/workbench").status_code == 200
    return len(seen)


def test_the_number_of_queries_does_not_grow_with_the_work():
    client = signed_in(an_officer(roles=EVERY_ROLE, department=a_department(CONSUMER)))
    sharing.a_request(stage=Stage.FILED)
    sharing.a_grant(stage=GrantStage.EXPIRED)
    client.get("/workbench")
    few = queries_of(client)
    for _ in range(3):
        sharing.a_request(stage=Stage.FILED)
        sharing.a_grant(stage=GrantStage.EXPIRED)
    assert queries_of(client) <= few <= MOST_QUERIES


def test_what_waits_is_there_the_first_due_on_top():
    sharing.a_grant(stage=GrantStage.EXPIRED)
    applicant = an_officer(roles=[Role.APPLICANT], department=a_department(CONSUMER))
    page = signed_in(applicant).get("/workbench")
    words = [str(one["word"]) for one in page.context["matters"]]
    assert "数据销毁" in words
    dues = [one["clock"].due for one in page.context["matters"] if one["clock"]]
    assert dues == sorted(dues)


def test_a_deputy_sees_the_work_and_whose_it_is():
    home = a_department(CONSUMER)
    head, deputy = an_officer(roles=[Role.CONSUMER_HEAD], department=home), an_officer(department=home)
    row = sharing.a_request(stage=Stage.FILED)
    client = signed_in(deputy)
    assert row.number not in client.get("/workbench").content.decode()
    organisations.delegate(deputy.account, ["consumer_head"], by=head, first_day=today(), last_day=today(), reason="公休")
    page = client.get("/workbench").content.decode()
    assert row.number in page and f"我代{head.name}办理" in page
    assert f"{deputy.name}代我办理" in signed_in(head).get("/workbench").content.decode()


def test_every_source_reads_alike():
    for word, waiting, _reads in workbench.WAITING:
        assert str(word) and list(waiting(catalog.a_compiler())[: workbench.MOST]) == []
    for word, rows in workbench.UNDER_WAY_ELSEWHERE:
        assert str(word) and list(rows(catalog.a_compiler())[: workbench.MOST]) == []
