# SPDX-License-Identifier: Apache-2.0
"""Accounts and roles."""

import pytest
from django.db import IntegrityError, transaction

from datong.contexts.audit import face as audit
from datong.contexts.organisations import queries, usecases
from datong.contexts.organisations.models import Account, Appointment
from datong.kernel.actors import SYSTEM, Role
from datong.kernel.errors import Conflict, Malformed, Refused, Unauthenticated, Unknown
from factories.organisations import a_department, an_account, an_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return an_officer("chief", roles=[Role.SYSADMIN])


def test_the_first_administrator_is_made_once():
    username, password = usecases.first_administrator()
    account = usecases.sign_in(username, password)
    assert queries.officer_of(account).roles == {Role.SYSADMIN}
    assert account.must_change_password
    assert usecases.first_administrator() is None
    with pytest.raises(Conflict):
        usecases.bootstrap("second")


def test_a_first_password_is_given_once_and_kept_nowhere(admin):
    made = usecases.create_account("li.si", "李四", by=admin, department=a_department().uscc)
    assert len(made.password) == 23
    assert made.password not in str(Account.objects.values())
    assert made.password not in str([act.facts for act in audit.acts()])
    assert usecases.sign_in("LI.SI", made.password).must_change_password


@pytest.mark.parametrize("password", ["short", "123456789012", "li.si.li.si.li", "x" * 201])
def test_a_weak_given_password_is_refused(admin, password):
    with pytest.raises(Malformed) as refused:
        usecases.create_account("li.si.li.si", "李四", by=admin, password=password)
    assert "password" in refused.value.fields
    assert password not in str(refused.value)


def test_names_are_taken_once_whatever_their_case(admin):
    usecases.create_account("li.si", "李四", by=admin)
    with pytest.raises(Conflict):
        usecases.create_account("Li.Si", "李四", by=admin)


def test_the_department_must_exist(admin):
    with pytest.raises(Malformed) as refused:
        usecases.create_account("li.si", "李四", by=admin, department="nowhere")
    assert "department" in refused.value.fields


def test_only_the_administrator_creates_and_appoints():
    other = an_account("li.si", department=a_department())
    by = an_officer(roles=[Role.AUTHORITY])
    for attempt in (
        lambda: usecases.create_account("new.one", "新", by=by),
        lambda: usecases.appoint(other.username, Role.COMPILER, by=by),
        lambda: usecases.dismiss(other.username, Role.COMPILER, by=by),
        lambda: usecases.reset_password(other.username, by=by),
        lambda: usecases.suspend_account(other.username, by=by),
    ):
        with pytest.raises(Refused):
            attempt()


def test_roles_come_and_go_and_leave_acts(admin):
    an_account("li.si", department=a_department())
    assert usecases.appoint("li.si", "provider_compiler", by=admin).roles == {Role.COMPILER}
    assert usecases.appoint("li.si", "provider_compiler", by=admin).roles == {Role.COMPILER}
    assert usecases.dismiss("li.si", "provider_compiler", by=admin).roles == set()
    assert usecases.dismiss("li.si", "provider_compiler", by=admin).roles == set()
    tags = [act.tag for act in audit.acts(subject="li.si", tag="organisations.role")]
    assert tags == ["organisations.role.dismissed", "organisations.role.appointed"]


def test_the_three_administrators_never_meet(admin):
    an_account("li.si", roles=[Role.AUDITOR])
    with pytest.raises(Refused) as refused:
        usecases.appoint("li.si", Role.SECURITY, by=admin)
    assert refused.value.rule == "GB/T 39477-2020"


def test_the_database_itself_keeps_the_three_apart():
    account = an_account("li.si", roles=[Role.AUDITOR])
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(account=account, role=Role.SYSADMIN, appointed_by="x")


def test_nobody_changes_the_own_roles(admin):
    with pytest.raises(Refused):
        usecases.appoint("chief", Role.COMPILER, by=admin)


def test_somebody_always_administers(admin):
    security = an_officer(roles=[Role.SECURITY])
    for attempt in (
        lambda: usecases.dismiss("chief", Role.SYSADMIN, by=SYSTEM),
        lambda: usecases.suspend_account("chief", by=security),
    ):
        with pytest.raises(Conflict, match="last"):
            attempt()
    an_account("deputy", roles=[Role.SYSADMIN])
    usecases.suspend_account("chief", by=security)


def test_an_unknown_role_and_an_unknown_account(admin):
    an_account("li.si")
    with pytest.raises(Malformed):
        usecases.appoint("li.si", "king", by=admin)
    for username in ("nobody", "a\x00b"):
        with pytest.raises(Unknown):
            usecases.appoint(username, Role.AUDITOR, by=admin)


def test_a_suspended_account_cannot_sign_in_until_restored(admin):
    account = an_account("li.si", password="another-Horse-9-stapled")
    usecases.suspend_account("li.si", by=admin)
    with pytest.raises(Unauthenticated):
        usecases.sign_in("li.si", "another-Horse-9-stapled")
    with pytest.raises(Unknown):
        queries.officer_of(account.pk)
    usecases.restore_account("li.si", by=admin)
    assert usecases.sign_in("li.si", "another-Horse-9-stapled").pk == account.pk


def test_a_reset_password_is_a_first_password_again(admin):
    an_account("li.si")
    made = usecases.reset_password("li.si", by=admin)
    assert usecases.sign_in("li.si", made.password).must_change_password


def test_accounts_are_seen_by_those_who_watch_and_by_the_own_department(admin):
    home, away = a_department("甲厅"), a_department("乙厅")
    an_account("home.one", department=home)
    an_account("away.one", department=away)
    by = an_officer("home.two", roles=[Role.COMPILER], department=home)
    assert [one.username for one in queries.accounts(by=by)] == ["home.one", "home.two"]
    assert {"away.one", "chief"} <= {one.username for one in queries.accounts(by=admin)}
    assert queries.account("home.one", by=by).department_name == "甲厅"
    with pytest.raises(Unknown):
        queries.account("away.one", by=by)


def test_an_officer_costs_one_query(django_assert_num_queries):
    account = an_account("li.si", roles=[Role.COMPILER, Role.APPLICANT], department=a_department())
    with django_assert_num_queries(1):
        officer = queries.officer_of(account.pk)
    assert (officer.roles, officer.region) == ({Role.COMPILER, Role.APPLICANT}, "330000")
