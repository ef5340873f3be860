# SPDX-License-Identifier: Apache-2.0
"""A short life of a node with every kind of secret passing through: none of them is in its logs or its evidence."""

from __future__ import annotations

import re
import sys
import time
import uuid
from typing import Self

import httpx
import jwt

from factories.nodes import Machine, Node, a_node
from factories.organisations import a_uscc

DSN = "postgresql://leser:dsn-Geheim-4711@127.0.0.1:1/daten"
TYPED = {"username": "admin", "password": "typed-Wrong-4712", "code": ""}


class Visitor:
    """A program at the API of a running node that remembers every secret it sends or gets."""

    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=f"{address}/api/v1", timeout=30)
        self.secrets: set[str] = set()
        self.token = self.keep(self.http.get("/session").json()["csrf_token"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        self.http.close()

    def keep(self, secret: str) -> str:
        self.secrets |= {secret, secret.replace("\n", "\\n"), *[part for part in secret.splitlines() if len(part) > 40]}
        return secret

    def send(self, path: str, body: dict | None = None, method: str = "POST") -> httpx.Response:
        answer = self.http.request(method, path, json=body, headers={"X-CSRFToken": self.token, "Idempotency-Key": str(uuid.uuid4())})
        self.secrets |= {cookie.value for cookie in self.http.cookies.jar}
        return answer

    def sign_in(self, name: str, password: str) -> None:
        answer = self.send("/session", {"username": name, "password": self.keep(password), "code": ""})
        assert answer.status_code == 200, answer.text
        self.token = self.keep(answer.json()["csrf_token"])

    def sign_in_first(self, name: str, password: str) -> None:
        """Sign in by a first password and change it."""
        self.sign_in(name, password)
        own = self.keep(f"own-{uuid.uuid4()}")
        self.token = self.keep(self.send("/session/password", {"old": password, "new": own}).json()["csrf_token"])


def an_applicant(chief: Visitor) -> tuple[str, str]:
    uscc = a_uscc()
    assert chief.send("/departments", {"uscc": uscc, "name": "民政厅", "region": "330000"}).status_code == 201
    made = chief.send("/accounts", {"username": "li.si", "name": "李四", "department": uscc})
    assert made.status_code == 201, made.text
    for role in ("consumer_applicant", "provider_compiler"):
        assert chief.send("/accounts/li.si/appointments", {"role": role}).status_code == 200
    return "li.si", chief.keep(made.json()["password"])


def call_gateway(address: str, visitor: Visitor, client_id: str, private_key: str) -> None:
    now = int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": "330000", "iat": now, "exp": now + 60, "jti": str(uuid.uuid4())}
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": visitor.keep(jwt.encode(claims, private_key, "EdDSA")),
    }
    for _ in range(60):
        answer = httpx.post(f"{address}/oauth2/token", data=form, timeout=10)
        if answer.status_code == 200:
            break
        time.sleep(0.5)
        form["client_assertion"] = visitor.keep(jwt.encode(claims | {"jti": str(uuid.uuid4())}, private_key, "EdDSA"))
    token = visitor.keep(answer.json()["access_token"])
    for given in (token, visitor.keep(f"{token}x")):
        httpx.get(f"{address}/v1/resources/3307001/1/records?id=1", headers={"Authorization": f"Bearer {given}"}, timeout=10)


def pass_through(node: Node) -> set[str]:
    """Send every kind of secret through a node that is up; give them all."""
    now = node.status()
    with Visitor(now["pages"]) as chief, Visitor(now["pages"]) as visitor:
        assert chief.send("/session", TYPED).status_code == 401
        chief.sign_in_first("admin", node.first["administrator"]["password"])
        visitor.sign_in_first(*an_applicant(chief))
        made = visitor.send("/applications", {"name": "低保核对", "responsible": "王五"}).json()
        key = visitor.keep(made["private_key"])
        visitor.keep(re.search(r"secret=(\w+)", visitor.send("/session/totp").json()["address"])[1])
        assert visitor.send("/resources/307001/1/tables", {"dsn": DSN, "table": "a.b"}).status_code in (403, 404, 422)
        assert visitor.http.post("/applications", content=b'{"public_key": "' + key.encode()).status_code in (400, 403, 422)
        call_gateway(now["gateway"], visitor, made["application"]["client_id"], key)
        assert visitor.send("/session", method="DELETE").status_code == 204
        return chief.secrets | visitor.secrets | {DSN, "dsn-Geheim-4711", TYPED["password"]}


def test_no_secret_is_in_the_logs():
    with a_node(Machine(sys.executable)) as node:
        node.first = node.run("up", "--detach")
        secrets = pass_through(node)
        assert node.run("down")["exit"] == 0
        secrets |= {(node.folder / "node.key").read_text(), re.search(r'secret_key = "(.+)"', (node.folder / "node.toml").read_text())[1]}
        kept = [file for place in ("log", "evidence", "run") for file in (node.folder / place).rglob("*") if file.is_file()]
        found = {str(file.relative_to(node.folder)) for file in kept for one in secrets if len(one) > 8 and one.encode() in file.read_bytes()}
    assert found == set()
    assert (len(secrets) > 15, len(kept) > 3) == (True, True)
