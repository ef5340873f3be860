# SPDX-License-Identifier: Apache-2.0
"""The control plane against its own OpenAPI document: every answer as described, never a 5xx, whoever asks.

Kept here: data is present and addresses name it, so that calls get past the door; each call runs in a transaction of
its own that is undone, so that no call, signing out or suspending an account among them, spoils the next.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.core.failures import FailureGroup

from datong.config.api import api
from datong.contexts.catalog.domain import Stage
from datong.contexts.exchange.models import Batch, Source
from datong.kernel.actors import Role
from factories.api import ROOT, Person, signed_in
from factories.catalog import PROVIDER, a_resource
from factories.organisations import a_department, an_account, some_regions
from factories.sharing import CONSUMER, a_grant, a_request, an_application_of

pytestmark = pytest.mark.django_db
WANTED = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
ROLES: dict[str, tuple[tuple[Role, ...], str | None]] = {
    "provider": ((Role.COMPILER, Role.PROVIDER_HEAD, Role.AUTHORITY), PROVIDER),
    "consumer": ((Role.APPLICANT, Role.CONSUMER_HEAD), CONSUMER),
    "auditor": ((Role.AUDITOR,), None),
    "chief": ((Role.SYSADMIN,), None),
}
GOOD, BAD = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
UNHURRIED = {"deadline": None, "suppress_health_check": list(HealthCheck)}
CALLS = {GOOD: 300, BAD: 150}
"""Calls one person makes in all, two of each operation at least."""
SHARES = {
    ("provider", GOOD): (1, 0), ("consumer", GOOD): (1, 0), ("auditor", GOOD): (3, 0), ("chief", GOOD): (3, 1),
    ("nobody", GOOD): (3, 2), ("provider", BAD): (2, 0), ("chief", BAD): (2, 1),
}  # fmt: skip
"""Who calls with what is allowed or not, to every how-manieth operation and from which on; who may at all is the role sweep's."""
schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
OPERATIONS = [one.ok() for one in schema.get_all_operations()]
EXAMPLES = {mode: max(2, calls // len(OPERATIONS)) for mode, calls in CALLS.items()}
handler = WSGIHandler()


class Scene:
    """What is there, and who may ask."""

    def __init__(self) -> None:
        some_regions()
        self.people = {"nobody": Person()}
        for name, (roles, department) in ROLES.items():
            an_account(name, roles=roles, department=a_department(department) if department else None)
            self.people[name] = signed_in(name)
        granted, asked = a_grant(), a_request()
        code = granted.resource_id
        batch = Batch.objects.create(source=Source.objects.create(resource_id=code, kind="csv", name="a.csv", attached_by="x"), version=1)
        head, sequence = code.split("/")
        self.known: dict[str, list[Any]] = {
            "head": [head], "sequence": [int(sequence)], "entry_id": [a_resource(stage=stage).pk for stage in Stage],
            "requests": [asked.number, granted.request.number], "grants": [granted.number], "batches": [batch.pk],
            "username": list(ROLES), "client_id": [an_application_of().client_id], "uscc": [a_department(PROVIDER).uscc],
            "code": ["330000"], "role": [role.value for role in Role], "resource": [code], "class_code": ["307001"],
        }  # fmt: skip

    def name(self, case: Any, chance: Random) -> None:
        """Let two in three parts of the address and fields of the body name things that are there."""
        kind = case.path.split("/")[3]
        for values in (case.path_parameters, case.body):
            for name in values if isinstance(values, dict) else ():
                known = self.known.get(name) or self.known.get(kind if name == "number" else "")
                if known and chance.random() < 2 / 3:
                    values[name] = chance.choice(known)

    def app(self, who: str) -> Any:
        """Give the control plane as a person's browser reaches it: cookies and token are always theirs."""
        person = self.people[who]
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in person.client.cookies.items())
        return lambda environ, start: handler(environ | {"HTTP_COOKIE": cookies, "HTTP_X_CSRFTOKEN": person.token}, start)


@contextmanager
def one_connection() -> Iterator[None]:
    """Let requests leave the transaction of the test open, as Django's own test client does."""
    for moment in (request_started, request_finished):
        moment.disconnect(close_old_connections)
    try:
        yield
    finally:
        for moment in (request_started, request_finished):
            moment.connect(close_old_connections)


def faults_of(operation: Any, who: str, scene: Scene, mode: GenerationMode) -> str:
    """Call one operation as one person, with what the document allows or does not; what was not as described."""

    @settings(max_examples=EXAMPLES[mode], derandomize=True, database=None, **UNHURRIED)
    @given(operation.as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        scene.name(case, Random(repr(case)))
        with transaction.atomic():
            response = case.call(app=scene.app(who))
            transaction.set_rollback(True)
        case.validate_response(response, checks=CHECKS.get_by_names(WANTED))

    try:
        call()
    except FailureGroup as group:
        return f"{operation.label}: " + "\n".join(str(fault) for fault in group.exceptions)
    return ""


@pytest.mark.parametrize(("who", "mode"), list(SHARES))
def test_every_answer_is_as_described(who: str, mode: GenerationMode):
    scene, (every, begin) = Scene(), SHARES[who, mode]
    with one_connection():
        found = [faults_of(one, who, scene, mode) for one in OPERATIONS[begin::every]]
    assert "\n\n".join(filter(None, found)) == ""


def test_the_document_served_is_this_one():
    served = Client().get(f"{ROOT}/openapi.json")
    assert served.json() == json.loads(json.dumps(schema.raw_schema))
    assert served.json()["openapi"].startswith("3.1")


def test_every_refusal_is_documented_as_a_problem():
    operations = [one for place in schema.raw_schema["paths"].values() for one in place.values()]
    told = [answer for one in operations for status, answer in one["responses"].items() if int(status) >= 400]
    assert {kind for answer in told for kind in answer["content"]} == {"application/problem+json"}
    assert all(one.get("description") and one["operationId"] for one in operations)
