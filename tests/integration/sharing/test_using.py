# SPDX-License-Identifier: Apache-2.0
"""Which departments use a resource now, and which could have got its data at some time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from datong.contexts.sharing import face as sharing
from datong.contexts.sharing import usecases
from factories.catalog import PROVIDER, a_resource, an_authority
from factories.sharing import CONSUMER, a_department_of, a_grant, a_request, a_request_draft

pytestmark = pytest.mark.django_db
OTHER = "浙江省人力资源和社会保障厅"


@pytest.fixture
def home():
    return a_resource(provider=PROVIDER)


def granted(home, consumer=CONSUMER):
    return a_grant(request=a_request(a_request_draft(home, consumer=consumer), consumer=consumer), consumer=consumer)


def test_users_are_departments_with_a_live_grant(home):
    code = home.resource.code
    one, two = granted(home), granted(home, OTHER)
    assert {user.department: user.grants for user in sharing.users_of(code)} == {
        a_department_of(CONSUMER): (one.number,), a_department_of(OTHER): (two.number,),
    }  # fmt: skip
    usecases.revoke_grant(two.number, "超范围使用", by=an_authority())
    (user,) = sharing.users_of(code)
    assert (user.department, user.region) == (a_department_of(CONSUMER), "330000")
    assert sharing.users_of("307001/999") == []


def test_who_could_have_got_what_served_in_a_period(home):
    code, now = home.resource.code, datetime.now(UTC)
    one = granted(home)
    assert [user.grants for user in sharing.users_between(code, now - timedelta(days=9), None)] == [(one.number,)]
    assert sharing.users_between(code, now - timedelta(days=9), now - timedelta(days=8)) == [], "granted later"
    usecases.revoke_grant(one.number, "超范围使用", by=an_authority())
    assert len(sharing.users_between(code, now, None)) == 1, "revoked after that"
    assert sharing.users_between(code, datetime.now(UTC) + timedelta(hours=1), None) == []
