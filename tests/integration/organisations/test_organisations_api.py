# SPDX-License-Identifier: Apache-2.0
"""The organisations API as programs meet it."""

import pytest
from django.conf import settings
from django.test import Client

from datong.contexts.organisations import usecases
from datong.contexts.organisations.models import Account
from datong.kernel.actors import Role
from factories.api import Person, signed_in
from factories.organisations import PASSWORD, a_department, a_uscc, an_account, an_application, an_officer, some_regions

pytestmark = pytest.mark.django_db
HOSTILE = ["<script>alert(1)</script>", "' or 1=1 --", "\u202eevil", "a\x00b", "\ud800", "x" * 5000, "", "🐉" * 40, "a\r\nSet-Cookie: x=1"]


@pytest.fixture
def admin():
    an_account("chief", roles=[Role.SYSADMIN])
    return signed_in("chief")


@pytest.fixture
def head():
    an_account("head", roles=[Role.CONSUMER_HEAD], department=a_department("民政厅"))
    return signed_in("head")


def problem(answer, status, code):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code
    return answer.json()


def test_a_session_begins_and_ends():
    an_account("li.si", roles=[Role.COMPILER], department=a_department("民政厅"))
    person = Person()
    assert person.get("/session").json()["officer"] is None
    before = person.token
    opened = person.signs_in("li.si").json()
    assert (opened["officer"]["account"], opened["officer"]["roles"]) == ("li.si", ["provider_compiler"])
    assert opened["csrf_token"] != before
    assert person.get("/session").json()["officer"]["department_name"] == "民政厅"
    cookie = person.client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert person.delete("/session").status_code == 204
    problem(person.get("/departments"), 401, "unauthenticated")


def test_a_wrong_password_is_a_problem_that_says_nothing():
    an_account("li.si")
    known, unknown = (problem(Person().signs_in(name, "wrong"), 401, "unauthenticated") for name in ("li.si", "nobody"))
    assert known == unknown


def test_signing_in_wants_the_token_of_get_session():
    an_account("li.si")
    given = {"username": "li.si", "password": PASSWORD}
    answer = Client(enforce_csrf_checks=True).post("/api/v1/session", given, content_type="application/json")
    assert "GET /api/v1/session" in problem(answer, 403, "refused")["remedy"]


def test_writes_want_the_token(admin):
    admin.token = ""
    problem(admin.post("/departments", {}), 403, "refused")


def test_the_first_password_is_changed_before_anything_else(admin):
    made = admin.post("/accounts", {"username": "li.si", "name": "李四"}).json()
    person = signed_in("li.si", made["password"])
    assert person.get("/session").json()["password_due"]
    assert "password" in problem(person.get("/departments"), 403, "refused")["remedy"]
    changed = person.post("/session/password", {"old": made["password"], "new": PASSWORD}).json()
    assert not changed["password_due"]
    assert person.get("/departments").status_code == 200


def test_a_changed_password_ends_other_sessions():
    an_account("li.si")
    here, there = signed_in("li.si"), signed_in("li.si")
    assert here.post("/session/password", {"old": PASSWORD, "new": "another-Horse-9-stapled"}).status_code == 200
    assert here.get("/departments").status_code == 200
    problem(there.get("/departments"), 401, "unauthenticated")


def test_a_suspended_account_is_out_at_once(admin):
    an_account("li.si")
    person = signed_in("li.si")
    assert not admin.post("/accounts/li.si/suspension").json()["active"]
    problem(person.get("/departments"), 401, "unauthenticated")
    assert admin.delete("/accounts/li.si/suspension").json()["active"]


def test_an_officer_costs_two_queries_session_and_account(django_assert_num_queries):
    an_account("li.si", roles=[Role.COMPILER], department=a_department())
    person = signed_in("li.si")
    with django_assert_num_queries(2):
        person.get("/session")


def test_departments_are_made_found_and_paged(admin):
    some_regions()
    codes = sorted(
        admin.post("/departments", {"uscc": a_uscc(), "name": f"第{n}厅", "region": "330000"}).json()["uscc"] for n in range(3)
    )
    page = admin.get("/departments", limit=2).json()
    assert [one["uscc"] for one in page["items"]] == codes[:2]
    assert [one["uscc"] for one in admin.get("/departments", after=page["next"]).json()["items"]] == codes[2:]
    assert [one["name"] for one in admin.get("/departments", q="第1").json()["items"]] == ["第1厅"]
    assert admin.get("/departments", region="42").json()["items"] == []
    assert admin.get(f"/departments/{codes[0]}").json()["region_name"] == "浙江省"
    problem(admin.get("/departments/nobody"), 404, "unknown")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("field", ["uscc", "name", "short_name", "region", "parent"])
def test_hostile_departments_are_named_by_field_or_kept_as_text(admin, field, text):
    some_regions()
    given = {"uscc": a_uscc(), "name": "某某厅", "region": "330000", field: text}
    answer = admin.post("/departments", given)
    if answer.status_code == 201:
        assert answer.json()[field] == text or not text
        return
    assert field in problem(answer, 422, "malformed")["errors"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("path", ["/departments", "/accounts"])
def test_hostile_searches_find_nothing_and_break_nothing(admin, path, text):
    assert admin.get(path, q=text.encode("utf-8", "replace").decode()).status_code in (200, 422)


@pytest.mark.parametrize("path", ["/departments/{}", "/accounts/{}", "/applications/{}", "/regions/{}"])
@pytest.mark.parametrize("text", ["%00", "%ED%A0%80", "%27%20or%201=1", "%F0%9F%90%89", "%2e%2e", "x" * 300])
def test_hostile_names_in_addresses(admin, path, text):
    assert admin.get(path.format(text)).status_code in (404, 422)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b'{"username": 1}', b"\xff\xfe", b'{"username":"a","password":null}'])
def test_broken_bodies_are_problems(body):
    person = Person()
    answer = person.client.post("/api/v1/session", body, content_type="application/json", headers={"X-CSRFToken": person.token})
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"


def test_roles_are_given_and_taken(admin):
    an_account("li.si", department=a_department("民政厅"))
    given = admin.post("/accounts/li.si/appointments", {"role": "security_officer"}).json()
    assert given["roles"] == ["security_officer"]
    refused = problem(admin.post("/accounts/li.si/appointments", {"role": "auditor"}), 403, "refused")
    assert refused["rule"] == "GB/T 39477-2020"
    assert admin.delete("/accounts/li.si/appointments/security_officer").json()["roles"] == []
    problem(admin.post("/accounts/li.si/appointments", {"role": "king"}), 422, "malformed")
    problem(admin.delete("/accounts/li.si/appointments/king"), 422, "malformed")


def test_a_password_is_reset_by_the_administrator(admin, head):
    made = admin.post("/accounts/head/password")
    assert made.status_code == 201
    problem(head.get("/applications"), 401, "unauthenticated")
    assert signed_in("head", made.json()["password"])


def test_accounts_of_others_are_unknown(head):
    an_account("away", department=a_department("教育厅"))
    problem(head.get("/accounts/away"), 404, "unknown")
    problem(head.get("/accounts/nobody"), 404, "unknown")
    assert [one["username"] for one in head.get("/accounts").json()["items"]] == ["head"]


def test_what_only_the_administrator_does(head):
    for path, body in (
        ("/departments", {"uscc": a_uscc(), "name": "某厅", "region": "330000"}),
        ("/accounts", {"username": "li.si", "name": "李四"}),
        ("/accounts/head/appointments", {"role": "authority"}),
        ("/calendar", {"year": 2027, "days": [], "source": "测试"}),
    ):
        problem(head.post(path, body), 403, "refused")
    assert not Account.objects.filter(username="li.si").exists()


def test_an_application_is_registered_turned_over_and_stopped(head):
    made = head.post("/applications", {"name": "低保核对", "responsible": "王五"}).json()
    client_id = made["application"]["client_id"]
    assert "PRIVATE KEY" in made["private_key"]
    assert "private_key" not in head.get(f"/applications/{client_id}").json()
    turned = head.post(f"/applications/{client_id}/key", {}).json()
    assert turned["application"]["public_key"] != made["application"]["public_key"]
    assert not head.post(f"/applications/{client_id}/suspension", {"reason": "停用"}).json()["active"]
    problem(head.post(f"/applications/{client_id}/restoration", {"reason": "恢复"}), 403, "refused")
    assert [one["client_id"] for one in head.get("/applications").json()["items"]] == [client_id]


def test_an_application_is_guarded_and_its_former_key_ended(head):
    client_id = head.post("/applications", {"name": "低保核对", "responsible": "王五"}).json()["application"]["client_id"]
    turned = head.post(f"/applications/{client_id}/key", {"overlap": 24}).json()["application"]
    assert turned["former_key"] and turned["former_ends"]
    assert head.post(f"/applications/{client_id}/former-key/end", {}).json()["former_key"] == ""
    problem(head.post(f"/applications/{client_id}/former-key/end", {}), 409, "conflict")
    guarded = head.put(f"/applications/{client_id}/guard", {"networks": ["10.1.0.0/16"], "signed": True}).json()
    assert (guarded["networks"], guarded["signed"], guarded["certificates"]) == (["10.1.0.0/16"], True, [])
    wanted = {"networks": [], "signed": True, "certificates": ["x"]}
    assert "certificates" in problem(head.put(f"/applications/{client_id}/guard", wanted), 422, "malformed")["errors"]


def test_applications_of_others_are_unknown(head):
    other = an_application(by=an_officer(roles=[Role.APPLICANT], department=a_department("教育厅"))).application
    problem(head.get(f"/applications/{other.client_id}"), 404, "unknown")
    problem(head.post(f"/applications/{other.client_id}/key", {}), 404, "unknown")
    problem(head.post(f"/applications/{other.client_id}/former-key/end", {}), 404, "unknown")
    problem(head.put(f"/applications/{other.client_id}/guard", {"networks": [], "signed": False}), 404, "unknown")


def test_divisions_go_from_the_top_down(admin):
    some_regions()
    assert [one["code"] for one in admin.get("/regions").json()["items"]] == ["100000"]
    assert [one["code"] for one in admin.get("/regions", parent="330000").json()["items"]] == ["330100", "330200"]
    assert admin.get("/regions/330100").json()["level"] == "city"
    problem(admin.get("/regions/999999"), 404, "unknown")
    problem(admin.get("/regions", parent="33"), 422, "malformed")


def test_the_calendar_is_imported_and_counted_on(admin):
    usecases.seed_calendar()
    far = admin.get("/calendar/add-days", start="2026-12-30", count=5).json()
    assert (far["published"], "2027" in far["warning"]) == (False, True)
    days = [{"date": "2027-01-01", "isOffDay": True, "name": "元旦"}]
    made = admin.post("/calendar", {"year": 2027, "days": days, "source": "国办发明电〔2026〕1号"})
    assert (made.status_code, made.json()["published"]) == (201, True)
    due = admin.get("/calendar/add-days", start="2026-12-30", count=5).json()
    assert (due["due"], due["published"], due["warning"]) == ("2027-01-07", True, None)
    assert admin.get("/calendar").json()["items"][-1]["source"] == "国办发明电〔2026〕1号"


@pytest.mark.parametrize("query", [{"start": "2026-02-30", "count": 1}, {"start": "2026-01-01", "count": 0}, {"start": "9999-12-30", "count": 9}, {"start": "x", "count": "y"}, {}])
def test_bad_periods_are_problems(admin, query):
    problem(admin.get("/calendar/add-days", **query), 422, "malformed")


def test_a_second_factor_by_the_api(head):
    begun = head.post("/session/totp")
    assert begun.status_code == 201
    assert begun.json()["address"].startswith("otpauth://totp/")
    problem(head.post("/session/totp/confirmation", {"code": "abcdef"}), 422, "malformed")
