# SPDX-License-Identifier: Apache-2.0
"""Several hands at once in one basket, on one grant: nothing twice, nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from django.db import connection

from datong.contexts.sharing.models import BasketLine, Request
from datong.contexts.sharing.usecases import baskets, copying
from datong.kernel.errors import Conflict, DatongError, Malformed
from factories.catalog import a_resource, an_open_draft
from factories.sharing import a_grant, a_request_draft, an_applicant

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*attempts: Callable[[], object]) -> list[object]:
    """Run each in a thread and a connection of its own, all released together; give answers or refusals."""
    gate = Barrier(len(attempts))

    def run(attempt: Callable[[], object]) -> object:
        try:
            gate.wait(timeout=60)
            return attempt()
        except DatongError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))


def test_a_resource_put_in_twice_at_once_lies_in_once():
    code, by = a_resource().resource.code, an_applicant()
    answers = at_once(*[lambda: baskets.put_in_basket(code, by=by)] * 4)
    assert not any(isinstance(answer, DatongError) for answer in answers)
    assert BasketLine.objects.count() == 1


def test_a_basket_emptied_twice_at_once_makes_each_request_once():
    by = an_applicant()
    for resource in (a_resource(), a_resource(an_open_draft(name="行政村名录"))):
        baskets.put_in_basket(resource.resource.code, by=by)
    common = replace(a_request_draft(), resource="", items=(), rows=())
    answers = at_once(*[lambda: baskets.ask_together(common, by=by, file=True)] * 3)
    done = [one for answer in answers if isinstance(answer, list) for one in answer if one.number]
    assert len(done) == 2
    assert Request.objects.count() == 2
    assert all(isinstance(answer, (list, Malformed)) for answer in answers)
    assert BasketLine.objects.count() == 0


def test_one_request_at_a_time_changes_a_grant():
    grant, by = a_grant(), an_applicant()
    answers = at_once(*[lambda: copying.amend_grant(grant.number, by=by)] * 4)
    assert sum(isinstance(answer, Conflict) for answer in answers) == 3
    assert Request.objects.filter(amends=grant.number).count() == 1
