# SPDX-License-Identifier: Apache-2.0
"""Two people edit one draft: the second sees both sides, chooses, and loses nothing."""

import html
import re

import pytest
from django.test import Client

from datong.contexts.catalog import queries, usecases
from datong.contexts.catalog.domain import Stage
from datong.contexts.catalog.domain.merging import fingerprint
from datong.contexts.organisations import face as organisations
from datong.contexts.organisations.models import Account
from datong.kernel.actors import Role
from factories.catalog import PROVIDER, a_resource
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def row():
    return a_resource(stage=Stage.DRAFT)


def client_of(name):
    client = Client()
    client.force_login(an_account(name, roles=[Role.COMPILER], department=a_department(PROVIDER)))
    return client


def typed(row, **changes):
    """What the compile form sends for a draft."""
    draft = queries.as_draft(row)
    sent = {name: getattr(draft, name) for name in draft.__slots__ if isinstance(getattr(draft, name), str)}
    sent |= {"sharing_use": list(draft.sharing_use), "sharing_methods": list(draft.sharing_methods), "revision": row.revision, "base": fingerprint(draft)}
    for place, item in enumerate(draft.items):
        for name in ("field", "name", "type", "level", "sharing_type", "code_list"):
            sent[f"items-{place}-{name}"] = getattr(item, name)
        sent[f"items-{place}-length"] = item.length or ""
        sent |= {f"items-{place}-{tick}": "1" for tick in ("key", "nullable", "query", "personal") if getattr(item, tick)}
    return sent | changes


def hidden(answer):
    return {name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(revision|base|mine)" value="([^"]*)"', answer.content.decode())}


def test_the_second_person_chooses_and_both_changes_stand(row):
    first, second = client_of("first-compiler"), client_of("second-compiler")
    mine = typed(row, abstract="我写的摘要", contact="我的联系人")
    assert first.post(f"/catalog/{row.pk}/edit", typed(row, abstract="先写的摘要", system="先写的系统")).status_code == 302
    answer = second.post(f"/catalog/{row.pk}/edit", mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "测试first-compiler" in page and "先写的摘要" in page and "我写的摘要" in page and "双方都改了" in page
    who = {one.path: one.changed_by for one in answer.context["found"]}
    assert who == {"abstract": None, "contact": "mine", "system": "theirs"}
    done = second.post(f"/catalog/{row.pk}/merge", hidden(answer) | {"choice-abstract": "theirs", "choice-contact": "mine", "choice-system": "theirs"})
    assert done.status_code == 302
    row.refresh_from_db()
    assert (row.abstract, row.contact, row.system) == ("先写的摘要", "我的联系人", "先写的系统")


def test_a_third_save_in_between_shows_the_page_again(row):
    client = client_of("first-compiler")
    mine = typed(row, abstract="我写的摘要")
    client.post(f"/catalog/{row.pk}/edit", typed(row, system="甲"))
    answer = client.post(f"/catalog/{row.pk}/edit", mine)
    row.refresh_from_db()
    client.post(f"/catalog/{row.pk}/edit", typed(row, system="乙"))
    again = client.post(f"/catalog/{row.pk}/merge", hidden(answer))
    assert again.status_code == 409
    assert client.post(f"/catalog/{row.pk}/merge", hidden(again)).status_code == 302
    row.refresh_from_db()
    assert (row.abstract, row.system) == ("我写的摘要", "乙")


def test_what_does_not_read_comes_back_in_the_form(row):
    client = client_of("first-compiler")
    mine = typed(row, abstract="长" * 2000)
    client.post(f"/catalog/{row.pk}/edit", typed(row, system="甲"))
    answer = client.post(f"/catalog/{row.pk}/edit", mine)
    form = client.post(f"/catalog/{row.pk}/merge", hidden(answer))
    assert form.status_code == 422 and "长" * 2000 in form.content.decode()
    assert form.context["revision"] == 2


@pytest.mark.parametrize("mine", ["", "{", "[]", "null", '{"items": 7}', '{"items": [], "nonsense": 1}', "[" * 5000])
def test_a_form_that_does_not_read_is_refused(row, mine):
    assert client_of("first-compiler").post(f"/catalog/{row.pk}/merge", {"mine": mine, "revision": "1"}).status_code == 422


def test_others_do_not_merge_and_filed_entries_are_closed(row):
    stranger = Client()
    stranger.force_login(an_account(roles=[Role.COMPILER], department=a_department("浙江省民政厅")))
    assert stranger.post(f"/catalog/{row.pk}/merge", {"mine": "{}"}).status_code == 404
    client = client_of("first-compiler")
    usecases.file_entry(row.pk, by=queries_officer("first-compiler"))
    assert client.post(f"/catalog/{row.pk}/merge", {"mine": "{}"}).status_code == 302


def queries_officer(name):
    return organisations.officer_of(Account.objects.get(username=name).pk)


def test_autosave_tells_of_the_other_and_keeps_its_beginning(row):
    client = client_of("first-compiler")
    kept = client.post(f"/catalog/{row.pk}/autosave", typed(row, contact="甲")).json()
    row.refresh_from_db()
    assert kept == {"revision": 2, "base": fingerprint(queries.as_draft(row))}
    late = client.post(f"/catalog/{row.pk}/autosave", typed(row, contact="乙") | {"revision": 1})
    assert (late.status_code, late.json()) == (409, {"error": "conflict"})
