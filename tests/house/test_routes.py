# SPDX-License-Identifier: Apache-2.0
"""Every address asks who comes, and none breaks whoever comes."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from datong.config.api import api
from datong.config.pages import guard
from datong.contexts.organisations.api.auth import SignedIn
from datong.contexts.sharing.domain import GrantStage
from datong.kernel.actors import Role
from factories import catalog, connections, organisations, sharing
from factories.routes import Route, operations, routes, writes

PUBLIC_PAGES = {"home", "search", "suggest", "resource", "sign_in"} | {"feed", "document", "robots", "sitemap", "opensearch"}
PUBLIC_PAGES |= {"new_complaint", "complaint_status", "activate"}
PUBLIC_OPERATIONS = {"list_classes", "search_resources", "suggest_resources", "get_resource", "get_session", "sign_in"}
PUBLIC_OPERATIONS |= {f"export_resources_{kind}" for kind in ("csv", "xlsx", "jsonl")}
OWN_DOORS = ("api/v1/", "i18n/", "healthz", "readyz", "metrics")
WITHOUT_OFFICER = {"healthz", "readyz", "metrics", "openapi-json", "openapi-view", "set_language"}
OUTSIDERS = {200, 301, 302, 400, 401, 403, 404, 405, 422}
SPARE = "没有这样的部门"
READ_FIRST = ("/sources", "/sources/inspect", "/skip", "/opinion")
"""Ends of paths of operations that want a file, or a reason of some length, before they look whose it is: they say so to anybody."""


def test_every_page_asks_who_unless_it_is_public():
    pages = [route for route in routes() if not route.path.startswith(OWN_DOORS)]
    assert len(pages) > 40
    assert {route.name for route in pages if not getattr(route.view, "login_required", True)} == PUBLIC_PAGES


def test_the_guard_stands_behind_the_one_who_knows_the_officer():
    order = [name.rpartition(".")[2] for name in settings.MIDDLEWARE]
    assert order.index("OfficerMiddleware") < order.index("GuardMiddleware")
    assert tuple(path.strip("/") for path in guard.OWN_DOORS if path != "/static/") == tuple(
        path.strip("/") for path in OWN_DOORS
    )


def test_every_operation_asks_who_unless_it_is_public():
    assert [type(one) for one in api.auth] == [SignedIn]
    found = list(operations())
    assert len(found) > 50
    open_to_all = {one.operation_id for _, one in found if one.auth_param is None}
    assert open_to_all == PUBLIC_OPERATIONS


def test_every_operation_has_a_name_of_its_own():
    names = Counter(one.operation_id for _, one in operations())
    assert [name for name, times in names.items() if times > 1 or not name] == []


def test_every_operation_says_how_it_refuses():
    silent = [
        f"{sorted(one.methods)} {path}"
        for path, one in operations()
        if not any(isinstance(status, int) and status >= 400 for status in one.response_models)
    ]
    assert silent == []


@pytest.fixture
def world(db) -> dict[str, Any]:
    """A published resource, a request and a grant between two departments; values for every name in a path."""
    grant, request, version = sharing.a_grant(), sharing.a_request(), catalog.a_resource()
    disposal = sharing.a_grant(stage=GrantStage.EXPIRED).disposal.number
    head, _, sequence = version.resource.code.partition("/")
    return {
        "head": head, "sequence": sequence, "version": version.pk, "entry_id": version.pk, "number": request.number,
        "grant": grant.number, "connection": connections.a_connection(connections.a_keeper(), secret="s").number, "client_id": sharing.an_application_of().client_id, "username": "nobody.here",
        "role": Role.AUTHORITY, "uscc": version.resource.provider_id, "code": "330000", "verb": "file", "pair": 1, "period_id": 1,
        "notice_id": 1, "notice": 1, "clock": 1, "ticket_id": 1, "ticket": 1, "removal_id": 1, "removal": 1, "law_id": 1,
        "policy_id": 1, "policy": 1, "system_id": 1, "system": 1, "duty_id": 1, "duty": 1, "kind": "systems", "key": 1, "line": 1,
        "delegation": 1, "delegation_id": 1, "message": 1, "message_id": 1, "act": "try", "paper": "receipt",
        "log": "acts", "index": 0, "disposal": disposal, "change": "S20260101-0001", "delivery": "J20260101-0001", "subscription": "E20260101-0001", "place": 0, "schedule": 1, "recipient": 1,
    }  # fmt: skip


def addresses(world: dict[str, Any]) -> list[tuple[Route, str]]:
    """Every address once, grants' and batches' numbers included."""
    filled = []
    for route in routes():
        values = {**world, "number": world["grant"]} if "grants/" in route.path else world
        values = {**values, "number": 1} if {"batches", "drifts", "imports", "schedules", "sources", "versions"} & set(route.path.split("/")) else values
        values = {**values, "number": world["connection"]} if "connections" in route.path.split("/") else values
        assert route.parameters <= set(values), route.path
        filled.append((route, route.address(values)))
    return filled


@pytest.mark.django_db
def test_strangers_are_led_to_the_door(world):
    stranger = Client(raise_request_exception=False)
    known = addresses(world)
    names = PUBLIC_PAGES | PUBLIC_OPERATIONS | WITHOUT_OFFICER
    public = {address for route, address in known if route.name in names or route.path == "api/v1/"}
    answers = {address: stranger.get(address).status_code for _, address in known}
    broken = {address: status for address, status in answers.items() if status >= 500}
    inside = {address: status for address, status in answers.items() if status not in {302, 401, 404, 405}}
    assert broken == {}
    assert inside.keys() - public == set()


@pytest.mark.django_db
@pytest.mark.parametrize("home", [catalog.PROVIDER, SPARE, None], ids=["provider", "another department", "of the node itself"])
def test_no_address_breaks_for_any_role_of_any_department(world, home):
    broken, only_written = {}, set()
    of_the_node = (Role.SYSADMIN, Role.SECURITY, Role.AUDITOR)
    for role in of_the_node if home is None else {*Role, None} - {*of_the_node}:
        department = organisations.a_department(home) if home else None
        officer = Client(raise_request_exception=False)
        officer.force_login(organisations.an_account(roles=[role] if role else [], department=department))
        answers = {(role, address): officer.get(address).status_code for _, address in addresses(world) if address not in only_written}
        broken |= {asked: status for asked, status in answers.items() if status not in OUTSIDERS}
        only_written |= {address for (_, address), status in answers.items() if status == 405}  # the method is refused before a role is looked at
    assert broken == {}


@pytest.mark.django_db
def test_another_department_sees_nothing_of_a_request_and_a_grant(world):
    outsider = Client()
    outsider.force_login(organisations.an_account(roles=[Role.APPLICANT], department=organisations.a_department(SPARE)))
    hidden = [f"/requests/{world['number']}", f"/grants/{world['grant']}"]
    hidden += [f"/api/v1{path}" for path in hidden] + [f"/api/v1/grants/{world['grant']}/document"]
    assert {path: outsider.get(path).status_code for path in hidden} == dict.fromkeys(hidden, 404)


@pytest.mark.django_db
@pytest.mark.parametrize("roles", [(Role.APPLICANT, Role.COMPILER), (Role.CONSUMER_HEAD, Role.PROVIDER_HEAD), (Role.AUDITOR,)])
def test_nobody_writes_to_what_is_anothers(world, roles):
    """Every writing operation that names a thing, with a body its schema takes, by officers whose thing it is not."""
    home = None if roles[0] == Role.AUDITOR else organisations.a_department(SPARE)
    officer = Client(raise_request_exception=False)
    officer.force_login(organisations.an_account(roles=roles, department=home))
    taken = {}
    for method, path, body in writes():
        if "{" in path and not path.endswith(READ_FIRST):
            values = {**world, "number": world["grant"]} if "grants/" in path else world
            address = re.sub(r"\{(?:\w+:)?(\w+)\}", lambda name, known=values: str(known[name[1]]), path)
            answer = officer.generic(method, address, json.dumps(body or {}), content_type="application/json")
            taken |= {(method, path): answer.status_code} if answer.status_code not in {403, 404} else {}
    assert taken == {}
