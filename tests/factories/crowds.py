# SPDX-License-Identifier: Apache-2.0
"""Two hundred of everything, copied from one that was made properly: for lists that must not slow down as they grow."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import F, Model

from datong.contexts.audit.models import Act, Counter
from datong.contexts.catalog.models import Resource, Version
from datong.contexts.exchange.models import Batch, Call, Source
from datong.contexts.organisations.models import Account, Application, Appointment, Department
from datong.contexts.sharing.domain import Stage
from datong.contexts.sharing.models import Grant, Request, RequestItem
from datong.kernel.actors import Role
from factories.organisations import a_uscc
from factories.sharing import CONSUMER, a_department_of, a_grant, a_request

MANY = 200


def copies(row: Model, change: Callable[[Any, int], None], count: int = MANY) -> list[Any]:
    """Copies of a row, each changed by its number, stored at once."""
    made = []
    for number in range(count):
        one = copy.copy(row)
        one._state = copy.copy(row._state)
        one._state.adding, one._state.fields_cache = True, {}
        if type(row)._meta.pk.get_internal_type() == "BigAutoField":
            one.pk = None
        change(one, number)
        made.append(one)
    return type(row).objects.bulk_create(made)


def a_crowd() -> Grant:
    """Two hundred departments with an account each, applications, resources, requests, grants, batches, calls, acts."""
    grant, asked = a_grant(), a_request(stage=Stage.ENDORSED)
    consumer = a_department_of(CONSUMER)
    homes = copies(Department.objects.get(pk=consumer), lambda one, n: _set(one, uscc=a_uscc(), name=f"第{n}厅", short_name=f"{n}厅"))
    people = [Account(username=f"person{n}", name=f"人{n}", department=homes[n], password="!") for n in range(MANY)]
    Account.objects.bulk_create(people)
    Appointment.objects.bulk_create(Appointment(account=one, role=Role.COMPILER, appointed_by="x") for one in people)
    copies(
        Application.objects.get(pk=grant.application_id),
        lambda one, n: _set(one, client_id=f"app-copy-{n}", name=f"系统{n}", key_id=f"{n:016x}"),
    )
    resources = _resources(grant.resource_id, homes)
    _requests(asked, grant, resources, homes)
    _exchange(resources, grant, homes)
    acts = list(Act.objects.order_by("-seq"))
    copies(acts[0], lambda one, n: _set(one, seq=acts[0].seq + 1 + n, account=f"person{n}", department=consumer))
    Counter.objects.update(value=F("value") + MANY)
    with connection.cursor() as cursor:
        cursor.execute("analyze")  # tables that other tests left empty would be thought to be so still
    return grant


def _set(row: Model, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _resources(code: str, homes: list[Department]) -> list[Resource]:
    first = Resource.objects.get(code=code)
    version, head = first.current, code.split("/", maxsplit=1)[0]
    made = copies(first, lambda one, n: _set(one, code=f"{head}/{1000 + n}", sequence=1000 + n, provider=homes[n], current=None))
    copies(version, lambda one, n: _set(one, resource=made[n], name=f"资源{n}"))
    for one in Version.objects.filter(resource__in=made).select_related("resource"):
        Resource.objects.filter(pk=one.resource_id).update(current=one)
    return list(Resource.objects.filter(pk__in=[one.pk for one in made]).order_by("sequence"))


def _requests(asked: Request, grant: Grant, resources: list[Resource], homes: list[Department]) -> None:
    items = list(asked.items.all())

    def place(one: Request, number: int) -> None:
        _set(one, number=f"R20200101-{number:04d}", resource=resources[number], consumer_id=asked.consumer_id, provider=homes[number])

    copies(asked, place)
    granted = copies(
        grant.request,
        lambda one, n: _set(one, number=f"R20200102-{n:04d}", resource=resources[n], provider=homes[n]),
    )
    RequestItem.objects.bulk_create(RequestItem(request=one, position=item.position, field=item.field) for one in granted for item in items)
    copies(
        grant,
        lambda one, n: _set(one, number=f"G20200102-{n:04d}", request=granted[n], resource=resources[n], provider=homes[n]),
    )


def _exchange(resources: list[Resource], grant: Grant, homes: list[Department]) -> None:
    sources = Source.objects.bulk_create(
        Source(resource_id=grant.resource_id, kind="csv", name=f"{n}.csv", attached_by=f"person{n}") for n in range(MANY)
    )
    Batch.objects.bulk_create(Batch(source=one, version=1) for one in sources)
    Call.objects.bulk_create(
        Call(
            log="gateway-0", index=n, at=datetime.now(UTC), request_id=f"r{n}", grant=grant.number, resource=resources[n].code,
            client=grant.application_id, department=grant.consumer_id, status=200, rows=1,
        )
        for n in range(MANY)
    )  # fmt: skip
