# SPDX-License-Identifier: Apache-2.0
"""Who may try a grant, and what is said when it cannot be tried; the answer itself is in the browser's test."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client

from datong.contexts.audit.models import Act
from datong.contexts.exchange import usecases
from datong.contexts.exchange.usecases import trying
from datong.contexts.sharing.domain import Decision
from datong.kernel.actors import Role
from datong.kernel.errors import Malformed, Refused, Unavailable, Unknown
from factories.catalog import PROVIDER, someone
from factories.gateway_server import free_port
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_grant

pytestmark = pytest.mark.django_db
TRIAL = usecases.Trial(channel="call", key={"resident_id": "33010619900101001X"}, token="a.b-c_" * 5)


@pytest.fixture
def nobody_there(monkeypatch):
    monkeypatch.setattr(trying, "gateway", lambda: f"http://127.0.0.1:{free_port()}")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"key": {"resident_id": ""}}, {"key"}),
        ({"token": ""}, {"token"}),
        ({"token": "short"}, {"token"}),
        ({"token": "x" * 40 + "\r\nHost: elsewhere"}, {"token"}),
        ({"token": "", "assertion": "令牌" * 20}, {"token"}),
        ({"key": {}, "token": ""}, {"key", "token"}),
    ],
)
def test_what_is_lacking_is_named_before_anything_is_sent(changes, fields):
    with pytest.raises(Malformed) as refused:
        usecases.try_call(a_grant().number, replace(TRIAL, **changes), by=someone(Role.APPLICANT, CONSUMER))
    assert set(refused.value.fields) == fields


@pytest.mark.parametrize("channel", ["table", "file", "", "records"])
def test_only_channels_that_are_called_are_tried(channel):
    with pytest.raises(Refused):
        usecases.try_call(a_grant().number, replace(TRIAL, channel=channel), by=someone(Role.APPLICANT, CONSUMER))


def test_a_gateway_that_is_away_is_told_and_no_act_is_written(nobody_there):
    with pytest.raises(Unavailable):
        usecases.try_call(a_grant().number, TRIAL, by=someone(Role.APPLICANT, CONSUMER))
    assert not Act.objects.filter(tag=trying.TRIED).exists()


def test_the_provider_does_not_try_and_a_stranger_finds_nothing():
    number = a_grant().number
    with pytest.raises(Refused):
        usecases.try_call(number, TRIAL, by=someone(Role.PROVIDER_HEAD, PROVIDER))
    with pytest.raises(Unknown):
        usecases.try_call(number, TRIAL, by=someone(Role.APPLICANT, "没有授权的部门"))


def test_the_page_shows_what_the_grant_lets_one_ask_and_never_the_token_again(nobody_there):
    number = a_grant().number
    browser = Client()
    browser.force_login(an_account(roles=[Role.APPLICANT], department=a_department(CONSUMER)))
    page = browser.get(f"/exchange/grants/{number}/try?channel=verify").content.decode()
    assert 'name="key-resident_id"' in page
    assert 'name="claim-division"' in page
    assert 'name="claim-resident_id"' not in page
    assert 'name="claim-name"' not in page, "granted masked: the gateway would refuse it"
    answer = browser.post(f"/exchange/grants/{number}/try", {"channel": "call", "key-resident_id": "1", "token": TRIAL.token})
    assert answer.status_code == 503
    assert TRIAL.token not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("wanted", [True, False])
def test_the_page_wants_a_case_number_where_the_grant_does(wanted):
    number = a_grant(Decision(require_case=wanted)).number
    browser = Client()
    browser.force_login(an_account(roles=[Role.APPLICANT], department=a_department(CONSUMER)))
    page = browser.get(f"/exchange/grants/{number}/try").content.decode()
    (field,) = re.findall('<input [^>]*name="case"[^>]*>', page)
    assert ("aria-required" in field) is wanted
