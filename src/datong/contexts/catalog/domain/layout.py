# SPDX-License-Identifier: Apache-2.0
"""Our own template: its pages, heads, clauses, lists and example, and an entry as its rows.

Kept here: row 1 is the head, mandatory columns starred; row 2 says the clause; an example is marked and never imported;
words of closed lists are those of the law. What is written here, `readings` reads back as it was.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from datong.contexts.catalog.domain import columns
from datong.contexts.catalog.domain.entries import ALSO, MANDATORY, EntryDraft, ItemDraft
from datong.contexts.catalog.domain.readings import LISTS, MANY, TICKS
from datong.contexts.catalog.domain.sheets import EXAMPLE, HINT
from datong.kernel.labels import Labelled
from datong.kernel.sharing import ItemType
from datong.wire.workbooks import Cell

CODE = "信息资源代码"
GUIDE = "填写说明"
YES, NO = "是", "否"
WIDE = frozenset({"name", "abstract", "use_conditions", "sharing_scope", "withheld_basis", "withheld_reason", "description"})
MULTIPLE = "可填多个，用分号隔开"
NEEDED = frozenset({*MANDATORY, *ALSO, "class_code"})
ITEM_NEEDED = frozenset({"entry", "name", "type"})


@dataclass(frozen=True, slots=True)
class Layout:
    """One sheet of the template: its title, and field to word in order."""

    title: str
    words: Mapping[str, str]
    needed: frozenset[str]
    clauses: Mapping[str, str]

    @property
    def widths(self) -> dict[int, int]:
        """Column to width."""
        return {place: 36 if name in WIDE else 16 for place, name in enumerate(self.words)}


ENTRY_PAGE = Layout("信息资源", {**columns.ENTRY, "code": CODE}, NEEDED, {
    **columns.CLAUSES, "class_code": "目或细目的代码，如 307001",
    "sharing_use": f"{columns.CLAUSES['sharing_use']}；{MULTIPLE}",
    "sharing_methods": f"{columns.CLAUSES['sharing_methods']}；{MULTIPLE}", "related": "多个用空格隔开",
    "code": "系统赋予，不用填写",
})  # fmt: skip
ITEM_PAGE = Layout("信息项", {"entry": "信息资源名称", **columns.ITEM}, ITEM_NEEDED, {
    "entry": "与“信息资源”表中的名称一致", "field": "小写字母、数字、下划线；不填则由系统拼写",
    "length": "字节数", "type": "编制指南：十一个类型字母",
    "level": "GB/T 43697；不填则同目录", "sharing_type": "不填则同目录", "opening_type": "不填则同目录",
    "element": "数据元清单中的代码；没有则不填",
})  # fmt: skip


def top(page: Layout) -> Iterator[Sequence[object]]:
    """Give the head and the row of clauses."""
    yield [Cell(f"*{word}", "needed") if name in page.needed else Cell(word, "head") for name, word in page.words.items()]
    hints = [page.clauses.get(name, "") for name in page.words]
    yield [Cell(f"{HINT}{hint}" if place == 0 else hint, "hint") for place, hint in enumerate(hints)]


def lists_of(page: Layout) -> dict[int, Sequence[str]]:
    """Give the words to choose from, column by column; columns that hold several have none."""
    found: dict[int, Sequence[str]] = {}
    for place, name in enumerate(page.words):
        if name in TICKS:
            found[place] = (YES, NO)
        elif name in LISTS and name not in MANY:
            found[place] = [_said(LISTS[name], member) for member in LISTS[name]]
    return found


def entry_row(draft: EntryDraft, code: str, *, marked: bool) -> list[object]:
    """Give an entry as a row; a marked one is an example."""
    values = {name: _shown(name, getattr(draft, name)) for name in columns.ENTRY} | {"code": code}
    values["name"] = f"{EXAMPLE}{values['name']}" if marked else values["name"]
    return [values[name] for name in ENTRY_PAGE.words]


def item_rows(draft: EntryDraft, *, marked: bool) -> Iterator[list[object]]:
    """Give the items of an entry as rows."""
    for item in draft.items:
        values = {name: _shown(name, getattr(item, name)) for name in columns.ITEM}
        values["entry"] = f"{EXAMPLE}{draft.name}" if marked else draft.name
        yield [values[name] for name in ITEM_PAGE.words]


def _shown(name: str, value: Any) -> object:
    if name in TICKS:
        return YES if value else NO
    if name == "related":
        return " ".join(value)
    if name in MANY:
        return "；".join(LISTS[name](one).label for one in value)
    return _said(LISTS[name], LISTS[name](value)) if name in LISTS and value in list(LISTS[name]) else value


def _said(kind: type[Labelled], member: Labelled) -> str:
    """A type is shown with its letter, for that is what people write."""
    return f"{member.value} {member.label}" if kind is ItemType else member.label


def example() -> tuple[EntryDraft, str]:
    """Give the example of the template."""
    items = (
        ItemDraft("division_code", "行政区划代码", "C", 12, code_list="GB/T 2260", key=True, nullable=False, query=True),
        ItemDraft("division_name", "行政区划名称", "C", 200, level="general_1", query=True),
        ItemDraft("population", "常住人口", "I", level="general_2", sharing_type="conditional"),
    )
    draft = EntryDraft(
        class_code="307001", name="行政区划代码", abstract="县级以上行政区划代码及其名称，按年度更新并保留历史。",
        format_class="database", format_type="postgresql", sharing_type="conditional", sharing_scope="各级政务部门",
        sharing_use=("reference", "verification"), sharing_methods=("call", "file"), use_conditions="无特别要求",
        opening_type="open", update_cycle="yearly", level="general_2", secrecy_assessment="不涉密，××密评〔2026〕1号",
        personal_assessment="不含个人信息", contact="张三 0571-00000000", system="区划地名系统",
    )  # fmt: skip
    return replace(draft, items=items), ""


def guide() -> Iterator[Sequence[object]]:
    """Give the sheet of instructions."""
    words = (
        "一、“信息资源”一行一条目录，“信息项”一行一个数据项，用名称对应。",
        "二、带星号的列是条例第十三条和编制指南规定的必备内容；报送前须填齐，导入时可以先缺。",
        "三、第二行是说明，以“※”开头；示例以“【示例】”开头。这两种行不会导入，可以删去。",
        "四、有下拉的列请从下拉中选；不在可选范围内的内容留空，原文保留，并在导入结果里标出。",
        "五、代码由系统赋予。国家秘密、工作秘密不得编入。",
        "六、导入在后台分批进行。有误的行不影响其他行；下载导入结果，照“错误说明”改正后再导入一次，已导入的行不会重复建立。",
    )
    return iter([[Cell(word, "text")] for word in words])
