# SPDX-License-Identifier: Apache-2.0
"""Deputies: whose work is done by whom, for how long, and that nobody gets round a rule by one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from datong.contexts.audit import face as audit
from datong.contexts.catalog import usecases as compiling
from datong.contexts.catalog.domain import Stage as EntryStage
from datong.contexts.catalog.models import Version
from datong.contexts.organisations import queries, usecases
from datong.contexts.organisations.models import Account, Delegation
from datong.contexts.sharing import queries as requests
from datong.contexts.sharing import usecases as sharing
from datong.contexts.sharing.domain import Stage
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.errors import Conflict, IllegalMove, Malformed, Refused, Unknown
from factories import catalog
from factories import sharing as made
from factories.organisations import a_department, an_account, an_officer
from factories.sharing import CONSUMER, today

pytestmark = pytest.mark.django_db
TERM = {"reason": "公休"}


def again(officer: Officer) -> Officer:
    """The officer as the next request finds him."""
    return queries.officer_named(officer.account)


def lend(principal: Officer, deputy: Officer, *roles: Role, first: int = 0, last: int = 7) -> Delegation:
    days = {"first_day": today() + timedelta(first), "last_day": today() + timedelta(last)}
    return usecases.delegate(deputy.account, [role.value for role in roles], by=principal, **days, **TERM)


@pytest.fixture
def home():
    return a_department(CONSUMER)


@pytest.fixture
def head(home):
    return an_officer(roles=[Role.CONSUMER_HEAD, Role.APPLICANT], department=home)


@pytest.fixture
def deputy(home):
    return an_officer(roles=[], department=home)


def test_a_deputy_has_the_roles_and_says_for_whom(head, deputy):
    lend(head, deputy, Role.CONSUMER_HEAD)
    found = again(deputy)
    assert found.roles == {Role.CONSUMER_HEAD} and found.acting_for == {head.account}
    assert found.hands == {head.account, deputy.account}


def test_it_costs_no_query_more_to_know_an_officer(head, deputy, django_assert_num_queries):
    lend(head, deputy, Role.CONSUMER_HEAD)
    key = Account.objects.get(username=deputy.account).pk
    with django_assert_num_queries(1):
        assert queries.officer_of(key).acting_for


def test_it_begins_and_ends_by_itself(head, deputy):
    lend(head, deputy, Role.CONSUMER_HEAD, first=1)
    assert again(deputy).roles == frozenset()
    Delegation.objects.update(first_day=today() - timedelta(3), last_day=today())
    assert again(deputy).roles == {Role.CONSUMER_HEAD}
    Delegation.objects.update(last_day=today() - timedelta(1))
    assert again(deputy) == deputy


def test_what_the_one_away_loses_his_deputy_loses(head, deputy):
    lend(head, deputy, Role.CONSUMER_HEAD, Role.APPLICANT)
    usecases.dismiss(head.account, Role.APPLICANT.value, by=SYSTEM)
    assert again(deputy).roles == {Role.CONSUMER_HEAD}
    usecases.suspend_account(head.account, by=SYSTEM)
    assert again(deputy) == deputy


def test_what_is_lent_cannot_be_lent_on(head, deputy, home):
    lend(head, deputy, Role.CONSUMER_HEAD)
    with pytest.raises(Refused, match="只能授权自己担任的角色"):
        lend(again(deputy), an_officer(department=home), Role.CONSUMER_HEAD)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SECURITY, Role.SYSADMIN])
def test_the_three_administrators_have_no_deputies(home, deputy, role):
    keeper = an_officer(roles=[role], department=home)
    with pytest.raises(Refused, match="不得授权"):
        lend(keeper, deputy, role)


def test_only_another_active_colleague_becomes_a_deputy(head, home):
    stranger = an_officer(roles=[Role.APPLICANT])
    gone = an_officer(department=home)
    usecases.suspend_account(gone.account, by=SYSTEM)
    for one in (stranger, gone, head):
        with pytest.raises(Malformed) as refused:
            lend(head, one, Role.CONSUMER_HEAD)
        assert list(refused.value.fields) == ["deputy"]
    with pytest.raises(Malformed):
        usecases.delegate("nobody.here", [Role.APPLICANT.value], by=head, first_day=today(), last_day=today(), **TERM)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [(-1, 3, "first_day"), (3, 2, "last_day"), (0, 200, "last_day")],
    ids=["past", "backward", "for good"],
)
def test_days_that_do_not_fit(head, deputy, first, last, field):
    with pytest.raises(Malformed) as refused:
        lend(head, deputy, Role.CONSUMER_HEAD, first=first, last=last)
    assert field in refused.value.fields


@pytest.mark.parametrize("roles", [[], ["king"], ["", "consumer_head"]])
def test_roles_are_of_the_list(head, deputy, roles):
    with pytest.raises(Malformed) as refused:
        usecases.delegate(deputy.account, roles, by=head, first_day=today(), last_day=today(), **TERM)
    assert "roles" in refused.value.fields


def test_the_same_twice_is_a_conflict(head, deputy):
    lend(head, deputy, Role.CONSUMER_HEAD)
    with pytest.raises(Conflict):
        lend(head, deputy, Role.CONSUMER_HEAD, first=2)
    lend(head, deputy, Role.APPLICANT)


def test_it_is_ended_by_the_one_away_or_the_security_officer(head, deputy):
    guard = an_officer(roles=[Role.SECURITY])
    for by in (head, guard):
        row = lend(head, deputy, Role.CONSUMER_HEAD)
        with pytest.raises(Refused):
            usecases.end_delegation(row.pk, by=again(deputy))
        usecases.end_delegation(row.pk, by=by)
        assert again(deputy) == deputy
        with pytest.raises(IllegalMove):
            usecases.end_delegation(row.pk, by=by)
    with pytest.raises(Unknown):
        usecases.end_delegation(row.pk, by=an_officer(roles=[Role.AUTHORITY]))
    tags = [act.tag for act in audit.acts(subject=deputy.account, limit=20)]
    assert tags.count("organisations.delegation.made") == tags.count("organisations.delegation.ended") == 2


def test_a_deputy_endorses_and_the_act_says_for_whom(head, deputy):
    request = made.a_request(stage=Stage.FILED)
    lend(head, deputy, Role.CONSUMER_HEAD)
    assert request.number in {row.number for row in requests.waiting(again(deputy))}
    row = sharing.endorse_request(request.number, by=again(deputy))
    act = next(act for act in audit.acts(subject=request.number, limit=20) if act.tag == "sharing.request.endorsed")
    assert row.endorsed_by == act.account == deputy.account
    assert act.facts["deputy_of"] == [head.account]


def test_nobody_gets_round_own_request_by_a_deputy(head, deputy):
    request = sharing.draft_request(made.a_request_draft(), by=head)
    sharing.file_request(request.number, by=head)
    lend(head, deputy, Role.CONSUMER_HEAD)
    assert request.number not in {row.number for row in requests.waiting(again(deputy))}
    with pytest.raises(Refused, match="申请人不能同意自己的申请"):
        sharing.endorse_request(request.number, by=again(deputy))


def test_nor_by_letting_a_deputy_file_and_coming_back(head, deputy):
    row = lend(head, deputy, Role.APPLICANT)
    request = sharing.draft_request(made.a_request_draft(), by=again(deputy))
    sharing.file_request(request.number, by=again(deputy))
    usecases.end_delegation(row.pk, by=head)
    with pytest.raises(Refused, match="申请人不能同意自己的申请"):
        sharing.endorse_request(request.number, by=head)
    other = an_officer(roles=[Role.CONSUMER_HEAD], department=head.department)
    assert sharing.endorse_request(request.number, by=other).stage == Stage.ENDORSED


def test_a_deputy_does_not_decide_what_his_principal_had_a_hand_in():
    home = a_department(catalog.PROVIDER)
    both = an_officer(roles=[Role.PROVIDER_HEAD, Role.COMPILER], department=home)
    other = an_officer(department=home)
    entry = catalog.a_resource(stage=EntryStage.FILED)
    Version.objects.filter(pk=entry.pk).update(created_by=both.account)
    lend(both, other, Role.PROVIDER_HEAD)
    with pytest.raises(Refused, match="编制人不能同意"):
        compiling.consent_entry(entry.pk, by=again(other))


def test_the_page_lends_ends_and_exports(head, deputy):
    client = Client()
    client.force_login(Account.objects.get(username=head.account))
    typed = {"deputy": deputy.account, "roles": ["consumer_head"], "first_day": today(), "last_day": today(), "reason": "出差"}
    assert client.post("/deputies/new", {**typed, "last_day": "2026-13-40"}).status_code == 422
    assert client.post("/deputies/new", typed).status_code == 302
    assert deputy.account in client.get("/deputies").content.decode()
    lines = client.get("/deputies?format=jsonl")
    assert b'"state":"valid"' in b"".join(lines.streaming_content)
    assert client.get("/deputies?format=csv").status_code == client.get("/deputies?format=xlsx").status_code == 200
    row = Delegation.objects.get()
    stranger = Client()
    stranger.force_login(an_account(roles=[Role.APPLICANT], department=a_department("另一部门")))
    assert stranger.post(f"/deputies/{row.pk}/end").status_code == 404
    assert client.post(f"/deputies/{row.pk}/end").status_code == 302
    assert client.post(f"/deputies/{row.pk}/end").status_code == 409


def test_the_api_lends_lists_and_ends(head, deputy):
    client = Client()
    client.force_login(Account.objects.get(username=head.account))
    given = {
        "deputy": deputy.account,
        "roles": ["consumer_head"],
        "first_day": str(today()),
        "last_day": str(today()),
        "reason": "培训",
    }
    answer = client.post("/api/v1/deputies", given, content_type="application/json")
    assert answer.status_code == 201 and answer.json()["state"] == "valid"
    one = answer.json()["id"]
    assert [row["id"] for row in client.get("/api/v1/deputies?state=valid").json()["items"]] == [one]
    assert client.get(f"/api/v1/deputies/{one}").json()["deputy"] == deputy.account
    assert client.post(f"/api/v1/deputies/{one}/end", content_type="application/json").json()["state"] == "over"
    assert client.get(f"/api/v1/deputies/{2**70}").status_code in (404, 422)
    bad = client.post("/api/v1/deputies", {**given, "last_day": str(date(2020, 1, 1))}, content_type="application/json")
    assert bad.status_code == 422 and "last_day" in bad.json()["errors"]
