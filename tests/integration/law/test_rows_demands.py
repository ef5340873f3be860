# SPDX-License-Identifier: Apache-2.0
"""The law as tests: 供需对接 (809 art. 20; 国办发〔2021〕6号), with the fifteen working days of 上海市数据条例 art. 39."""

from dataclasses import replace
from unittest.mock import patch

import pytest
from django.conf import settings

from datong.config.node.folder import BOUNDS
from datong.contexts.catalog import face as catalog
from datong.contexts.catalog import usecases as compiling
from datong.contexts.catalog.domain import Stage as EntryStage
from datong.contexts.demands import face as demands
from datong.contexts.demands import usecases
from datong.contexts.demands.domain.stages import Stage
from datong.contexts.demands.models import Demand
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from factories.catalog import a_provider_head, a_resource, an_authority
from factories.demands import HOLDER, a_demand, a_holder
from factories.organisations import a_department
from factories.sharing import an_applicant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _calendar():
    organisations.seed()


def test_row_65_an_uncatalogued_demand_becomes_a_department_s_task_with_a_clock_and_then_a_request():
    row = a_demand(stage=Stage.REVIEWING)
    assert row.number in [one.number for one in demands.demands(an_authority())], "on the demand list"
    held = usecases.assign_demand(row.number, a_department(HOLDER).uscc, "社会保险由其经办", by=an_authority())
    assert [one.number for one in demands.waiting(a_holder())] == [held.number]
    assert demands.responsibilities(a_holder()).get().answer_due == periods.clock_of(held.number).due
    usecases.accept_demand(row.number, by=a_holder())
    task = catalog.tickets_waiting(a_holder()).get()
    clock = periods.clock_of(task.number)
    assert (task.department_id, clock.rule, clock.days) == (a_department(HOLDER).uscc, periods.Rule.UPDATE, 10)
    entry = a_resource(provider=HOLDER, stage=EntryStage.CONSENTED)
    usecases.supply_entry(row.number, entry.resource.code, by=a_holder())
    assert Demand.objects.get().stage == Stage.COMPILING, "not published yet"
    compiling.publish_entry(entry.pk, by=an_authority())
    demands.follow()
    assert Demand.objects.get().stage == Stage.ANSWERED
    assert any("可以申请" in one.words for one in periods.notices(an_applicant()))
    asked = usecases.request_entry(row.number, by=an_applicant()).request
    assert (asked.resource_id, asked.purpose) == (entry.resource.code, row.purpose)
    assert demands.figures(an_authority()).supply_share == 100


def test_row_65_fifteen_working_days_that_a_node_shortens_and_never_lengthens():
    held = a_demand(stage=Stage.ASSIGNED).responsibilities.get()
    assert periods.clock_of(held.number).days == 15 == periods.STATUTE[periods.Rule.DEMAND]
    assert BOUNDS["demand_days"] == (1, 15)
    with patch.object(settings, "NODE", replace(settings.NODE, demand_days=7)):
        shorter = a_demand(stage=Stage.ASSIGNED).responsibilities.get()
    assert periods.clock_of(shorter.number).days == 7


def test_row_65_what_a_department_does_not_hold_goes_back_to_the_authority():
    row = a_demand(stage=Stage.ASSIGNED)
    usecases.give_back(row.number, "业务已划转", by=a_holder())
    assert [one.number for one in demands.waiting(an_authority())] == [row.number]


def test_row_65_the_head_of_the_department_may_accept_too():
    row = a_demand(stage=Stage.ASSIGNED)
    usecases.accept_demand(row.number, by=a_provider_head(HOLDER))
    assert Demand.objects.get().stage == Stage.COMPILING
