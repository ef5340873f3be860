# SPDX-License-Identifier: Apache-2.0
"""The home page counts what is true, and shows strangers nothing that is withheld."""

from __future__ import annotations

import pytest

from datong.contexts.sharing import face as sharing
from datong.contexts.sharing.domain import GrantStage
from factories.catalog import a_draft, a_resource
from factories.sharing import a_grant

pytestmark = pytest.mark.django_db


def test_numbers_count_active_grants_only(client):
    first = a_grant()
    a_grant(stage=GrantStage.REVOKED)
    assert sharing.in_use() == [(first.resource.name, 1)]
    page = client.get("/")
    assert page.status_code == 200
    assert page.context["numbers"]["grants"] == 1
    assert page.context["hot"] == [first.resource.name]


def test_strangers_do_not_learn_of_what_is_withheld(client):
    hidden = a_resource(a_draft(name="不予共享的名录", sharing_type="withheld"))
    assert client.get(f"/resources/{hidden.resource.code}").status_code == 404
    assert "不予共享的名录" not in client.get("/search?q=名录").content.decode()


@pytest.mark.parametrize("query", ["page=0", "page=-3", "page=1e9", "size=7", "sort=x", "q=%00", "q=" + "长" * 500, "level=%27--"])
def test_hostile_addresses_are_answered(client, query):
    assert client.get(f"/search?{query}").status_code == 200
