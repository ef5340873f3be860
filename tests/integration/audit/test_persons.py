# SPDX-License-Identifier: Apache-2.0
"""Who looked at a person's data: for the auditor alone, with a purpose, on record, and the id nowhere."""

import getpass
import json

import pytest
from django.conf import settings
from django.test import Client
from typer.testing import CliRunner

from datong.config.cli import ledger
from datong.contexts.audit import face as audit
from datong.contexts.audit import queries
from datong.kernel.actors import Role
from datong.kernel.errors import Malformed
from factories.api import signed_in
from factories.exchange import a_call, some_calls
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db(transaction=True)
HELD, OTHER = "11010519491231002X", "330106199001010000"
WHY = "答复当事人查询申请 2026-7"
PLACE = "/evidence/persons"


@pytest.fixture
def calls():
    """Two gateways; three calls about a person, one about another, one about nobody."""
    mine, other = queries.tag_of(HELD), queries.tag_of(OTHER)
    some_calls("gateway-8", [a_call(1, persons=[mine]), a_call(2, persons=sorted([mine, other])), a_call(3, persons=[])])
    some_calls("gateway-9", [a_call(4, persons=[other]), a_call(5, persons=[mine], purpose="办理身后事")])
    yield
    for name in ("gateway-8", "gateway-9"):
        for file in (settings.NODE_FOLDER.evidence / name).iterdir():
            file.unlink()
        (settings.NODE_FOLDER.evidence / name).rmdir()


@pytest.fixture
def auditor():
    an_account("auditor", roles=[Role.AUDITOR])
    return signed_in("auditor")


def ask(officer, **changes):
    return officer.post(PLACE, {"person": HELD, "purpose": WHY} | changes)


def test_every_call_about_the_person_is_found_in_every_log_and_that_it_was_asked_is_on_record(auditor, calls):
    found = ask(auditor, person=HELD.lower()).json()
    assert found["whole"]
    assert [(one["log"], one["index"]) for one in found["items"]] == [("gateway-9", 1), ("gateway-8", 1), ("gateway-8", 0)]
    assert found["items"][0]["facts"]["purpose"] == "办理身后事"
    (act,) = audit.acts(tag="audit.person.looked_up")
    assert (act.account, act.subject) == ("auditor", queries.tag_of(HELD))
    assert act.facts == {"purpose": WHY, "found": 3, "whole": True}


def test_a_span_of_time_narrows_it(auditor, calls):
    assert [one["index"] for one in ask(auditor, since="2026-03-06T00:00:00Z").json()["items"]] == [1]
    assert [one["index"] for one in ask(auditor, until="2026-03-02T23:59:59Z").json()["items"]] == [0]


def test_the_command_asks_the_same_without_the_id_in_its_line_and_on_record(calls, monkeypatch):
    for name, value in {"DATONG_NODE": str(settings.NODE_FOLDER.path), "DJANGO_SETTINGS_MODULE": "datong.config.settings"}.items():
        monkeypatch.setenv(name, value)
    asked = ["persons", "--purpose", WHY, "--since", "2026-03-02T09:00:00Z"]
    told = CliRunner().invoke(ledger.app, [*asked, "--json"], input=f"{HELD}\n")
    assert told.exit_code == 0 and HELD not in told.output
    found = json.loads(told.output)
    assert found["whole"] and found["found"] and all(one["record"]["at"] > "2026-03-02T09" for one in found["found"])
    (act,) = audit.acts(tag="audit.person.looked_up")
    assert (act.account, act.subject) == ("system", queries.tag_of(HELD))
    assert act.facts == {"purpose": WHY, "found": len(found["found"]), "whole": True, "shell": getpass.getuser()}
    assert "gateway-9" in CliRunner().invoke(ledger.app, asked, input=f"{HELD}\n").output
    for purpose, person in (("", HELD), ("查", HELD), (WHY, "")):
        done = CliRunner().invoke(ledger.app, ["persons", "--purpose", purpose], input=f"{person}\n")
        assert isinstance(done.exception, Malformed)
    assert len(audit.acts(tag="audit.person.looked_up")) == 2


def test_nobody_else_may_ask(calls):
    an_account("somebody", roles=[Role.SECURITY], department=a_department("民政厅"))
    assert ask(signed_in("somebody")).status_code == 403
    assert audit.acts(tag="audit.person") == []


def test_without_an_id_or_a_purpose_nothing_is_looked_up(auditor, calls):
    for wrong in ({"person": ""}, {"person": "张三"}, {"person": HELD[:-1]}, {"purpose": ""}, {"purpose": "查"}, {"since": "昨天"}):
        answer = ask(auditor, **wrong)
        assert answer.status_code == 422 and HELD not in answer.content.decode()
    assert audit.acts(tag="audit.person") == []


def test_the_id_stands_in_no_act_no_record_and_no_page(auditor, calls):
    browser = Client()
    browser.cookies = auditor.client.cookies
    assert "公民身份号码" in browser.get(PLACE).content.decode()
    page = browser.post(PLACE, {"person": HELD, "purpose": WHY})
    shown = page.content.decode()
    assert page.status_code == 200 and "办理身后事" in shown and "/evidence/records/gateway-9/1" in shown and HELD not in shown
    assert "调用 服务接口查询" in shown and "call call" not in shown
    refused = browser.post(PLACE, {"person": HELD, "purpose": ""})
    assert refused.status_code == 422 and HELD not in refused.content.decode()
    audit.seal()
    for file in settings.NODE_FOLDER.evidence.rglob("*.seg"):
        assert HELD.encode() not in file.read_bytes()
