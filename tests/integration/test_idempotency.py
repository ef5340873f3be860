# SPDX-License-Identifier: Apache-2.0
"""Idempotency keys: a write is done once however often, and at however many places at once, it is sent."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from datong.config.api import api
from datong.config.idempotency import REPLAY
from datong.contexts.audit import face as audit
from datong.contexts.audit.models import Act
from datong.contexts.exchange import usecases as exchange
from datong.contexts.organisations import face, usecases
from datong.contexts.organisations.models import Account, Answer, Application, Department
from datong.kernel.actors import Role
from datong.kernel.errors import Unavailable
from datong.ledger import read
from factories.api import ROOT, Person, signed_in
from factories.catalog import PROVIDER, a_resource
from factories.organisations import PASSWORD, a_department, a_uscc, an_account, an_application, an_officer, some_regions

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief():
    some_regions()
    an_account("chief", roles=[Role.SYSADMIN])
    return signed_in("chief")


@pytest.fixture
def head():
    an_account("head", roles=[Role.CONSUMER_HEAD], department=a_department("民政厅"))
    return signed_in("head")


def a_body(**changes):
    return {"uscc": a_uscc(), "name": "海洋厅", "region": "330000"} | changes


def problem(answer, status, code):
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    assert answer.json()["code"] == code
    return answer.json()


def test_the_first_answer_comes_again_and_nothing_is_done_twice(chief):
    body = a_body()
    first = chief.post("/departments", body, key="a-1")
    acts = Act.objects.count()
    again = chief.post("/departments", body, key="a-1")
    assert (first.status_code, REPLAY in first) == (201, False)
    assert (again.status_code, again.content, again["Content-Type"], again[REPLAY]) == (201, first.content, first["Content-Type"], "true")
    assert Department.objects.filter(uscc=body["uscc"]).count() == 1
    assert Act.objects.count() == acts
    problem(chief.post("/departments", body), 409, "conflict")


@pytest.mark.parametrize("change", [{"name": "渔业厅"}, {"short_name": "x"}])
def test_a_key_names_one_request(chief, change):
    body = a_body()
    chief.post("/departments", body, key="a-1")
    told = problem(chief.post("/departments", body | change, key="a-1"), 422, "conflict")
    assert "Idempotency-Key" in told["errors"]
    problem(chief.post("/accounts/chief/appointments", {"role": "authority"}, key="a-1"), 422, "conflict")
    assert Department.objects.filter(name="渔业厅").count() == 0


def test_each_account_has_keys_of_its_own(chief):
    an_account("second", roles=[Role.SYSADMIN])
    assert chief.post("/departments", a_body(), key="a-1").status_code == 201
    assert signed_in("second").post("/departments", a_body(name="渔业厅"), key="a-1").status_code == 201


def test_a_refusal_comes_again_too(chief):
    body = a_body(region="999999")
    first, again = (chief.post("/departments", body, key="r") for _ in range(2))
    assert first.status_code == again.status_code == 422
    assert (again.content, again[REPLAY]) == (first.content, "true")
    assert again["Content-Type"] == "application/problem+json"


def test_a_wrong_old_password_sent_twice_counts_once(head):
    body = {"old": "wrong", "new": "another-Horse-8-battery"}
    assert [head.post("/session/password", body, key="p").status_code for _ in range(6)] == [401] * 6
    assert Account.objects.get(username="head").failures == 1


def test_what_was_not_let_in_does_not_spend_the_key(chief):
    body, token = a_body(), chief.token
    chief.token = "x" * 32
    problem(chief.post("/departments", body, key="k"), 403, "refused")
    chief.token = token
    problem(chief.post("/departments", {"uscc": 1}, key="k"), 422, "malformed")
    problem(Person().post("/departments", body, key="k"), 401, "unauthenticated")
    assert chief.post("/departments", body, key="k").status_code == 201


def test_a_fault_of_ours_leaves_no_trace(chief, monkeypatch):
    body = a_body()

    def broken(**_given):
        Department.objects.create(uscc="x", name="半", short_name="", region_id="330000", kind="department")
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(usecases, "create_department", broken)
        assert chief.post("/departments", body, key="k").status_code == 500
    assert not Department.objects.filter(uscc="x").exists()
    done = chief.post("/departments", body, key="k")
    assert (done.status_code, REPLAY in done) == (201, False)


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "键", "a\x7f", " a"])
def test_a_key_is_printable_ascii(chief, key):
    told = problem(chief.post("/departments", a_body(), key=key), 422, "malformed")
    assert "Idempotency-Key" in told["errors"]


def test_the_longest_key_and_blanks_inside_serve(chief):
    body = a_body()
    for key in ("x" * 255, "order 7"):
        assert chief.post("/departments", body | {"uscc": a_uscc(), "name": f"厅{len(key)}"}, key=key).status_code == 201


def test_a_key_is_forgotten_after_a_day(chief):
    body = a_body()
    chief.post("/departments", body, key="k")
    Answer.objects.update(at=timezone.now() - timedelta(hours=24, seconds=1))
    problem(chief.post("/departments", body, key="k"), 409, "conflict")
    chief.post("/departments", a_body(name="渔业厅"), key="young")
    Answer.objects.filter(key="k").update(at=timezone.now() - timedelta(hours=25))
    assert face.forget_answers() == 1
    assert list(Answer.objects.values_list("key", flat=True)) == ["young"]


def test_a_first_password_is_not_kept(chief):
    body = {"username": "li.si", "name": "李四"}
    made = chief.post("/accounts", body, key="k")
    assert made.status_code == 201
    told = problem(chief.post("/accounts", body, key="k"), 409, "conflict")
    assert told["remedy"]
    assert Answer.objects.get().body is None
    assert signed_in("li.si", made.json()["password"])
    assert chief.post("/accounts/li.si/password", key="r").status_code == 201
    problem(chief.post("/accounts/li.si/password", key="r"), 409, "conflict")


def test_a_private_key_is_not_kept_and_a_public_one_is(head):
    body = {"name": "低保核对", "responsible": "王五"}
    assert "PRIVATE" in head.post("/applications", body, key="k").json()["private_key"]
    problem(head.post("/applications", body, key="k"), 409, "conflict")
    spare = an_application(by=an_officer(roles=[Role.APPLICANT])).application.public_key
    Application.objects.filter(public_key=spare).update(public_key="", key_id="")
    body |= {"name": "另一系统", "public_key": spare}
    first, again = (head.post("/applications", body, key="own") for _ in range(2))
    assert (again.content, again[REPLAY]) == (first.content, "true")
    assert not any(b"PRIVATE" in bytes(row.body or b"") for row in Answer.objects.all())


def test_other_secrets_are_not_kept_either(head):
    for path, body in (("/session/totp", None), ("/session/password", {"old": PASSWORD, "new": "another-Horse-8-battery"})):
        assert head.post(path, body, key=path).status_code in (200, 201)
        problem(head.post(path, body, key=path), 409, "conflict")
    assert all(row.body is None for row in Answer.objects.all())


def test_a_form_with_a_file_is_known_by_its_parts(monkeypatch):
    code = a_resource().resource.code
    an_account("compiler", roles=[Role.COMPILER], department=a_department(PROVIDER))
    person = signed_in("compiler")
    monkeypatch.setattr(exchange, "inspect_upload", lambda _code, offer, by: {
        "columns": [b"".join(offer.pieces).decode()], "rows": [], "encoding": "", "sheets": [], "proposed": {}})  # fmt: skip

    def send(text, **more):
        file = io.BytesIO(text.encode())
        file.name = "人口.csv"
        headers = {"X-CSRFToken": person.token, "Idempotency-Key": "f"}
        return person.client.post(f"{ROOT}/resources/{code}/sources/inspect", {"file": file, **more}, headers=headers)

    first, again = send("a,b\n1,2\n"), send("a,b\n1,2\n")
    assert first.json()["columns"] == ["a,b\n1,2\n"]
    assert (again.content, again[REPLAY]) == (first.content, "true")
    problem(send("a,b\n1,3\n"), 422, "conflict")
    problem(send("a,b\n1,2\n", encoding="gb18030"), 422, "conflict")


def test_signing_out_twice(head):
    headers = {"X-CSRFToken": head.token, "Idempotency-Key": "bye"}
    assert head.client.delete(f"{ROOT}/session", headers=headers).status_code == 204
    problem(head.client.delete(f"{ROOT}/session", headers=headers), 401, "unauthenticated")


def test_every_write_of_somebody_signed_in_takes_a_key():
    document = api.get_openapi_schema()
    without = {
        operation["operationId"]
        for path in document["paths"].values()
        for method, operation in path.items()
        if method in ("post", "put", "patch", "delete")
        and "Idempotency-Key" not in {one["name"] for one in operation["parameters"]}
    }
    assert without == {"sign_in"}


@pytest.mark.django_db(transaction=True)
def test_sent_at_once_it_is_done_once(chief):
    body, gate = a_body(), Barrier(6)
    people = [signed_in("chief") for _ in range(6)]

    def send(person):
        gate.wait(timeout=60)
        try:
            return person.post("/departments", body, key="k")
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, people))
    fresh = [answer for answer in answers if answer.status_code == 201 and REPLAY not in answer]
    assert len(fresh) == 1
    for answer in answers:
        if answer.status_code == 409:
            problem(answer, 409, "conflict")
            assert answer["Retry-After"] == "1"
        else:
            assert answer.content == fresh[0].content
    assert Act.objects.filter(tag="organisations.department.created", subject=body["uscc"]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_under_way_is_told_so(chief, monkeypatch):
    body, other, told = a_body(), signed_in("chief"), []
    real = usecases.create_department

    def slow(**given):
        with ThreadPoolExecutor(1) as pool:
            told.append(pool.submit(_closing, lambda: other.post("/departments", body, key="k")).result(timeout=60))
        return real(**given)

    monkeypatch.setattr(usecases, "create_department", slow)
    assert chief.post("/departments", body, key="k").status_code == 201
    problem(told[0], 409, "conflict")
    assert told[0]["Retry-After"] == "1"


def _closing(act):
    try:
        return act()
    finally:
        connection.close()


KILLED = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
from datong.contexts.audit.usecases import sealing
from datong.contexts.organisations.models import Answer
from django.test import Client
import json
where, session, body = sys.argv[1:]
def die(*a, **k):
    os.kill(os.getpid(), signal.SIGKILL)
if where == "after the commit":
    sealing.seal = die
else:
    Answer.objects.create = die
client = Client()
client.cookies[settings.SESSION_COOKIE_NAME] = session
client.post("/api/v1/departments", json.loads(body), content_type="application/json", headers={"Idempotency-Key": "k"})
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["after the commit", "before the commit"])
def test_killed_between_commit_and_answer_it_is_still_done_once(chief, where):
    body = a_body()
    session = chief.client.cookies[settings.SESSION_COOKIE_NAME].value
    name = connection.settings_dict["NAME"]
    url = os.environ["DATONG_DATABASE_URL"].replace("/datong?", f"/{name}?")
    dead = subprocess.run(
        [sys.executable, "-c", KILLED, where, session, json.dumps(body)],
        env=os.environ | {"DATONG_DATABASE_URL": url, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False, timeout=60, capture_output=True,
    )  # fmt: skip
    assert dead.returncode == -signal.SIGKILL, dead.stderr
    client = Client(headers={"Idempotency-Key": "k"})
    client.cookies = chief.client.cookies
    answer = client.post(f"{ROOT}/departments", body, content_type="application/json")
    assert (answer.status_code, REPLAY in answer) == (201, where == "after the commit"), answer.content
    assert Act.objects.filter(tag="organisations.department.created", subject=body["uscc"]).count() == 1
    log = settings.NODE_FOLDER.evidence / "acts"
    assert len(list(read.records(log))) == Act.objects.count()


@pytest.mark.django_db(transaction=True)
def test_an_answer_of_then_does_not_leave_before_its_evidence(chief, monkeypatch):
    body = a_body()

    def silent():
        raise Unavailable("the disk is full")

    chief.post("/departments", body, key="k")
    with monkeypatch.context() as patch:
        patch.setattr(audit, "seal", silent)
        problem(chief.post("/departments", body, key="k"), 503, "unavailable")
    assert chief.post("/departments", body, key="k")[REPLAY] == "true"
