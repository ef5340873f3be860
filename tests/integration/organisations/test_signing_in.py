# SPDX-License-Identifier: Apache-2.0
"""Signing in: one answer for everything that is wrong, a lock after five failures, a second factor."""

import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from datong.contexts.audit import face as audit
from datong.contexts.organisations import queries, usecases
from datong.contexts.organisations.models import Account
from datong.kernel.actors import Role
from datong.kernel.errors import Conflict, Malformed, Unauthenticated, Unknown
from factories.organisations import PASSWORD, an_account

pytestmark = pytest.mark.django_db


def fails(username="li.si", password="wrong", **more):
    with pytest.raises(Unauthenticated) as refused:
        usecases.sign_in(username, password, **more)
    return str(refused.value), refused.value.remedy, refused.value.fields


def reasons():
    return [act.facts["why"] for act in reversed(audit.acts(tag="organisations.session.refused"))]


def code_for(account, drift=0):
    device = TOTPDevice.objects.get(user=account)
    return f"{totp(device.bin_key, drift=drift):06d}"


def test_the_right_password_opens_and_is_recorded():
    an_account("li.si")
    assert usecases.sign_in("Li.Si", PASSWORD, address="10.1.1.1").username == "li.si"
    (act,) = audit.acts(tag="organisations.session.opened")
    assert (act.account, act.facts) == ("li.si", {"address": "10.1.1.1", "two_factor": False})


def test_every_failure_has_the_same_answer():
    an_account("li.si")
    account = an_account("locked.one")
    Account.objects.filter(pk=account.pk).update(locked_until=timezone.now() + timedelta(minutes=1))
    answers = {str(fails()), str(fails("nobody")), str(fails("locked.one", PASSWORD)), str(fails("\x00", "\x00")), str(fails("", ""))}
    assert len(answers) == 1
    assert reasons() == ["password", "no such account", "locked", "no such account", "no such account"]


def test_every_failure_asks_the_database_as_much():
    """What is said is one thing; how long it takes to say it would tell the same."""
    an_account("li.si", roles=[Role.AUDITOR])
    Account.objects.filter(pk=an_account("gone.one").pk).update(active=False)
    Account.objects.filter(pk=an_account("locked.one").pk).update(locked_until=timezone.now() + timedelta(minutes=1))
    asked = {}
    for name in ("li.si", "gone.one", "locked.one", "nobody", "\x00"):
        with CaptureQueriesContext(connection) as heard:
            fails(name)
        asked[name] = [one["sql"].split()[0].lower() for one in heard if "SAVEPOINT" not in one["sql"]]
    assert asked["li.si"].count("update") == 1 and len(set(map(tuple, asked.values()))) == 1, asked


def test_what_was_typed_as_an_unknown_name_is_not_kept():
    fails("my-secret-password-typed-here")
    assert "my-secret" not in str([(act.subject, act.facts) for act in audit.acts()])


def test_five_failures_lock_for_fifteen_minutes():
    account = an_account("li.si")
    for _ in range(5):
        fails()
    fails(password=PASSWORD)
    account.refresh_from_db()
    assert timedelta(minutes=14) < account.locked_until - timezone.now() <= timedelta(minutes=15)
    assert audit.acts(tag="organisations.account.locked")[0].subject == "li.si"
    Account.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    assert usecases.sign_in("li.si", PASSWORD)


def test_a_success_forgets_failures():
    an_account("li.si")
    for _ in range(2):
        for _ in range(4):
            fails()
        usecases.sign_in("li.si", PASSWORD)
    assert Account.objects.get(username="li.si").locked_until is None


@pytest.mark.django_db(transaction=True)
def test_the_act_of_a_failure_survives_the_refusal():
    an_account("li.si")
    fails()
    assert reasons() == ["password"]
    assert Account.objects.get(username="li.si").failures == 1


def test_the_password_is_changed_by_who_knows_the_old_one():
    by = queries.officer_of(an_account("li.si"))
    usecases.change_password(PASSWORD, "another-Horse-9-stapled", by=by)
    fails(password=PASSWORD)
    assert usecases.sign_in("li.si", "another-Horse-9-stapled")


def test_guessing_the_old_password_locks_too():
    by = queries.officer_of(an_account("li.si"))
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            usecases.change_password("guess", "another-Horse-9-stapled", by=by)
    with pytest.raises(Unauthenticated):
        usecases.change_password(PASSWORD, "another-Horse-9-stapled", by=by)


@pytest.mark.parametrize("new", [PASSWORD, "short", "password12345", "1" * 20])
def test_a_new_password_is_new_and_strong(new):
    by = queries.officer_of(an_account("li.si"))
    with pytest.raises(Malformed) as refused:
        usecases.change_password(PASSWORD, new, by=by)
    assert "new" in refused.value.fields


def test_a_second_factor_is_begun_confirmed_and_asked_for():
    account = an_account("li.si")
    by = queries.officer_of(account)
    address = usecases.enrol_totp(by=by)
    assert parse_qs(urlsplit(address).query)["secret"]
    assert usecases.sign_in("li.si", PASSWORD), "not asked for before it is confirmed"
    usecases.confirm_totp(code_for(account), by=by)
    TOTPDevice.objects.update(last_t=-1)
    fails(password=PASSWORD)
    for strange in ("000000x", "٠٠٠٠٠٠", "9" * 5000, "-00001"):
        fails(password=PASSWORD, code=strange)
    Account.objects.update(failures=0, locked_until=None)
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    assert usecases.sign_in("li.si", PASSWORD, code=code_for(account)).otp_device
    assert audit.acts(tag="organisations.session.opened")[0].facts["two_factor"]
    fails(password=PASSWORD, code=code_for(account)), "a code is good once"
    with pytest.raises(Conflict):
        usecases.enrol_totp(by=by)


def test_a_second_factor_needs_a_right_first_code():
    account = an_account("li.si")
    by = queries.officer_of(account)
    with pytest.raises(Unknown):
        usecases.confirm_totp("123456", by=by)
    usecases.enrol_totp(by=by)
    usecases.enrol_totp(by=by)
    with pytest.raises(Malformed):
        usecases.confirm_totp("x", by=by)
    assert not TOTPDevice.objects.filter(confirmed=True).exists()


def test_an_unknown_name_costs_as_much_as_a_wrong_password(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
    an_account("li.si")

    def spent(username):
        begun = time.perf_counter()
        fails(username)
        return time.perf_counter() - begun

    known, unknown = (min(spent(name) for _ in range(3)) for name in ("li.si", "nobody"))
    assert 0.5 < known / unknown < 2
