# SPDX-License-Identifier: Apache-2.0
"""Lists ask the database a bounded number of questions, however long they grow."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from datong.kernel.actors import Role
from factories.api import ROOT
from factories.catalog import DATA_BUREAU, PROVIDER
from factories.crowds import MANY, a_crowd
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER

pytestmark = pytest.mark.django_db
MOST = 20
MOST_OF = {"/workbench": 30}  # gathers every kind of matter, a question each
PEOPLE = {
    "authority": ((Role.AUTHORITY,), DATA_BUREAU),
    "provider": ((Role.COMPILER, Role.PROVIDER_HEAD), PROVIDER),
    "consumer": ((Role.APPLICANT, Role.CONSUMER_HEAD), CONSUMER),
    "auditor": ((Role.AUDITOR,), None),
    "chief": ((Role.SYSADMIN,), None),
}
PAGES = [
    "/", "/search?per_page=100", "/workbench", "/catalog?size=100", "/requests?size=100", "/grants?size=100", "/applications?size=100",
    "/exchange/batches?size=100", "/exchange/calls?size=100", "/acts?size=100", "/evidence", "/accounts?size=100", "/departments?size=100",
]  # fmt: skip
LISTS = [
    "/departments?limit=500", "/accounts?limit=500", "/applications?limit=500", "/classes", "/resources?per_page=100", "/entries?limit=500",
    "/entries/waiting", "/requests?limit=500", "/requests/waiting", "/grants?limit=500", "/batches?limit=200", "/calls?limit=200",
    "/acts?limit=500", "/regions", "/calendar", "/evidence",
]  # fmt: skip


@pytest.fixture
def crowd():
    return a_crowd()


@pytest.mark.parametrize("who", PEOPLE)
def test_every_list_asks_few_questions(crowd, who):
    roles, department = PEOPLE[who]
    client = Client()
    client.force_login(an_account(roles=roles, department=a_department(department) if department else None))
    asked = {}
    for place in [*PAGES, *[ROOT + path for path in LISTS]]:
        with CaptureQueriesContext(connection) as questions:
            answer = client.get(place)
        assert answer.status_code in (200, 403, 404), place
        asked[place] = len(questions)
    assert {place: count for place, count in asked.items() if count > MOST_OF.get(place, MOST)} == {}


def test_the_lists_are_long(crowd):
    client = Client()
    client.force_login(an_account(roles=[Role.APPLICANT, Role.CONSUMER_HEAD], department=a_department(CONSUMER)))
    long = {path: len(client.get(ROOT + path).json()["items"]) for path in ("/requests?limit=500", "/grants?limit=500", "/calls?limit=200", "/departments?limit=500")}
    assert all(count >= MANY for count in long.values()), long
