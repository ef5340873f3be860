# SPDX-License-Identifier: Apache-2.0
"""Pages of entries under way: the grid of items, the list with its exports, and several decided at once."""

import pytest
from django.test import Client

from datong.contexts.catalog import queries
from datong.contexts.catalog.domain import ItemDraft, Stage
from datong.contexts.catalog.usecases import elements
from datong.kernel.actors import Role
from factories.catalog import PROVIDER, a_compiler, a_draft, a_resource, an_authority
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db


def at_desk(role: Role, department: str = PROVIDER) -> Client:
    browser = Client()
    browser.force_login(an_account(f"{role.value.replace('_', '-')}1", roles=[role], department=a_department(department)))
    return browser


def test_the_data_element_of_an_item_is_offered_kept_and_shown():
    elements.add_element(elements.ElementDraft("DE0001", "公民身份号码", "C"), by=an_authority())
    row = a_resource(a_draft(name="低保对象"), stage=Stage.DRAFT)
    compiler = at_desk(Role.COMPILER)
    page = f"/catalog/{row.pk}"
    assert '<option value="DE0001">公民身份号码</option>' in compiler.get(f"{page}/edit").text
    sent = {"name": "低保对象", "act": "save", "revision": str(row.revision), "items-0-field": "resident_id", "items-0-name": "公民身份号码",
            "items-0-type": "C", "items-0-element": "DE0001"}  # fmt: skip
    assert compiler.post(f"{page}/edit", sent).status_code == 302
    assert queries.as_draft(queries.version_of(row.pk, by=a_compiler())).items == (
        ItemDraft("resident_id", "公民身份号码", "C", element="DE0001", nullable=False),
    )
    assert 'value="DE0001"' in compiler.get(f"{page}/edit").text
    assert 'href="/catalog/elements?q=DE0001">DE0001' in compiler.get(page).text
