# SPDX-License-Identifier: Apache-2.0
"""Data elements: listed by the authority, each with one source department at most (数源部门, 809 art. 19)."""

import re
from dataclasses import dataclass

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions
from datong.contexts.catalog.domain import EntryDraft
from datong.contexts.catalog.models import DataElement
from datong.contexts.organisations import face as organisations
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import Conflict, Malformed, Unknown
from datong.kernel.sharing import ItemType

CODE = re.compile(r"[A-Z][A-Z0-9_-]{1,31}")
RULE_19 = "政务数据共享条例第十九条"


@dataclass(frozen=True, slots=True)
class ElementDraft:
    """A data element as handed in; `source` is a credit code, empty when nobody is named yet."""

    code: str = ""
    name: str = ""
    type: str = ""
    definition: str = ""
    length: int | None = None
    code_list: str = ""
    source: str = ""


@transaction.atomic
def add_element(draft: ElementDraft, *, by: Officer) -> DataElement:
    """List a data element, as the authority.

    Raises:
        Refused: Not the authority.
        Unknown: No such department.
        Malformed: With every field at fault.
        Conflict: The code is taken.
    """
    permissions.check_may_name_source(by)
    values = _checked(draft)
    source = organisations.department(draft.source).uscc if draft.source else None
    row, new = DataElement.objects.get_or_create(
        code=draft.code, defaults={**values, "source_id": source, "changed_by": by.account}
    )
    if not new:
        raise Conflict(f"数据元 {draft.code} 已存在 (the code is taken)", fields={"code": "已存在 (taken)"})
    audit.record("catalog.element.added", by=by, subject=row.code, facts={"name": row.name, "source": source or ""})
    return row


@transaction.atomic
def name_source(code: str, department: str, *, by: Officer) -> DataElement:
    """Name the one source department of a data element, as the authority.

    Raises:
        Refused: Not the authority.
        Unknown: No such element or department.
        Conflict: Another department is the source: there is one only.
    """
    permissions.check_may_name_source(by)
    row = _element(code)
    home = organisations.department(department)
    if row.source_id and row.source_id != home.uscc:
        raise Conflict(
            f"数据元 {code} 的数源部门已确定 (the element has its source department: there is one only)",
            fields={"department": row.source.name},
            remedy="其他部门为协同部门；确需变更的，先撤销原数源部门 (release the present one first)",
            rule=RULE_19,
        )
    return _source(row, home.uscc, "catalog.element.source_named", by)


@transaction.atomic
def release_source(code: str, *, by: Officer) -> DataElement:
    """Take the source department off a data element, so that another can be named.

    Raises:
        Refused: Not the authority.
        Unknown: No such element.
    """
    permissions.check_may_name_source(by)
    return _source(_element(code), None, "catalog.element.source_released", by)


def unknown(draft: EntryDraft) -> dict[str, str]:
    """Give the items that refer to a data element there is not."""
    wanted = {item.element for item in draft.items if item.element}
    known = set(DataElement.objects.filter(code__in=wanted).values_list("code", flat=True)) if wanted else set()
    return {
        f"items.{place}.element": "没有此数据元 (there is no such data element)"
        for place, item in enumerate(draft.items)
        if item.element and item.element not in known
    }


def _source(row: DataElement, uscc: str | None, tag: str, by: Officer) -> DataElement:
    before, row.source_id, row.changed_by = row.source_id, uscc, by.account
    row.save()
    audit.record(tag, by=by, subject=row.code, facts={"source": uscc or "", "before": before or ""})
    return row


def _element(code: str) -> DataElement:
    rows = DataElement.objects.select_for_update(of=("self",)).select_related("source")
    found = rows.filter(code=code).first() if code.isprintable() else None
    if found is None:
        raise Unknown("没有此数据元 (there is no such data element)")
    return found


def _checked(draft: ElementDraft) -> dict[str, object]:
    faults: dict[str, str] = {}
    if not CODE.fullmatch(draft.code):
        faults["code"] = "大写字母开头，仅含大写字母、数字、-、_，2至32位 (A-Z, then A-Z 0-9 - _, 2 to 32)"
    if draft.type not in list(ItemType):
        faults["type"] = f"请从列表中选择 (choose one of): {', '.join(ItemType)}"
    if draft.length is not None and not 1 <= draft.length < 2**31:
        faults["length"] = "长度为1或更大的字节数 (bytes, 1 or more)"
    values: dict[str, object] = {"type": draft.type, "length": draft.length}
    for name, longest, least in (("name", 100, 1), ("definition", 500, 0), ("code_list", 500, 0)):
        try:
            values[name] = texts.lines(name, getattr(draft, name), longest=longest, least=least)
        except Malformed as fault:
            faults |= fault.fields
    if faults:
        raise Malformed("数据元填写有误 (the element does not read: see the fields)", fields=faults)
    return values
