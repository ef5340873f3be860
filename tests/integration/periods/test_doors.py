# SPDX-License-Identifier: Apache-2.0
"""The API and pages of periods: notices of one's posts, running periods, 督办."""

from datetime import datetime

import pytest
from django.test import Client

from datong.contexts.organisations import queries
from datong.contexts.periods import face
from datong.kernel.actors import Role
from datong.kernel.workdays import SHANGHAI
from factories.api import Person, signed_in
from factories.catalog import DATA_BUREAU, PROVIDER
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock():
    home = a_department(PROVIDER)
    about = face.Subject("ticket", "U1", "某目录")
    holder = face.Holder(Role.COMPILER, home.uscc, home.region)
    return face.start(face.Rule.UPDATE, about, holder, datetime(2026, 1, 5, 9, tzinfo=SHANGHAI))


def test_the_authority_presses_and_the_compiler_settles(clock):
    an_account("bureau", roles=[Role.AUTHORITY], department=a_department(DATA_BUREAU))
    an_account("compiler", roles=[Role.COMPILER], department=a_department(PROVIDER))
    authority, compiler = signed_in("bureau"), signed_in("compiler")
    shown = authority.get("/periods", late=True).json()
    assert (shown["overdue"], shown["items"][0]["subject"], shown["items"][0]["late"]) == (1, "U1", True)
    assert authority.post(f"/periods/{clock.pk}/urge", {"words": ""}).status_code == 422
    assert compiler.post(f"/periods/{clock.pk}/urge", {"words": "快"}).status_code == 403
    assert authority.post(f"/periods/{clock.pk}/urge", {"words": "请立即办理"}).status_code == 201
    (notice,) = compiler.get("/notices").json()["items"]
    assert notice["words"] == "请立即办理"
    assert compiler.post(f"/notices/{notice['id']}/settle").status_code == 200
    assert compiler.get("/notices").json()["items"] == []
    assert compiler.post(f"/notices/{notice['id']}/settle").status_code == 409
    assert compiler.post("/notices/999999/settle").status_code == 404


def test_strangers_see_nothing(clock):
    assert Person().get("/periods").status_code == 401
    an_account("other", roles=[Role.COMPILER], department=a_department("浙江省水利厅"))
    other = signed_in("other")
    assert other.get("/periods").json() == {"items": [], "overdue": 0, "next": None}
    assert other.post(f"/periods/{clock.pk}/urge", {"words": "x"}).status_code == 404


def test_the_pages(clock):
    browser = Client()
    browser.force_login(an_account("bureau", roles=[Role.AUTHORITY], department=a_department(DATA_BUREAU)))
    assert "已超期" in browser.get("/periods").text
    assert browser.get("/periods?format=csv").status_code == 200
    refused = browser.post(f"/periods/{clock.pk}/urge", {"words": ""})
    assert refused.status_code == 422
    assert browser.post(f"/periods/{clock.pk}/urge", {"words": "请办理"}).status_code == 302
    assert browser.get("/notices").status_code == 200
    own = Client()
    own.force_login(an_account("compiler", roles=[Role.COMPILER], department=a_department(PROVIDER)))
    assert "请办理" in own.get("/notices").text
    (notice,) = face.notices(officer_of("compiler"))
    assert own.post(f"/notices/{notice.pk}/settle").status_code == 302
    assert own.get("/notices?tab=done").status_code == 200


def officer_of(username):
    return queries.officer_of(queries.with_roles().get(username=username))
