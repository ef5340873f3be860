# SPDX-License-Identifier: Apache-2.0
"""The two clients say what anybody would have to say, and never take another answer for the one they expect."""

import json
from urllib.parse import parse_qs

import httpx
import jwt
import pytest

from datong.config.demo import clients
from datong.config.demo.clients import Caller, Person, Unexpected

KEEP = httpx.Client


@pytest.fixture
def answers(monkeypatch):
    """What a node would answer, by method and path; what it was asked."""
    known, asked = {}, []

    def answer(request):
        asked.append(request)
        status, body = known.get((request.method, request.url.path), (404, {"code": "unknown"}))
        return httpx.Response(status, json=body)

    monkeypatch.setattr(clients.httpx, "Client", lambda **given: KEEP(transport=httpx.MockTransport(answer), **given))
    known["GET", "/api/v1/session"] = known["POST", "/api/v1/session"] = (200, {"csrf_token": "token-1"})
    return known, asked


def test_a_person_signs_in_and_sends_the_token_with_every_write(answers):
    known, asked = answers
    known["POST", "/api/v1/things"] = (201, {"id": 1})
    person = Person("http://node", "li.na", "first")
    assert json.loads(asked[1].content) == {"username": "li.na", "password": "first"}
    assert person.post("/things", {"a": 1}) == {"id": 1}
    assert asked[-1].headers["X-CSRFToken"] == "token-1"
    known["POST", "/api/v1/session/password"] = (200, {"csrf_token": "token-2"})
    person.renew("first", "second")
    person.post("/things")
    assert (person.password, asked[-1].headers["X-CSRFToken"]) == ("second", "token-2")


def test_another_answer_than_expected_is_said_with_what_was_asked(answers):
    known, _ = answers
    person = Person("http://node", "li.na", "x")
    with pytest.raises(Unexpected, match=r"GET /api/v1/nothing answered 404: .*unknown"):
        person.get("/nothing")
    known["POST", "/api/v1/things"] = (200, {})
    with pytest.raises(Unexpected):
        person.post("/things", status=403)
    known["POST", "/api/v1/things"] = (403, {"rule": "r"})
    assert person.post("/things", status=403) == {"rule": "r"}
    assert person.attempt("/things", {}).status_code == 403


def test_a_file_goes_as_a_form(answers, tmp_path):
    known, asked = answers
    known["POST", "/api/v1/files"] = (202, {"number": 7})
    (tmp_path / "a.csv").write_text("x")
    assert Person("http://node", "li.na", "x").upload("/files", tmp_path / "a.csv", mapping="{}") == {"number": 7}
    body = asked[-1].content
    assert b'filename="a.csv"' in body and b'name="mapping"' in body


def test_a_caller_proves_its_key_and_never_sends_it(answers):
    known, asked = answers
    caller = Caller("http://gate", "330000", client_id="app-1")
    known["POST", "/oauth2/token"] = (401, {"error": "invalid_client"})
    assert caller.sign_in().status_code == 401 and caller.token == ""
    known["POST", "/oauth2/token"] = (200, {"access_token": "t"})
    caller.sign_in()
    [assertion] = parse_qs(asked[-1].content.decode())["client_assertion"]
    claims = jwt.decode(assertion, caller.public_pem, algorithms=["EdDSA"], audience="330000")
    assert claims["iss"] == claims["sub"] == "app-1" and claims["exp"] - claims["iat"] <= 300
    assert "PRIVATE" not in caller.public_pem and caller.token == "t"


def test_purpose_and_case_go_percent_encoded_or_not_at_all(answers):
    known, asked = answers
    known["GET", "/v1/resources/3/1/records"] = known["POST", "/v1/resources/3/1/verify"] = (200, {})
    caller = Caller("http://gate", "330000", token="t")
    caller.records("3/1", purpose="核验", case="办1", uscc="x")
    sent = asked[-1].headers
    assert (sent["Authorization"], sent["Datong-Purpose"], sent["Datong-Case"]) == ("Bearer t", "%E6%A0%B8%E9%AA%8C", "%E5%8A%9E1")
    caller.records("3/1")
    assert "Datong-Purpose" not in asked[-1].headers and "Datong-Case" not in asked[-1].headers
    caller.verify("3/1", {"k": 1}, {"c": 2}, purpose="p", case="c")
    assert json.loads(asked[-1].content) == {"key": {"k": 1}, "claims": {"c": 2}}
