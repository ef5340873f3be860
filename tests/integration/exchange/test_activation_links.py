# SPDX-License-Identifier: Apache-2.0
"""Activation links: good once, for 72 hours, for whoever holds one; looking uses nothing up; what does not hold looks alike."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from datong.contexts.audit.models import Act
from datong.contexts.exchange import usecases
from datong.contexts.exchange.models import ActivationLink, LinkTry, Recipient
from datong.contexts.exchange.usecases.links import LIFE, MOST_TRIES
from datong.contexts.organisations.models import Account
from datong.contexts.sharing import usecases as sharing
from datong.kernel.actors import Role
from datong.kernel.errors import Malformed, Refused, Unknown
from datong.wire.delta_sharing.profile import token_hash
from factories.catalog import DRAFT, PROVIDER, a_draft, a_provider_head, a_resource, someone
from factories.organisations import a_department, an_account, staffed
from factories.sharing import CONSUMER, a_grant, a_request, a_request_draft

pytestmark = pytest.mark.django_db
HERE = "203.0.113.9"


def a_table_grant(channels=("table",)):
    resource = a_resource(a_draft(name=f"{DRAFT.name}（整表）", sharing_methods=("call", "verify", "table")))
    return a_grant(request=a_request(a_request_draft(resource, channels=channels)))


@pytest.fixture
def applicant(db):
    return staffed(someone(Role.APPLICANT, CONSUMER))


@pytest.fixture
def grant(applicant):
    return a_table_grant()


def secret_of(made):
    return parse_qs(urlsplit(made.address).query)["link"][0]


def a_link(grant, by, **more):
    return secret_of(usecases.make_link(grant.number, by=by, **more))


def opened(secret, address=HERE):
    return usecases.open_link(secret, address=address)


def test_a_link_gives_the_profile_once(grant, applicant):
    made = usecases.make_link(grant.number, by=applicant, networks=["10.1.0.0/16"])
    secret = secret_of(made)
    assert made.address.startswith(f"{settings.NODE.address}/activate?link=dtal_")
    assert timedelta() < LIFE - (made.ends_at - datetime.now(UTC)) < timedelta(minutes=1)
    seen = usecases.look_at_link(secret, address=HERE)
    assert (seen.grant, seen.consumer) == (grant.number, CONSUMER)
    said = opened(secret)
    row = Recipient.objects.get(token_hash=token_hash(said["bearerToken"]))
    assert (row.grant_id, row.made_by, row.networks) == (grant.number, applicant.account, ["10.1.0.0/16"])
    for again in (opened, lambda one: usecases.look_at_link(one, address=HERE)):
        with pytest.raises(Unknown):
            again(secret)
    kept = str(list(Act.objects.values_list("tag", "subject", "facts")))
    assert secret not in kept and said["bearerToken"] not in kept
    act = Act.objects.get(tag="exchange.link.opened")
    facts = json.loads(act.facts)
    assert (act.account, act.subject, facts["made_by"], facts["address"]) == ("system", grant.number, applicant.account, HERE)
    assert not ActivationLink.objects.filter(secret_hash__contains=secret).exists()


def test_a_link_leaves_the_recipient_before_a_day_and_keeps_its_networks(grant, applicant):
    usecases.issue_profile(grant.number, by=applicant, networks=["192.0.2.7"])
    opened(a_link(grant, applicant))
    newest, before = Recipient.objects.filter(grant=grant.number)
    assert newest.networks == before.networks == ["192.0.2.7/32"]
    assert newest.ends_at is None and before.ends_at > datetime.now(UTC) + timedelta(hours=23)


def ended(grant, secret, applicant):
    ActivationLink.objects.update(ends_at=datetime.now(UTC))


def withdrawn(grant, secret, applicant):
    usecases.withdraw_link(grant.number, by=applicant)


def superseded(grant, secret, applicant):
    usecases.make_link(grant.number, by=applicant)


def used(grant, secret, applicant):
    opened(secret)


def grant_suspended(grant, secret, applicant):
    sharing.suspend_grant(grant.number, "超范围使用", by=a_provider_head())


def maker_gone(grant, secret, applicant):
    Account.objects.filter(username=applicant.account).update(active=False)


SPOILT = [ended, withdrawn, superseded, used, grant_suspended, maker_gone]


@pytest.mark.parametrize("spoil", SPOILT)
def test_what_does_not_hold_looks_like_what_never_was(grant, applicant, spoil):
    secret = a_link(grant, applicant)
    spoil(grant, secret, applicant)
    held, visitor = Recipient.objects.count(), Client()
    tried = (secret, "dtal_" + "x" * 43, "", "\0", "长" * 500)
    pages = {plain(visitor.get("/activate", {"link": said})) for said in tried}
    pages |= {plain(visitor.post("/activate", {"link": said})) for said in tried}
    assert len(pages) == 1, pages
    assert next(iter(pages))[0] == 404
    assert Recipient.objects.count() == held
    assert Act.objects.filter(tag="exchange.link.refused").exists()


def plain(answer):
    """Status and page, but for the form's token and the asker's own address."""
    return answer.status_code, re.sub(r'name="(csrfmiddlewaretoken|next)" value="[^"]*"', "", answer.content.decode())


def test_a_preview_uses_nothing_up_and_the_button_gives_the_file(grant, applicant):
    secret, visitor = a_link(grant, applicant), Client()
    for _ in range(3):
        page = visitor.get("/activate", {"link": secret})
        assert page.status_code == 200 and "no-store" in page["Cache-Control"]
        assert grant.number in page.content.decode() and "dtds_" not in page.content.decode()
    answer = visitor.post("/activate", {"link": secret})
    assert answer.status_code == 200 and 'filename="config.share"' in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert Recipient.objects.get().token_hash == token_hash(answer.json()["bearerToken"])
    assert visitor.post("/activate", {"link": secret}).status_code == 404
    assert Client(enforce_csrf_checks=True).post("/activate", {"link": secret}).status_code == 403


def test_an_address_that_tries_too_often_is_shut_out_and_others_are_not(grant, applicant):
    secret = a_link(grant, applicant)
    for number in range(MOST_TRIES):
        with pytest.raises(Unknown):
            usecases.look_at_link(f"dtal_{number}", address=HERE)
    visitor = Client(REMOTE_ADDR=HERE)
    assert visitor.post("/activate", {"link": secret}).status_code == 429
    assert json.loads(Act.objects.filter(tag="exchange.link.refused").latest("seq").facts)["shut_out"] is True
    assert HERE not in str(list(LinkTry.objects.values_list("visitor")))
    assert opened(secret, "203.0.113.10")


@pytest.mark.parametrize(
    ("proxies", "secure", "counted"), [((), None, "127.0.0.1"), ((), ("X", "https"), "10.9.9.9"), (("127.0.0.1",), None, "10.9.9.9")]
)
def test_who_is_counted_is_who_stands_before_our_own_proxies(settings, grant, proxies, secure, counted):
    settings.NODE = replace(settings.NODE, proxies=proxies)
    settings.SECURE_PROXY_SSL_HEADER = secure
    Client().get("/activate", {"link": "x"}, headers={"X-Forwarded-For": "192.0.2.1, 10.9.9.9"}, secure=bool(secure))
    assert json.loads(Act.objects.get(tag="exchange.link.refused").facts)["address"] == counted


def test_others_make_no_link(grant):
    with pytest.raises(Refused):
        usecases.make_link(grant.number, by=a_provider_head())
    with pytest.raises(Unknown):
        usecases.make_link(grant.number, by=someone(Role.APPLICANT, "别的部门"))
    with pytest.raises(Malformed):
        usecases.make_link(grant.number, by=someone(Role.APPLICANT, CONSUMER), networks=["10.1.0.0/8"])
    with pytest.raises(Unknown):
        usecases.withdraw_link(grant.number, by=someone(Role.APPLICANT, CONSUMER))
    with pytest.raises(Refused, match="does not cover tables"):
        usecases.make_link(a_table_grant(("call",)).number, by=someone(Role.APPLICANT, CONSUMER))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_at_once_one_wins():
    applicant = staffed(someone(Role.APPLICANT, CONSUMER))
    secret, ready = a_link(a_table_grant(), applicant), Barrier(2)

    def knock(_):
        try:
            ready.wait(60)
            return bool(opened(secret))
        except Unknown:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(knock, range(2))) == [False, True]
    assert Recipient.objects.count() == 1


def test_by_the_api(grant):
    client = Client()
    client.force_login(an_account(roles=[Role.APPLICANT], department=a_department(CONSUMER)))
    place = f"/api/v1/grants/{grant.number}/activation-link"
    made = client.post(place, {"networks": ["10.0.0.0/8"]}, content_type="application/json")
    assert made.status_code == 201 and set(made.json()) == {"address", "ends_at"}
    assert client.post(place, {"networks": ["x"]}, content_type="application/json").status_code == 422
    assert client.delete(place).status_code == 204
    assert client.delete(place).status_code == 404
    provider = Client()
    provider.force_login(an_account(roles=[Role.PROVIDER_HEAD], department=a_department(PROVIDER)))
    assert provider.post(place, {}, content_type="application/json").status_code == 403
