# SPDX-License-Identifier: Apache-2.0
"""Sheets as people fill them in: heads are found, words read, what does not read is flagged and kept raw."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.catalog.domain import layout
from datong.contexts.catalog.domain.entries import EntryDraft, ItemDraft
from datong.contexts.catalog.domain.readings import ALIKE, LISTS, read
from datong.contexts.catalog.domain.sheets import Kind, find_head, lines, plain
from datong.engine.base import Row
from datong.wire.workbooks import Cell


def rows_of(*cells, start=1):
    plain_cells = [[one.value if isinstance(one, Cell) else one for one in row] for row in cells]
    return [Row(number, tuple(None if one in (None, "") else str(one) for one in row), {}) for number, row in enumerate(plain_cells, start)]


def read_rows(entries, items=(), **more):
    parts = []
    for name, rows in (("目录", entries), ("项", items)):
        found = rows_of(*rows)
        head = find_head(found)
        parts.append(list(lines(name, head, found)) if head else [])
    return read(*parts, lonely="独", sounds=more.get("sounds", {}))


ENTRY = ("信息资源名称", "共享类型", "更新周期", "信息资源代码", "使用用途", "共享条件/不予共享依据")
ITEM = ("信息资源名称", "信息项名称", "字段", "数据类型", "长度", "主键", "涉密属性", "敏感属性")


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([ENTRY], 1),
        ([["填表说明：\n*号代表必填"], ["基本属性", None, "共享"], ENTRY], 3),  # instructions, group heads
        ([["信息资源名称", "共享", None], [None, "共享类型", "更新周期"]], 2),  # merged downwards
        ([["*信息资源名称 ", "共享 类型：", "更新周期（必填）"]], 1),
    ],
)
def test_heads_are_found_whatever_stands_above(rows, line):
    head = find_head(rows_of(*rows))
    assert (head.line, head.kind) == (line, Kind.ENTRIES)
    assert {"name", "sharing_type", "update_cycle"} <= set(head.known.values())


@pytest.mark.parametrize("rows", [[], [["甲", "乙"]], [["信息资源名称"]], [["信息项名称", "说明"]], [[None]] * 20 + [ENTRY]])
def test_what_is_no_head(rows):
    assert find_head(rows_of(*rows)) is None


def test_items_are_told_from_entries():
    assert find_head(rows_of(ITEM)).kind is Kind.ITEMS


def test_words_are_read_as_values():
    [made], orphans = read_rows(
        [ENTRY, ["甲", "有条件共享", "每日", "", "行政依据；数据校核", "本省部门"], ["", "", "", "", "", ""]],
        [ITEM, ["甲", "代码", "CODE", "C 字符型", "12", "是", "非涉密", "非敏感"], ["甲", "日期", "d", "日期型", "8.0", "否"]],
    )
    assert orphans == [] and made.faults == {}
    assert (made.draft.sharing_type, made.draft.update_cycle, made.draft.sharing_use, made.draft.use_conditions) == (
        "conditional", "daily", ("administrative_basis", "verification"), "本省部门",
    )  # fmt: skip
    assert [(one.field, one.type, one.length, one.key, one.nullable) for one in made.draft.items] == [("code", "C", 12, True, False), ("d", "D", 8, False, True)]
    assert made.flags == {"items.0.field": "字段“CODE”改写为 code (rewritten as an identifier)"}
    assert made.item_lines == [("项", 2), ("项", 3)]


def test_rule_34_bad_codes_are_flagged_and_kept_raw():
    rows = [ENTRY, ["甲", "", "", "41/007"], ["乙", "", "", "3070010001/12"]]
    (bad, good), _ = read_rows(rows)
    assert (bad.raw["信息资源代码"], good.raw["信息资源代码"]) == ("41/007", "3070010001/12")
    assert "不合编码规则" in bad.flags["code"] and "不合" not in good.flags["code"]


def test_words_outside_a_list_are_flagged_and_kept_raw():
    [made], _ = read_rows([ENTRY, ["甲", "也许共享", "每世纪"]], [ITEM, ["甲", "代码", "c", "奇怪型", "很长"]])
    assert (made.draft.sharing_type, made.draft.items[0].type, made.draft.items[0].length) == ("", "", None)
    assert set(made.flags) == {"sharing_type", "update_cycle", "items.0.type", "items.0.length"}
    assert made.raw == {"共享类型": "也许共享", "更新周期": "每世纪", "项 2 数据类型": "奇怪型", "项 2 长度": "很长"}


def test_what_withholds_is_a_basis_and_secrets_stay_secrets():
    [made], _ = read_rows([ENTRY, ["甲", "不予共享", "", "", "", "某法第一条"]], [ITEM, ["甲", "代码", "c", "C", "", "", "涉密", "敏感"]])
    assert (made.draft.withheld_basis, made.draft.use_conditions, made.draft.secrecy) == ("某法第一条", "", "state_secret")
    assert made.draft.items[0].personal and "items.0.personal" in made.flags


def test_items_without_an_entry_are_told_with_their_row():
    _, orphans = read_rows([ENTRY, ["甲"]], [ITEM, ["乙", "代码", "c", "C"], ["", "无主", "d", "C"]])
    assert [line.line for line, _why in orphans] == [2, 3]


def test_a_workbook_of_items_alone_is_one_entry():
    [made], orphans = read_rows([], [["*信息项名称", "*数据类型", "*信息项描述"], ["姓名", "字符型", "人的名字"]], sounds={"姓名": ("xing", "ming")})
    assert orphans == [] and made.draft == EntryDraft(name="独", items=(ItemDraft("xing_ming", "姓名", "C", description="人的名字"),))


def test_formulas_and_errors_are_faults_of_their_row():
    rows = [Row(1, ENTRY, {}), Row(2, ("甲", None, None), {1: "formula", 2: "error"})]
    [made], _ = read(list(lines("目录", find_head(rows), rows)), [], lonely="", sounds={})
    assert set(made.faults) == {"sharing_type", "update_cycle"} and "公式" in made.faults["sharing_type"]


def test_hints_and_examples_are_passed_over():
    draft, _ = layout.example()
    rows = [*layout.top(layout.ENTRY_PAGE), layout.entry_row(draft, "", marked=True)]
    assert read_rows(rows)[0] == []


@pytest.mark.parametrize(("name", "word"), [(name, word) for name, words in ALIKE.items() for word in words])
def test_words_of_other_platforms_mean_values_there_are(name, word):
    assert ALIKE[name][word] in list(LISTS[name])
    assert plain(word) == word


TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N")), min_size=1, max_size=12)
ITEMS = st.builds(
    ItemDraft, field=st.from_regex(r"\A[a-z][a-z0-9]{0,20}\Z"), name=TEXT, type=st.sampled_from("CDITLM"), length=st.none() | st.integers(1, 9999),
    personal=st.booleans(), key=st.just(False), nullable=st.booleans(), query=st.booleans(), sharing_type=st.sampled_from(["", *LISTS["sharing_type"]]).map(str),
    level=st.sampled_from(["", *LISTS["level"]]).map(str), code_list=st.just("") | TEXT, description=st.just("") | TEXT,
)  # fmt: skip
CHOSEN = {name: st.sampled_from(["", *LISTS[name]]).map(str) for name in ("format_class", "sharing_type", "opening_type", "update_cycle", "level")}
DRAFTS = st.builds(
    EntryDraft, name=TEXT, abstract=st.just("") | TEXT, class_code=st.sampled_from(["307001", ""]), sharing_use=st.lists(st.sampled_from(list(LISTS["sharing_use"])).map(str), unique=True).map(tuple),
    sharing_methods=st.lists(st.sampled_from(list(LISTS["sharing_methods"])).map(str), unique=True).map(tuple), related=st.sampled_from([(), ("307001/1", "307001/22")]),
    items=st.lists(ITEMS, max_size=4, unique_by=lambda one: one.field).map(tuple), **CHOSEN,
)  # fmt: skip


@given(DRAFTS)
def test_what_is_written_reads_back_as_it_was(draft):
    entries = [*layout.top(layout.ENTRY_PAGE), layout.entry_row(draft, "307001/9", marked=False)]
    items = [*layout.top(layout.ITEM_PAGE), *layout.item_rows(draft, marked=False)]
    [made], orphans = read_rows(entries, items)
    assert (made.draft, made.faults, orphans) == (draft, {}, [])
    assert set(made.flags) == {"code"}


@given(st.lists(st.lists(st.none() | st.text(max_size=12), max_size=8), max_size=6))
def test_any_cells_below_a_head_are_read_without_a_fault_of_ours(cells):
    made, orphans = read_rows([ENTRY, *cells], [ITEM, *cells])
    assert len(made) + len(orphans) <= 2 * len(cells)
