# SPDX-License-Identifier: Apache-2.0
"""Remarks of an import stand where a person looks for them."""

from dataclasses import asdict

from datong.contexts.catalog.domain import EntryDraft, ItemDraft
from datong.contexts.catalog.domain.telling import elsewhere, lacking, remarks

HERE, LINES = ("信息资源", 4), [("信息项", 7), ("信息项", 8)]


def test_a_remark_names_sheet_line_and_column_faults_first():
    told = remarks(
        HERE, LINES, {"items.1.type": "数据类型必填 (give the type)"}, {"update_cycle": "不在可选范围内 (outside)", "odd": "怪"}
    )
    assert [(one.sheet, one.line, one.column, one.fault) for one in told] == [
        ("信息项", 8, "数据类型", True), ("信息资源", 4, "更新周期", False), ("信息资源", 4, "", False),
    ]  # fmt: skip
    assert [one.chinese for one in told] == ["数据类型：数据类型必填", "更新周期：不在可选范围内", "怪"]


def test_an_item_nobody_can_place_is_told_at_the_entry():
    for name in ("items", "items.5.type", "items.0"):
        [one] = remarks(HERE, LINES, {name: "x"}, {})
        assert (one.sheet, one.line) == HERE


def test_the_entry_points_to_its_items_at_fault():
    told = remarks(HERE, [("信息项", line) for line in range(10, 20)], {f"items.{n}.name": "x" for n in range(7)}, {})
    assert elsewhere(told[:2], HERE) == "见“信息项”第 10 行、“信息项”第 11 行"
    assert elsewhere(told, HERE).endswith("“信息项”第 14 行等")
    assert elsewhere(remarks(HERE, LINES, {"name": "x"}, {"items.0.type": "y"}), HERE) == ""


def test_what_an_entry_lacks_is_named_by_its_columns():
    draft = EntryDraft(name="x", update_cycle="daily", items=(ItemDraft(opening_type="open", level="core"),))
    named = lacking(asdict(draft))
    assert {"格式分类", "共享类型", "信息项"} <= set(named) and "更新周期" not in named and len(named) == len(set(named))
