# SPDX-License-Identifier: Apache-2.0
"""Whatever people type into a field: refused by name or kept as text, never run, never a fault, never half-written."""

from __future__ import annotations

import io
import json
import re
from urllib.parse import quote_plus

import pytest
from django.db import connection
from django.test import Client

from datong.contexts.catalog.domain import Stage as EntryStage
from datong.contexts.exchange.models import Batch, Source
from datong.contexts.organisations.models import Account
from datong.contexts.sharing.domain import Stage
from datong.kernel.actors import Role
from factories.api import ROOT, signed_in
from factories.catalog import PROVIDER, a_resource, an_open_draft
from factories.forms import HOSTILE, MARKUP, RAW, SQL, TEMPLATE, Form
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_request

pytestmark = pytest.mark.django_db
LIVE = re.compile(r"<script>hit|<img src=x|onerror=hit\(1\)>(?!&)", re.IGNORECASE)
LATER = re.compile(r"csrfmiddlewaretoken|items-[1-9]|rule-[1-9]")
"""Fields of the second row of a table on are read as those of the first."""
FORM = "application/x-www-form-urlencoded"
WORST = ("markup", "nul", "overlong", "half a surrogate")
REFUSED = (400, 403, 404, 409, 413, 422)


def officer(department: str | None, *roles: Role) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(an_account(roles=roles, department=a_department(department) if department else None))
    return client


def compile_form():
    return officer(PROVIDER, Role.COMPILER), f"/catalog/{a_resource(stage=EntryStage.DRAFT).pk}/edit"


def request_form():
    return officer(CONSUMER, Role.APPLICANT), f"/requests/{a_request(stage=Stage.DRAFT).number}/edit"


def account_form():
    return officer(None, Role.SYSADMIN), "/accounts/new"


def department_form():
    return officer(None, Role.SYSADMIN), "/departments/new"


def application_form():
    return officer(CONSUMER, Role.APPLICANT), "/applications/new"


def sign_in_form():
    return Client(raise_request_exception=False), "/sign-in"


FORMS = [compile_form, request_form, account_form, department_form, application_form, sign_in_form]


def kinds_for(place: int) -> dict[str, str | bytes]:
    """The four worst for every field; of the others a third, another one for the next field."""
    every = {**HOSTILE, **RAW}
    others = [kind for kind in every if kind not in WORST]
    return {kind: every[kind] for kind in (*WORST, *others[place % 3 :: 3])}


def looked_at(answer, where):
    """Nothing live in an answer, and no fault of ours."""
    assert answer.status_code < 500, where
    assert "hit" not in answer.cookies
    text = answer.content.decode()
    assert not LIVE.search(text), where
    assert "'; drop table" not in text, where
    return answer.status_code


@pytest.mark.parametrize("make", FORMS)
def test_every_field_of_every_form_takes_anything(make):
    client, place = make()
    form = Form(client.get(place).content.decode(), place)
    assert len(form.texts - {"csrfmiddlewaretoken"}) >= 2, form.values
    accounts = Account.objects.count()
    for place_in_form, field in enumerate(sorted(name for name in form.values if not LATER.match(name))):
        for kind, value in kinds_for(place_in_form).items():
            answer = client.post(place, form.posted(field, value), content_type=FORM)
            status = looked_at(answer, (field, kind))
            assert status in (200, 302, 401, *REFUSED), (field, kind, status)
            if status == 302:
                looked_at(client.get(answer["Location"]), (field, kind))
                fresh = Form(client.get(place).content.decode(), place)
                form.values["revision"] = fresh.values.get("revision", [""])
    assert Account.objects.count() - accounts in range(len(HOSTILE) + 4)
    for page in ("/", "/search?q=drop", "/workbench", "/catalog", "/requests", "/applications", "/accounts", "/departments", "/acts"):
        looked_at(client.get(page), page)


@pytest.mark.parametrize("make", [compile_form, request_form])
def test_ten_thousand_fields_and_a_huge_form(make):
    client, place = make()
    many = "&".join(f"items-{number}-name=x" for number in range(10_000))
    assert client.post(place, many, content_type=FORM).status_code in (400, 413)
    assert client.post(place, "name=" + "x" * 6_000_000, content_type=FORM).status_code in (400, 413)
    assert client.post(place, b"\xff" * 1000, content_type=FORM).status_code in (302, *REFUSED)


FILTERS = ("q", "sort", "page", "size", "stage", "side", "tag", "level", "provider", "before", "next")
LISTS = ("/search", "/catalog", "/requests", "/grants", "/acts", "/exchange/calls", "/exchange/batches", "/applications")


@pytest.mark.parametrize("place", [*LISTS, "/accounts", "/departments"])
def test_every_filter_of_every_list_takes_anything(place):
    client = officer(PROVIDER, Role.AUTHORITY) if place in LISTS else officer(None, Role.SYSADMIN)
    for number, name in enumerate(FILTERS):
        for kind, value in kinds_for(number).items():
            said = Form("", "").posted(name, value[:3000]).decode()
            looked_at(client.get(f"{place}?{said}"), (name, kind))


def test_what_a_body_says_is_never_run_nor_repeated_live():
    an_account("chief", roles=[Role.SYSADMIN])
    chief = signed_in("chief")
    for text in (*HOSTILE.values(), "\ud800"):
        body = json.dumps({"uscc": text, "name": text, "region": text, "kind": text, text: text})
        answer = chief.client.post(f"{ROOT}/departments", body, content_type="application/json", headers={"X-CSRFToken": chief.token})
        assert answer.status_code in (400, 422)
        assert not LIVE.search(answer.content.decode())
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from organisations_account")
        assert cursor.fetchone()[0] == Account.objects.count() > 0


def test_a_source_called_like_a_page_is_only_a_name():
    row = a_resource()
    source = Source.objects.create(resource_id=row.resource.code, kind="csv", name=MARKUP + SQL, attached_by=TEMPLATE)
    batch = Batch.objects.create(source=source, version=1, stage="failed", error=MARKUP, log=[MARKUP, TEMPLATE])
    client = officer(PROVIDER, Role.COMPILER)
    for place in ("/exchange/batches", f"/exchange/batches/{batch.pk}", "/workbench"):
        answer = client.get(place)
        assert answer.status_code == 200
        looked_at(answer, place)
    told = client.get(f"{ROOT}/batches/{batch.pk}")
    assert told["Content-Type"].startswith("application/json")
    assert told["X-Content-Type-Options"] == "nosniff"


def test_a_resource_called_like_a_page_is_only_a_name():
    row = a_resource(an_open_draft(name=MARKUP, abstract=MARKUP * 3, opening_type="open", contact=MARKUP))
    for client in (Client(), officer(CONSUMER, Role.APPLICANT), officer(PROVIDER, Role.COMPILER)):
        for place in (f"/resources/{row.resource.code}", "/", "/search?q=script", f"/search?q={quote_plus(MARKUP)}", "/catalog", "/workbench"):
            answer = client.get(place)
            assert answer.status_code in (200, 302)
            looked_at(answer, place)
            assert "</script><script>" not in answer.content.decode()


@pytest.mark.parametrize("name", ["页.html", "x.csv", "../../evil.html", "a\x00.html", "<script>hit(1)</script>.html", "x" * 5000, ""])
@pytest.mark.parametrize("content", [b"<html><script>hit(1)</script>", b"GIF89a<script>hit(1)</script>", b"\x00" * 100, b""])
def test_an_uploaded_page_is_never_served_as_a_page(name, content, settings):
    row = a_resource()
    client = officer(PROVIDER, Role.COMPILER)
    file = io.BytesIO(content)
    file.name = name or "x"
    answer = client.post(f"/exchange/attach/{row.resource.code}", {"file": file, "step": "look"})
    looked_at(answer, name)
    answer = client.post(f"{ROOT}/resources/{row.resource.code}/sources/inspect", {"file": file})
    assert answer.status_code in (200, *REFUSED)
    assert "html" not in answer["Content-Type"]
    for base in ("/uploads/", "/media/", "/static/uploads/", "/static/../uploads/", "/static/%2e%2e/uploads/"):
        for held in [one for one in settings.MEDIA_ROOT.rglob("*") if one.is_file()][:3]:
            assert client.get(f"{base}{held.name}").status_code == 404
    assert not any(one.suffix == ".html" for one in settings.MEDIA_ROOT.rglob("*"))
