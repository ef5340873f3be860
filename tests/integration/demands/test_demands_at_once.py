# SPDX-License-Identifier: Apache-2.0
"""Many people at once on one demand: one wins, the others are told they came too late, one clock and one act are there."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from datong.contexts.audit import face as audit
from datong.contexts.catalog.usecases import tickets
from datong.contexts.demands import face, usecases
from datong.contexts.demands.domain.stages import Stage
from datong.contexts.demands.models import Demand, Responsibility
from datong.contexts.organisations import face as organisations
from datong.contexts.periods.models import Clock
from datong.contexts.sharing.models import Request
from datong.kernel.errors import DatongError, IllegalMove
from factories.catalog import an_authority
from factories.demands import HOLDER, a_demand, a_holder
from factories.organisations import a_department
from factories.sharing import an_applicant

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 12


@pytest.fixture(autouse=True)
def _calendar():
    organisations.seed()


def crowd(*ways: Callable[[], object]) -> list[object]:
    """Let twelve people go these ways, each in a connection of his own, all released together; answers or refusals."""
    gate = Barrier(MANY)

    def run(way: Callable[[], object]) -> object:
        try:
            gate.wait(timeout=60)
            return way()
        except DatongError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(run, (ways[number % len(ways)] for number in range(MANY))))


def won(answers: list[object]) -> int:
    """How many won; all others came too late."""
    refused = [one for one in answers if isinstance(one, DatongError)]
    assert all(isinstance(one, IllegalMove) for one in refused), refused
    return len(answers) - len(refused)


def recorded(number: str, *tags: str) -> int:
    return sum(one.tag in tags for one in audit.acts(subject=number, limit=100))


def test_one_decision_of_the_authority():
    row, by, home = a_demand(stage=Stage.REVIEWING), an_authority(), a_department(HOLDER).uscc
    answers = crowd(
        lambda: usecases.assign_demand(row.number, home, "由其经办", by=by),
        lambda: usecases.decline_demand(row.number, "不是所需", by=by),
        lambda: usecases.withdraw_demand(row.number, by=an_applicant()),
    )
    assigned = Responsibility.objects.count()
    done = recorded(row.number, "demands.demand.assigned", "demands.demand.declined", "demands.demand.withdrawn")
    assert won(answers) == done <= 1 + assigned, "what was assigned may still be withdrawn"
    assert Clock.objects.filter(rule="demand-answer").count() == assigned <= 1


def test_one_answer_and_one_task():
    row, by = a_demand(stage=Stage.ASSIGNED), a_holder()
    answers = crowd(lambda: usecases.accept_demand(row.number, by=by), lambda: usecases.give_back(row.number, "不掌握", by=by))
    assert won(answers) == 1
    accepted = recorded(row.number, "demands.demand.accepted")
    assert accepted + recorded(row.number, "demands.demand.not_held") == 1
    assert Clock.objects.filter(subject_kind="ticket").count() == accepted


def test_one_request_however_often_it_is_asked_for():
    row, by = a_demand(stage=Stage.ANSWERED), an_applicant()
    assert won(crowd(lambda: usecases.request_entry(row.number, by=by))) == MANY
    assert Request.objects.count() == 1 and Demand.objects.get().request_id == Request.objects.get().number


def test_following_at_once_tells_once():
    row = a_demand(stage=Stage.COMPILING)
    tickets.excuse_ticket(Responsibility.objects.get().ticket_id, "已有同类目录", by=an_authority())
    assert sum(int(str(one)) for one in crowd(face.follow)) == 1
    assert recorded(row.number, "demands.demand.task_excused") == 1
