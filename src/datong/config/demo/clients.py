# SPDX-License-Identifier: Apache-2.0
"""The two clients of the demonstration: a person at the control plane, an application at the gateway.

Both speak plain HTTP to the running node, exactly as anybody else would; nothing reaches into the database.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from datong.kernel.errors import DatongError

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Unexpected(DatongError):
    """The node answered something the story does not allow."""

    code, status, title = "unexpected", 500, "Unexpected answer"


@dataclass(slots=True)
class Person:
    """An officer signed in at the control plane."""

    base: str
    account: str
    password: str
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        """Sign in."""
        self.http = httpx.Client(base_url=f"{self.base}/api/v1", timeout=120)
        self._token(self.http.get("/session"))
        self._token(self.http.post("/session", json={"username": self.account, "password": self.password}))

    def renew(self, old: str, new: str) -> None:
        """Change the first password, as every first sign-in must."""
        self._token(self.http.post("/session/password", json={"old": old, "new": new}))
        self.password = new

    def _token(self, answer: httpx.Response) -> None:
        self.http.headers["X-CSRFToken"] = _expect(answer, 200).json()["csrf_token"]

    def get(self, path: str, **query: Any) -> Any:
        """GET; the JSON answer."""
        return _expect(self.http.get(path, params=query), 200).json()

    def post(self, path: str, body: Any = None, *, status: int | None = None) -> Any:
        """POST; the JSON answer. `status` names the refusal the story expects."""
        answer = self.http.post(path, json=body if body is not None else {})
        _expect(answer, *([status] if status else [200, 201, 202]))
        return answer.json() if answer.content else None

    def attempt(self, path: str, body: Any) -> httpx.Response:
        """POST something that may be refused."""
        return self.http.post(path, json=body)

    def upload(self, path: str, file: Path, **form: str) -> Any:
        """POST a file as a form."""
        with file.open("rb") as stream:
            answer = self.http.post(path, files={"file": (file.name, stream)}, data=form)
        return _expect(answer, 200, 202).json()


@dataclass(slots=True)
class Caller:
    """An application of a consumer department at the gateway: its key never leaves it."""

    base: str
    node: str
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    client_id: str = ""
    token: str = ""
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        """Open the connection."""
        self.http = httpx.Client(base_url=self.base, timeout=30)

    @property
    def public_pem(self) -> str:
        """The public key as it is registered."""
        public = self.key.public_key()
        return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()

    def sign_in(self) -> httpx.Response:
        """Exchange a signed client assertion for a short access token (RFC 7523)."""
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.node,
            "iat": now,
            "exp": now + 120,
            "jti": uuid.uuid4().hex,
        }
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": jwt.encode(claims, self.key, algorithm="EdDSA"),
        }
        answer = self.http.post("/oauth2/token", data=form)
        if answer.status_code == 200:
            self.token = answer.json()["access_token"]
        return answer

    def records(self, resource: str, *, purpose: str = "", case: str = "", **query: Any) -> httpx.Response:
        """Ask for records."""
        return self.http.get(f"/v1/resources/{resource}/records", params=query, headers=self._headers(purpose, case))

    def verify(self, resource: str, key: dict[str, Any], claims: dict[str, Any], *, purpose: str, case: str) -> httpx.Response:
        """Ask whether claims are true of the record with this key."""
        body = {"key": key, "claims": claims}
        return self.http.post(f"/v1/resources/{resource}/verify", json=body, headers=self._headers(purpose, case))

    def report(self, resource: str, said: dict[str, Any]) -> httpx.Response:
        """Report an error in the data (809 art. 26)."""
        return self.http.post(f"/v1/resources/{resource}/corrections", json=said, headers=self._headers("", ""))

    def ask(self, href: str) -> httpx.Response:
        """Read what the gateway said is to be read there."""
        return self.http.get(href, headers=self._headers("", ""))

    def _headers(self, purpose: str, case: str) -> dict[str, str]:
        said = {"Datong-Purpose": quote(purpose), "Datong-Case": quote(case), "Datong-User": "demo"}
        return {"Authorization": f"Bearer {self.token}"} | {name: value for name, value in said.items() if value}


def _expect(answer: httpx.Response, *statuses: int) -> httpx.Response:
    if answer.status_code not in statuses:
        request = answer.request
        raise Unexpected(f"{request.method} {request.url.path} answered {answer.status_code}: {answer.text[:600]}")
    return answer
