# SPDX-License-Identifier: Apache-2.0
"""Demands in any stage, brought there by the use cases that people would use."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from datong.contexts.demands import usecases
from datong.contexts.demands.domain.drafts import DemandDraft
from datong.contexts.demands.domain.stages import Stage
from datong.contexts.demands.models import Demand
from datong.kernel.actors import Role
from factories.catalog import PROVIDER, a_compiler, a_resource, an_authority, someone
from factories.organisations import a_department
from factories.sharing import a_consumer_head, an_applicant

HOLDER = "浙江省人力资源和社会保障厅"
DRAFT = DemandDraft(
    name="灵活就业人员参保缴费明细",
    items=("公民身份号码", "姓名", "缴费基数", "缴费月份"),
    basis_kind="regulation",
    basis="《社会救助暂行办法》第五十八条",
    scene="低保家庭收入核对，窗口受理环节",
    purpose="核对灵活就业收入",
    coverage="全省，2024年以来",
)
a_holder = partial(someone, Role.COMPILER, HOLDER)


def a_demand_draft(**changes: Any) -> DemandDraft:
    """A complete demand as handed in."""
    return replace(DRAFT, **changes)


def a_demand(draft: DemandDraft | None = None, *, stage: Stage = Stage.DRAFT, holder: str = HOLDER) -> Demand:
    """A demand in a stage."""
    row = usecases.draft_demand(draft or DRAFT, by=an_applicant())
    _onward(row.number, stage, holder)
    return Demand.objects.select_related("department", "resource", "request").get(pk=row.pk)


def _onward(number: str, stage: Stage, holder: str) -> None:
    if stage is Stage.DRAFT:
        return
    if stage is Stage.WITHDRAWN:
        usecases.withdraw_demand(number, by=an_applicant())
        return
    usecases.file_demand(number, by=an_applicant())
    if stage is Stage.FILED:
        return
    if stage is Stage.RETURNED:
        usecases.return_demand(number, "写明用到哪一年", by=a_consumer_head())
        return
    usecases.endorse_demand(number, by=a_consumer_head())
    if stage is Stage.DECLINED:
        usecases.decline_demand(number, "不是履行职责所需", by=an_authority())
    if stage is Stage.MATCHED:
        usecases.match_demand(number, a_resource(provider=PROVIDER).resource.code, by=an_authority())
    if stage in (Stage.ASSIGNED, Stage.COMPILING, Stage.ANSWERED):
        usecases.assign_demand(number, a_department(holder).uscc, "社会保险由其经办", by=an_authority())
    if stage is Stage.COMPILING:
        usecases.accept_demand(number, by=a_compiler(holder))
    if stage is Stage.ANSWERED:
        usecases.supply_entry(number, a_resource(provider=holder).resource.code, by=a_compiler(holder))
