# SPDX-License-Identifier: Apache-2.0
"""A person at the control-plane API: signs in by the API itself, sends the CSRF token with every write."""

from __future__ import annotations

from typing import Any

from django.test import Client

from factories.organisations import PASSWORD

ROOT = "/api/v1"


class Person:
    """One browser or program; `answer = person.post("/departments", {...})`."""

    def __init__(self) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.token = self.get("/session").json()["csrf_token"]

    def signs_in(self, username: str, password: str = PASSWORD, code: str = "") -> Any:
        """Sign in; the answer, and the new token is taken up."""
        answer = self.post("/session", {"username": username, "password": password, "code": code})
        if answer.status_code == 200:
            self.token = answer.json()["csrf_token"]
        return answer

    def get(self, path: str, **query: Any) -> Any:
        """GET."""
        return self.client.get(ROOT + path, query)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """POST JSON, perhaps under an idempotency key."""
        headers = {"X-CSRFToken": self.token} | ({"Idempotency-Key": key} if key is not None else {})
        return self.client.post(ROOT + path, body, content_type="application/json", headers=headers)

    def put(self, path: str, body: Any) -> Any:
        """PUT JSON."""
        return self.client.put(ROOT + path, body, content_type="application/json", headers={"X-CSRFToken": self.token})

    def delete(self, path: str) -> Any:
        """DELETE."""
        return self.client.delete(ROOT + path, headers={"X-CSRFToken": self.token})


def signed_in(username: str, password: str = PASSWORD) -> Person:
    """A person who has just signed in."""
    person = Person()
    answer = person.signs_in(username, password)
    assert answer.status_code == 200, answer.content
    return person
