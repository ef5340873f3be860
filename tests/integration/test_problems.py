# SPDX-License-Identifier: Apache-2.0
"""Problem documents: in the language asked for, and for whatever the framework refuses by itself too."""

from __future__ import annotations

import json
import re

import pytest
from django.conf import settings
from django.test import Client

from datong.config import idempotency, problems
from datong.config.pages.tags import voice
from datong.contexts.organisations import usecases
from datong.kernel.actors import Role
from factories.api import ROOT, signed_in
from factories.house import ROOT as ROOT_OF_HOUSE
from factories.organisations import a_uscc, an_account, some_regions

pytestmark = pytest.mark.django_db
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = {"Accept-Language": "en-GB,en;q=0.9,zh;q=0.1"}


@pytest.fixture
def chief():
    some_regions()
    an_account("chief", roles=[Role.SYSADMIN])
    return signed_in("chief")


def post(person, path, body, **headers):
    given = {"X-CSRFToken": person.token, **{name.replace("_", "-"): value for name, value in headers.items()}}
    text = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return person.client.post(ROOT + path, text, content_type="application/json", headers=given)


def words(answer):
    told = answer.json()
    return [told["title"], told["detail"], *told.get("errors", {}).values(), *filter(None, [told.get("remedy")])]


def test_chinese_unless_asked_otherwise(chief):
    body = {"uscc": 1, "name": "x" * 101, "region": "330000", "kind": "king"}
    for language in ("", "zh-CN,zh;q=0.9", "fr", "xx;q=bad", "*"):
        answer = post(chief, "/departments", body, Accept_Language=language)
        assert answer.status_code == 422
        assert answer["Content-Language"] == "zh-hans"
        assert "Accept-Language" in answer["Vary"]
        assert all(CHINESE.search(one) for one in words(answer)), words(answer)


def test_english_when_asked_for(chief):
    body = {"uscc": 1, "name": "x" * 101, "region": "330000", "kind": "king"}
    answer = post(chief, "/departments", body, Accept_Language=ENGLISH["Accept-Language"])
    assert answer["Content-Language"] == "en"
    assert not [one for one in words(answer) if CHINESE.search(one)]
    assert answer.json()["errors"]["name"] == "at most 100 characters"


def test_codes_and_fields_are_the_same_in_both(chief):
    body = {"uscc": a_uscc(), "name": "", "region": "999999"}
    both = [post(chief, "/departments", body, Accept_Language=one).json() for one in ("zh-CN", "en")]
    assert both[0].keys() == both[1].keys()
    assert both[0]["errors"].keys() == both[1]["errors"].keys()
    assert {name: both[0][name] for name in ("type", "status", "code")} == {name: both[1][name] for name in ("type", "status", "code")}
    assert both[0]["detail"] != both[1]["detail"]


def test_pages_and_problems_speak_with_one_voice():
    sentence = "名称必填 (give the name)"
    client = Client(headers=ENGLISH)
    client.get("/healthz")
    assert problems.said(sentence) == voice(sentence)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("get", "/nothing", 404, "unknown"),
        ("get", "/", 404, "unknown"),
        ("get", "/departments/%2e%2e/x/y", 404, "unknown"),
        ("put", "/departments", 405, "malformed"),
        ("trace", "/session", 405, "malformed"),
        ("patch", "/session", 405, "malformed"),
    ],
)
def test_what_the_framework_refuses_is_a_problem_too(method, path, status, code):
    answer = getattr(Client(), method)(ROOT + path)
    assert (answer.status_code, answer["Content-Type"]) == (status, problems.KIND), answer.content
    assert answer.json()["code"] == code
    assert status != 405 or answer["Allow"]


def test_bodies_too_large_too_deep_and_too_many(chief):
    large = b'{"name": "' + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}'
    cases = {
        large: 413,
        b"[" * 200_000: 400,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000: 400,
        json.dumps({f"f{number}": number for number in range(10_000)}).encode(): 422,
        b"9" * 100_000: 400,
        b'{"uscc": ' + b"9" * 4_000 + b"}": 422,
        b"\xff\xfe{": 400,
        b"{}\x00": 400,
        b'{"name": NaN}': 422,
    }
    for body, status in cases.items():
        answer = post(chief, "/departments", body)
        assert (answer.status_code, answer["Content-Type"]) == (status, problems.KIND), (body[:20], answer.content)


def test_broken_forms(chief):
    kind = "multipart/form-data; boundary=x"
    for body in (b"", b"--x", b"--x\r\n\r\n", b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nabc'):
        for given in (kind, "multipart/form-data", "multipart/form-data; boundary=" + "x" * 300):
            answer = chief.client.post(f"{ROOT}/resources/307001/1/sources", body, content_type=given, headers={"X-CSRFToken": chief.token})
            assert answer.status_code in (400, 404, 422), answer.content
            assert answer["Content-Type"] == problems.KIND


def test_a_fault_shows_nothing_of_itself(chief, monkeypatch, caplog):
    def broken(**_given):
        raise ZeroDivisionError("secret of the house")

    monkeypatch.setattr(usecases, "create_department", broken)
    answer = post(chief, "/departments", {"uscc": "x", "name": "x", "region": "330000"})
    assert (answer.status_code, answer["Content-Type"]) == (500, problems.KIND)
    assert "secret of the house" not in answer.content.decode()
    assert "ZeroDivisionError" in caplog.text


def test_every_kind_of_fault_a_schema_finds_has_words():
    assert [kind for kind, said in problems.WORDS.items() if not CHINESE.search(said)] == []
    assert problems.wrong({"type": "new_kind", "msg": "odd"}) == "不合要求 (odd)"


def test_every_code_is_in_the_reference():
    page = (ROOT_OF_HOUSE / "docs" / "reference" / "api.md").read_text("utf-8")
    assert [code for code in problems.TITLES if f"`{code}`" not in page] == []
    assert [header for header in (idempotency.HEADER, idempotency.REPLAY, "X-CSRFToken") if header not in page] == []
