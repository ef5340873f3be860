# SPDX-License-Identifier: Apache-2.0
"""The law as tests: what Order 809 arts. 20 and 21 ask of a request, on the side of those who ask."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest
from django.core.serializers.json import DjangoJSONEncoder
from django.test import Client

from datong.contexts.audit import face as audit
from datong.contexts.periods.models import Clock
from datong.contexts.sharing import usecases
from datong.contexts.sharing.domain import RefusalCategory, RequestDraft, Stage
from datong.contexts.sharing.queries import trying
from datong.kernel.actors import Role
from datong.kernel.errors import Malformed, Refused
from factories.catalog import PROVIDER, a_resource
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_consumer_head, a_request, a_request_draft, an_applicant, someone

pytestmark = pytest.mark.django_db
API = "/api/v1"
FIVE = {
    "依据": "basis", "依据类别": "basis_kind", "场景": "scene", "范围": "scope", "方式": "channels",
    "时限（起）": "term_from", "时限（止）": "term_until",
}  # fmt: skip
EMPTY = {"channels": (), "term_from": None, "term_until": None}


def signed_in(role, department=CONSUMER):
    client = Client(json_encoder=DjangoJSONEncoder)
    client.force_login(an_account(roles=[role], department=a_department(department)))
    return client


@pytest.mark.parametrize(("part", "field"), FIVE.items(), ids=FIVE.keys())
def test_row_09_809_20_each_of_the_five_parts_is_needed(part, field):
    """依据, 场景, 范围, 方式, 时限: each missing one is told by name and keeps the request a draft."""
    draft = replace(a_request_draft(), **{field: EMPTY.get(field, "")})
    row = usecases.draft_request(draft, by=an_applicant())
    with pytest.raises(Malformed) as told:
        usecases.file_request(row.number, by=an_applicant())
    assert told.value.fields.keys() == {field}, part
    assert told.value.rule == "政务数据共享条例第二十条"
    row.refresh_from_db()
    assert row.stage == Stage.DRAFT


def test_row_09_809_20_the_same_is_422_by_api():
    applicant = signed_in(Role.APPLICANT)
    wanted = asdict(a_request_draft()) | {"term_until": None, "scene": ""}
    number = applicant.post(f"{API}/requests", wanted, content_type="application/json").json()["number"]
    answer = applicant.post(f"{API}/requests/{number}/file", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"].keys()) == (422, {"scene", "term_until"})


def test_row_09_809_20_the_own_head_consents_before_the_provider_sees_it():
    row = a_request(stage=Stage.FILED)
    with pytest.raises(Refused):
        usecases.endorse_request(row.number, by=an_applicant())
    assert signed_in(Role.PROVIDER_HEAD, PROVIDER).get(f"{API}/requests/{row.number}").status_code == 404
    assert not Clock.objects.filter(subject=row.number).exists(), "the provider's period has not begun"
    usecases.endorse_request(row.number, by=a_consumer_head())
    assert Clock.objects.filter(subject=row.number, stopped_at=None).count() == 1
    assert "sharing.request.endorsed" in {act.tag for act in audit.acts(subject=row.number, limit=10)}


def test_row_09_809_20_nobody_consents_to_his_own_request():
    both = replace(an_applicant(), roles=frozenset({Role.APPLICANT, Role.CONSUMER_HEAD}))
    row = usecases.draft_request(a_request_draft(), by=both)
    usecases.file_request(row.number, by=both)
    with pytest.raises(Refused):
        usecases.endorse_request(row.number, by=both)


def test_row_13_809_21_everything_missing_is_told_at_once():
    """一次性告知: an empty request names all there is to fill in, in one answer, and again the same in a dry run."""
    row = usecases.draft_request(RequestDraft(resource=a_resource().resource.code), by=an_applicant())
    with pytest.raises(Malformed) as told:
        usecases.file_request(row.number, by=an_applicant())
    wanted = {*FIVE.values(), "items", "purpose", "application"}
    assert told.value.fields.keys() == wanted
    assert trying.try_request(row.number, by=an_applicant()).missing.keys() == wanted
    filled = replace(a_request_draft(), resource=row.resource_id)
    usecases.revise_request(row.number, filled, by=an_applicant())
    assert usecases.file_request(row.number, by=an_applicant()).stage == Stage.FILED


def test_row_13_809_21_the_page_lists_every_gap_with_a_link_to_its_field():
    applicant = signed_in(Role.APPLICANT)
    code = a_resource().resource.code
    page = applicant.post("/requests/new", {"resource": code, "act": "file"})
    assert page.status_code == 422
    text = page.content.decode()
    for field in ("basis_kind", "basis", "scene", "scope", "purpose", "channels", "application", "term_from", "term_until"):
        assert f'href="#f-{field}"' in text, field
    assert 'href="#items"' in text
    assert 'id="items"' in text


def test_row_13_809_21_incomplete_is_no_reason_to_refuse():
    assert "incomplete" not in set(RefusalCategory)
    row = a_request()
    head = signed_in(Role.PROVIDER_HEAD, PROVIDER)
    body = {"category": "incomplete", "reason": "材料不齐"}
    answer = head.post(f"{API}/requests/{row.number}/refuse", body, content_type="application/json")
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["category"])


def test_row_13_809_21_what_the_provider_finds_missing_is_told_once():
    row = a_request()
    head = someone(Role.PROVIDER_HEAD, PROVIDER)
    usecases.ask_to_complete(row.number, "请补充经办岗位名单和系统等保备案号", by=head)
    usecases.file_request(row.number, by=an_applicant())
    usecases.endorse_request(row.number, by=a_consumer_head())
    with pytest.raises(Refused):
        usecases.ask_to_complete(row.number, "还缺一项", by=head)
