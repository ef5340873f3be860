# SPDX-License-Identifier: Apache-2.0
"""Catalogue entries in any stage, brought there by the use cases that people would use."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

from datong.contexts.catalog import usecases
from datong.contexts.catalog.domain import EntryDraft, ItemDraft, Stage
from datong.contexts.catalog.models import Version
from datong.contexts.catalog.usecases.laws import seed_laws
from datong.contexts.organisations.domain import DepartmentView
from datong.contexts.organisations.models import Department
from datong.kernel.actors import Officer, Role
from factories.organisations import a_department

PROVIDER = "浙江省公安厅"
DATA_BUREAU = "浙江省数据局"
CLASS = "307001"
_numbers = count(1)

ITEMS = (
    ItemDraft("resident_id", "公民身份号码", "C", 18, level="general_3", personal=True, key=True, nullable=False, query=True),
    ItemDraft("name", "姓名", "C", 90, level="general_3", personal=True),
    ItemDraft("division", "行政区划代码", "C", 6, level="general_1", query=True, sharing_type="unconditional"),
    ItemDraft("registered_on", "登记日期", "D", level="general_1"),
    ItemDraft("case_note", "案件备注", "M", level="general_4", sharing_type="withheld"),
)
DRAFT = EntryDraft(
    class_code=CLASS,
    name="常住人口登记信息",
    abstract="全省常住人口登记的基本信息，由公安机关在户籍管理中采集并维护。",
    format_class="database",
    format_type="postgresql",
    sharing_type="conditional",
    sharing_scope="省级政务部门",
    sharing_use=("administrative_basis", "verification"),
    sharing_methods=("call", "verify"),
    withheld_basis_rank="law",
    withheld_basis="《中华人民共和国居民身份证法》第十九条",
    withheld_reason="案件备注涉及侦查",
    use_conditions="仅用于履行法定职责，不得提供给第三方",
    opening_type="closed",
    update_cycle="daily",
    level="general_2",
    secrecy_assessment="不涉密，浙公密评〔2026〕3号",
    personal_assessment="风险可控，浙公个评〔2026〕5号",
    contact="0571-00000000",
    system="人口信息管理系统",
    items=ITEMS,
)


def someone(role: Role, department: DepartmentView | str, *, account: str = "") -> Officer:
    """An officer of a department in one role, as a use case receives it."""
    name = department if isinstance(department, str) else department.name
    known = Department.objects.filter(name=name).values_list("pk", "region_id").first()
    uscc, region = known or _place_of(a_department(name))
    return Officer(account or f"{role.value}-{uscc[-9:].lower()}", role.label, uscc, name, region, frozenset({role}))


def _place_of(home: DepartmentView) -> tuple[str, str]:
    return home.uscc, home.region


def a_compiler(department: DepartmentView | str = PROVIDER) -> Officer:
    return someone(Role.COMPILER, department)


def a_provider_head(department: DepartmentView | str = PROVIDER) -> Officer:
    return someone(Role.PROVIDER_HEAD, department)


def an_authority(department: DepartmentView | str = DATA_BUREAU) -> Officer:
    return someone(Role.AUTHORITY, department)


def a_draft(**changes: Any) -> EntryDraft:
    """A complete entry as handed in."""
    return replace(DRAFT, **changes)


def an_open_draft(**changes: Any) -> EntryDraft:
    """A complete entry of an unconditional resource without personal data."""
    items = (
        ItemDraft("code", "区划代码", "C", 12, level="general_1", key=True, nullable=False, query=True),
        ItemDraft("title", "区划名称", "C", 200, level="general_1", query=True),
        ItemDraft("police_note", "内部备注", "C", 200, level="general_2", sharing_type="conditional"),
    )
    values = {
        "name": "行政区划代码", "abstract": "县级以上行政区划代码及其名称，按年度更新并保留历史。", "sharing_type": "unconditional",
        "sharing_scope": "", "sharing_use": (), "level": "general_1", "items": items, "withheld_basis_rank": "",
        "withheld_basis": "", "withheld_reason": "",
    }  # fmt: skip
    return a_draft(**(values | changes))


def a_resource(draft: EntryDraft | None = None, *, stage: Stage = Stage.PUBLISHED, provider: str = PROVIDER) -> Version:
    """The first version of a new resource in a stage; `.resource.code` is its code."""
    usecases.seed_classes()
    seed_laws()
    compiler, head, authority = a_compiler(provider), a_provider_head(provider), an_authority()
    row = usecases.compile_entry(draft or a_draft(name=f"{DRAFT.name}{next(_numbers)}"), by=compiler)
    if stage is Stage.DRAFT:
        return row
    usecases.file_entry(row.pk, by=compiler)
    if stage is Stage.RETURNED:
        return usecases.return_entry(row.pk, "请补充数据项说明", by=head)
    if stage is Stage.FILED:
        return _again(row)
    usecases.consent_entry(row.pk, by=head)
    if stage is Stage.CONSENTED:
        return _again(row)
    usecases.publish_entry(row.pk, by=authority)
    if stage is Stage.WITHDRAWN:
        return usecases.withdraw_entry(row.pk, "职责调整", by=authority)
    if stage is Stage.SUPERSEDED:
        a_new_version(row.resource.code, provider=provider)
    return _again(row)


def a_new_version(code: str, *, provider: str = PROVIDER, **changes: Any) -> Version:
    """A second version of a published resource, published."""
    compiler = a_compiler(provider)
    row = usecases.new_version(code, by=compiler)
    if changes:
        draft = replace(a_draft(name=row.name), class_code="", **changes)
        usecases.revise_entry(row.pk, draft, by=compiler)
    usecases.file_entry(row.pk, by=compiler)
    usecases.consent_entry(row.pk, by=a_provider_head(provider))
    return usecases.publish_entry(row.pk, by=an_authority())


def _again(row: Version) -> Version:
    return Version.objects.select_related("resource__provider", "resource__class_node").get(pk=row.pk)
