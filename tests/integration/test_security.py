# SPDX-License-Identifier: Apache-2.0
"""The doors of the control plane: headers, cookies, sessions, tokens, hosts, on every address there is."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client, override_settings

from datong.config import settings as rooms
from datong.config.idempotency import WRITES
from datong.config.node import env
from datong.contexts.organisations import usecases
from datong.contexts.organisations.models import Account
from datong.kernel.actors import SYSTEM, Role
from factories.api import ROOT, Person, signed_in
from factories.house import shown, with_suffix
from factories.organisations import PASSWORD, a_department, an_account
from factories.routes import operations, routes

pytestmark = pytest.mark.django_db
VALUES = {
    "head": 307001, "sequence": 1, "version": 1, "entry_id": 1, "number": 1, "username": "li.si", "client_id": "app-1",
    "verb": "file", "role": "auditor", "uscc": "x", "code": "330000",
}  # fmt: skip
HEADERS = {
    "Content-Security-Policy": settings.CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
INLINE = re.compile(r"<style|\sstyle\s*=|<script(?![^>]*\ssrc=|\stype=\"application/(?:ld\+)?json\")|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE)
ELSEWHERE = [
    "https://evil.example/", "//evil.example", "///evil.example", r"/\evil.example", r"\\evil.example", "http:evil.example",
    "https:///evil.example", "javascript:alert(1)", "data:text/html,x", "\thttps://evil.example", "/\t/evil.example",
    "https://testserver@evil.example/", "ftp://testserver/", "//testserver.evil.example", "\x00//evil.example", "/x\r\nSet-Cookie: a=b",
]  # fmt: skip


def addresses() -> Iterator[str]:
    """Every address, its parameters filled with something."""
    for route in routes():
        yield route.address({name: VALUES.get(name, 1) for name in route.parameters})


@pytest.fixture
def officer():
    an_account("li.si", roles=[Role.APPLICANT, Role.COMPILER], department=a_department("民政厅"))
    return signed_in("li.si")


def session_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def bare(answer: object) -> set[str]:
    return {name for name, value in HEADERS.items() if answer.get(name) != value}


def test_every_answer_carries_the_headers(officer):
    officer.client.raise_request_exception = False
    clients = [Client(raise_request_exception=False), officer.client]
    places = [*addresses(), "/static/vendor/datong.css", "/nothing/here", f"{ROOT}/nothing", "/static/nothing.js"]
    asked = {(index, place): client.get(place) for index, client in enumerate(clients) for place in places}
    for answer in asked.values():
        answer.close()
    assert {key: bare(answer) for key, answer in asked.items() if bare(answer)} == {}
    assert {key: answer.status_code for key, answer in asked.items() if answer.status_code >= 500} == {}


def test_the_policy_allows_nothing_inline_and_nothing_foreign():
    policy = dict(part.strip().split(" ", 1) for part in settings.CONTENT_SECURITY_POLICY.split(";"))
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"


@pytest.mark.parametrize("file", with_suffix(".html", under="src"), ids=shown)
def test_no_template_holds_script_or_style(file):
    assert INLINE.findall(file.read_text("utf-8")) == []


def test_hsts_where_the_node_stands_behind_tls():
    with override_settings(SECURE_HSTS_SECONDS=31_536_000):
        assert Client().get("/healthz", secure=True)["Strict-Transport-Security"].startswith("max-age=31536000")
        assert "Strict-Transport-Security" not in Client().get("/healthz")


def test_a_secure_node_sets_only_secure_cookies(monkeypatch):
    folder, node = env.node()
    for secure in (True, False):
        monkeypatch.setattr(env, "node", lambda secure=secure: (folder, replace(node, secure=secure)))
        read = runpy.run_path(f"{rooms.__path__[0]}/security.py")
        kinds = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "LANGUAGE_COOKIE_SECURE")
        assert {read[name] for name in kinds} == {secure}
        assert bool(read["SECURE_HSTS_SECONDS"]) == secure == bool(read["SECURE_PROXY_SSL_HEADER"])


def test_cookies_are_kept_from_scripts_and_strangers(officer):
    cookie = officer.client.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")
    assert officer.client.cookies[settings.CSRF_COOKIE_NAME]["samesite"] == "Lax"
    assert 0 < cookie["max-age"] <= 8 * 3600
    with override_settings(SESSION_COOKIE_SECURE=True, CSRF_COOKIE_SECURE=True):
        person = signed_in("li.si")
        assert all(person.client.cookies[name]["secure"] for name in (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME))


def by_page(client: Client, username: str = "li.si", password: str = PASSWORD, **more: str) -> object:
    return client.post("/sign-in", {"username": username, "password": password, **more})


def by_api(client: Client, username: str = "li.si", password: str = PASSWORD) -> object:
    body = {"username": username, "password": password, "code": ""}
    return client.post(f"{ROOT}/session", body, content_type="application/json")


@pytest.mark.parametrize("sign_in", [by_page, by_api])
def test_a_session_planted_before_signing_in_is_worth_nothing(officer, sign_in):
    victim = Client()
    planted = victim.session
    planted["seen"] = "before"
    planted.save()
    before = session_of(victim)
    assert sign_in(victim).status_code in (200, 302)
    assert session_of(victim) != before
    assert not Session.objects.filter(session_key=before).exists()
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert thief.get("/workbench").status_code == 302
    made_up = Client()
    made_up.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    assert sign_in(made_up).status_code in (200, 302)
    assert session_of(made_up) != "a" * 32


def test_signing_in_as_another_leaves_nothing_of_the_first(officer):
    an_account("wang.wu")
    first = session_of(officer.client)
    officer.signs_in("wang.wu")
    assert officer.get("/session").json()["officer"]["account"] == "wang.wu"
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = first
    assert thief.get(f"{ROOT}/departments").status_code == 401


@pytest.mark.parametrize(
    "end",
    [
        lambda person: person.delete("/session"),
        lambda person: person.client.post("/sign-out", headers={"X-CSRFToken": person.token}),
        lambda _person: usecases.suspend_account("li.si", by=_chief()),
        lambda _person: usecases.reset_password("li.si", by=_chief()),
        lambda _person: signed_in("li.si").post("/session/password", {"old": PASSWORD, "new": "another-Horse-8-battery"}),
    ],
    ids=["by API", "by page", "suspended", "password reset", "password changed elsewhere"],
)
def test_an_ended_session_opens_no_door(officer, end):
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = session_of(officer.client)
    assert thief.get(f"{ROOT}/departments").status_code == 200
    end(officer)
    assert thief.get(f"{ROOT}/departments").status_code == 401
    assert thief.get("/workbench")["Location"].startswith("/sign-in")


def _chief():
    return replace(SYSTEM, account="chief", roles=frozenset({Role.SYSADMIN}))


@pytest.mark.parametrize("sign_in", [by_page, by_api])
def test_five_failures_lock_and_say_the_same_as_before(officer, sign_in):
    first, *_, last = (sign_in(Client(), password=f"wrong-{number}") for number in range(5))
    locked, stranger = sign_in(Client()), sign_in(Client(), username="nobody.here")
    assert {one.status_code for one in (first, last, locked, stranger)} == {401}
    if sign_in is by_api:
        assert first.content == last.content == locked.content == stranger.content
    Account.objects.filter(username="li.si").update(locked_until=None, failures=0)
    assert sign_in(Client()).status_code in (200, 302)


@pytest.mark.parametrize("onward", ELSEWHERE)
def test_signing_in_never_leads_elsewhere(officer, onward):
    answers = [by_page(Client(), next=onward), officer.client.get("/sign-in", {"next": onward})]
    setter = Client(headers={"Referer": "https://evil.example/"})
    answers.append(setter.post("/i18n/setlang/", {"language": "en", "next": onward}))
    for answer in answers:
        assert answer.status_code == 302
        assert re.match(r"/(?![/\\])", answer["Location"]), answer["Location"]
        assert "evil" not in answer["Location"]


def test_the_door_leads_back_to_where_one_wanted_to_go(officer):
    led = Client().get("/catalog?q=a%26b")
    assert led["Location"] == "/sign-in?next=/catalog%3Fq%3Da%2526b"
    assert by_page(Client(), next="/catalog?q=a%26b")["Location"] == "/catalog?q=a%26b"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example", "<script>", "", "a b"])
def test_a_strange_host_is_refused_and_not_repeated(host):
    with override_settings(ALLOWED_HOSTS=["localhost"]):
        for path in ("/", "/sign-in", f"{ROOT}/session"):
            answer = Client(headers={"Host": host}).get(path)
            assert answer.status_code == 400
            assert not host or host not in answer.content.decode()
        assert Client(headers={"Host": "localhost:8000", "X-Forwarded-Host": "evil.example"}).get("/sign-in").status_code == 200


def test_no_page_takes_a_write_without_its_token(officer):
    person = Client(enforce_csrf_checks=True)
    person.cookies[settings.SESSION_COOKIE_NAME] = session_of(officer.client)
    pages = [place for place in addresses() if not place.startswith(ROOT)]
    assert len(pages) > 40
    taken = {place: person.post(place).status_code for place in pages}
    assert {place: status for place, status in taken.items() if status not in (403, 405)} == {}
    told = person.post("/sign-in").content.decode()
    assert "页面已过期" in told
    assert not INLINE.search(told)


def test_a_token_of_somebody_else_is_no_token(officer):
    other = Person()
    answer = officer.client.post("/sign-out", {"csrfmiddlewaretoken": other.token})
    assert answer.status_code == 403
    evil = officer.client.post("/sign-out", headers={"X-CSRFToken": officer.token, "Origin": "https://evil.example"})
    assert evil.status_code == 403
    assert officer.get("/departments").status_code == 200


def test_no_operation_takes_a_write_without_its_token(officer):
    officer.token = ""
    for path, operation in operations():
        place = ROOT + re.sub(r"{(?:\w+:)?(\w+)}", lambda found: str(VALUES.get(found[1], 1)), path)
        for method in WRITES & set(operation.methods):
            answer = officer.client.generic(method, place, "{}", content_type="application/json")
            if operation.operation_id == "sign_in":
                answer = by_api(Client(enforce_csrf_checks=True))
            assert (answer.status_code, answer.json()["code"]) == (403, "refused"), (method, place)
            assert "CSRF" in answer.json()["detail"]


def test_what_is_signed_in_is_not_kept_by_caches(officer):
    for place in ("/workbench", "/account", "/catalog", f"{ROOT}/session", f"{ROOT}/departments"):
        answer = officer.client.get(place)
        assert answer.status_code == 200
        assert "Cookie" in answer.get("Vary", "") or "no-store" in answer.get("Cache-Control", "")
