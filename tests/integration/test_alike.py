# SPDX-License-Identifier: Apache-2.0
"""What may not be known looks like what is not there: same status, same words, on pages and by API, read and written."""

from __future__ import annotations

import re
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils.html import escape

from datong.contexts.catalog.domain import Stage as EntryStage
from datong.contexts.exchange.models import Batch, Source
from datong.contexts.sharing.domain import Stage
from datong.kernel.actors import Role
from factories.api import ROOT
from factories.catalog import a_resource
from factories.organisations import a_department, an_account
from factories.sharing import a_grant, a_request, an_application_of

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r'(csrfmiddlewaretoken" value|X-CSRFToken"):? ?="?[^"]+"')
NOTE, OPINION, REASON = {"note": "补充说明"}, {"opinion": "补充说明"}, {"reason": "补充说明"}
BY_API = [
    ("get", "/resources/{code}", None),
    ("get", "/resources/{code}/versions", None),
    ("post", "/resources/{code}/versions", {}),
    ("post", "/resources/{code}/tables", {"dsn": "postgresql://x/y", "table": "a.b"}),
    ("get", "/entries/{entry}", None),
    ("get", "/entries/{entry}/hints", None),
    ("put", "/entries/{entry}", {"name": "x"}),
    *[("post", f"/entries/{{entry}}/{verb}", OPINION) for verb in ("file", "consent", "publish", "return", "withdraw")],
    ("get", "/requests/{request}", None),
    ("put", "/requests/{request}", {"scene": "x"}),
    *[("post", f"/requests/{{request}}/{verb}", NOTE) for verb in ("file", "endorse", "return", "withdraw", "completion", "grant")],
    ("post", "/requests/{request}/refuse", {"category": "unsafe", "reason": "x"}),
    ("get", "/grants/{grant}", None),
    ("get", "/grants/{grant}/document", None),
    ("get", "/grants/{grant}/usage", None),
    *[("post", f"/grants/{{grant}}/{verb}", NOTE) for verb in ("suspend", "resume", "revoke")],
    ("get", "/batches/{batch}", None),
    ("get", "/batches/{batch}/quarantine", None),
    ("get", "/accounts/{account}", None),
    ("post", "/accounts/{account}/password", None),
    ("post", "/accounts/{account}/suspension", None),
    ("delete", "/accounts/{account}/suspension", None),
    ("post", "/accounts/{account}/appointments", {"role": "auditor"}),
    ("delete", "/accounts/{account}/appointments/auditor", None),
    ("get", "/applications/{application}", None),
    ("post", "/applications/{application}/key", {}),
    ("post", "/applications/{application}/suspension", REASON),
    ("post", "/applications/{application}/restoration", REASON),
]
BY_PAGE = [
    ("get", "/resources/{code}"),
    ("post", "/resources/{code}/versions"),
    ("get", "/exchange/attach/{code}"),
    ("post", "/exchange/attach/{code}"),
    ("get", "/catalog/{entry}"),
    ("get", "/catalog/{entry}/edit"),
    ("post", "/catalog/{entry}/edit"),
    ("post", "/catalog/{entry}/autosave"),
    ("post", "/catalog/{entry}/consent"),
    ("get", "/requests/new?resource={code}"),
    ("get", "/requests/{request}"),
    ("get", "/requests/{request}/edit"),
    ("post", "/requests/{request}/edit"),
    ("post", "/requests/{request}/autosave"),
    ("post", "/requests/{request}/endorse"),
    ("get", "/grants/{grant}"),
    ("get", "/grants/{grant}/document"),
    ("post", "/grants/{grant}/revoke"),
    ("get", "/exchange/grants/{grant}/usage"),
    ("get", "/exchange/batches/{batch}"),
    ("get", "/accounts/{account}"),
    ("post", "/accounts/{account}/suspend"),
    ("post", "/accounts/{account}/reset"),
    ("get", "/applications/{application}"),
    ("post", "/applications/{application}/rotate"),
]
OUTSIDERS = [
    (Role.APPLICANT, Role.COMPILER), (Role.CONSUMER_HEAD, Role.PROVIDER_HEAD), (),
]  # fmt: skip


@pytest.fixture
def things():
    """Names of what is there and hidden, and of what is not there."""
    hidden, granted = a_resource(stage=EntryStage.FILED), a_grant()
    batch = Batch.objects.create(source=Source.objects.create(resource_id=granted.resource_id, kind="csv", name="a", attached_by="x"), version=1)
    away = an_account("away", roles=[Role.COMPILER], department=a_department("公安厅"))
    there = {
        "code": hidden.resource.code, "entry": hidden.pk, "request": a_request(stage=Stage.FILED).number, "grant": granted.number,
        "batch": batch.pk, "account": away.username, "application": an_application_of().client_id,
    }  # fmt: skip
    nowhere = {
        "code": "307001/999", "entry": 999_999, "request": "R20260101-9999", "grant": "G20260101-9999", "batch": 999_999,
        "account": "nobody.here", "application": "app-0000000000000000",
    }  # fmt: skip
    return SimpleNamespace(there=there, nowhere=nowhere)


def outsider(roles) -> Client:
    client = Client()
    client.force_login(an_account(roles=roles, department=a_department("浙江省交通运输厅")))
    return client


def said(answer, names) -> tuple[int, str, str]:
    """Status, kind and words of an answer, without what was asked and without tokens."""
    words = TOKEN.sub("", answer.content.decode())
    asked = answer.wsgi_request.get_full_path()
    for address in (quote(asked), quote(asked, safe=""), escape(asked), answer.wsgi_request.path):
        words = words.replace(address, "…")
    for name in sorted(map(str, names.values()), key=len, reverse=True):
        words = words.replace(name.replace("/", "%2F"), "…").replace(name, "…") if len(name) > 4 else words
    return answer.status_code, answer.get("Content-Type", ""), words


@pytest.mark.parametrize("roles", OUTSIDERS, ids=["clerks", "heads", "no role"])
def test_by_api(things, roles):
    client = outsider(roles)
    for method, path, body in BY_API:
        both = []
        for names in (things.there, things.nowhere):
            more = {} if method == "get" else {"data": body or {}, "content_type": "application/json"}
            both.append(said(getattr(client, method)(ROOT + path.format(**names), **more), names))
        assert both[0] == both[1], (method, path)
        assert both[0][0] in ((404,) if method == "get" else (403, 404)) or both[0][2] == "[]", (method, path, both[0])


@pytest.mark.parametrize("roles", OUTSIDERS, ids=["clerks", "heads", "no role"])
def test_by_page(things, roles):
    client = outsider(roles)
    for method, path in BY_PAGE:
        both = [said(getattr(client, method)(path.format(**names)), names) for names in (things.there, things.nowhere)]
        assert both[0] == both[1], (method, path)
        assert both[0][0] in (403, 404), (method, path, both[0][0])


def test_nobody_signed_in_learns_as_little(things):
    client = Client()
    for method, path, body in BY_API:
        more = {} if method == "get" else {"data": body or {}, "content_type": "application/json"}
        both = [said(getattr(client, method)(ROOT + path.format(**names), **more), names) for names in (things.there, things.nowhere)]
        assert both[0] == both[1], (method, path)
        assert both[0][0] == (404 if path == "/resources/{code}" else 401), (method, path)


def test_lists_and_searches_do_not_count_what_is_hidden(things):
    client = outsider(OUTSIDERS[0])
    hidden = [str(things.there[name]) for name in ("request", "grant", "account", "application")]
    for place in ("/entries", "/requests", "/grants", "/batches", "/accounts", "/applications", "/acts", "/calls", "/entries/waiting", "/requests/waiting"):
        text = client.get(ROOT + place).content.decode()
        assert not [name for name in hidden if name in text], place
    for place in ("/catalog", "/requests", "/grants", "/exchange/batches", "/exchange/calls", "/applications", "/acts", "/workbench", "/search?q=常住人口"):
        text = client.get(place).content.decode()
        assert not [name for name in [*hidden, things.there["code"]] if name in text], place
