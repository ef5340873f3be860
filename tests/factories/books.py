# SPDX-License-Identifier: Apache-2.0
"""Workbooks of entries as departments hand them in, good and hostile."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from datong.contexts.catalog import usecases
from datong.contexts.catalog.models import ImportJob
from datong.kernel.actors import Officer

VECTORS = Path(__file__).resolve().parents[1] / "conformance/vectors/import-templates"
ENTRY_HEAD = ("*信息资源名称", "分类代码", "信息资源摘要", "共享类型", "更新周期")
ITEM_HEAD = ("*信息资源名称", "*信息项名称", "字段", "*数据类型", "长度", "主键")


def a_book(pages: Mapping[str, Iterable[Sequence[Any]]]) -> openpyxl.Workbook:
    """Sheets by name."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in pages.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    """Its bytes."""
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def entries_book(entries: Iterable[Sequence[Any]], items: Iterable[Sequence[Any]] = ()) -> openpyxl.Workbook:
    """Entries and items below the usual heads."""
    return a_book({"目录": [ENTRY_HEAD, *entries], "项": [ITEM_HEAD, *items]})


def foreign(name: str) -> openpyxl.Workbook:
    """A template of another platform as it ships."""
    return openpyxl.load_workbook(VECTORS / name)


def queued(content: bytes | openpyxl.Workbook, *, by: Officer, name: str = "目录.xlsx", class_code: str = "307001") -> ImportJob:
    """A job that waits."""
    pieces = content if isinstance(content, bytes) else saved(content)
    offer = usecases.offer_file(name, [pieces], taken=("xlsx",), folder=usecases.IMPORTS)
    return usecases.queue_import(offer, class_code, by=by)


def imported(
    content: bytes | openpyxl.Workbook, *, by: Officer, name: str = "目录.xlsx", class_code: str = "307001"
) -> ImportJob:
    """A job that has run."""
    return usecases.run_import(queued(content, by=by, name=name, class_code=class_code).pk)


def read_back(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    """Sheets as rows of values."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


PORTAL_HEAD = {
    "name": "数据集名称", "provider": "来源部门", "description": "数据描述", "open_status": "开放状态", "update_cycle": "更新频率",
    "industry": "所属行业", "domain": "所属领域", "subject": "所属主题", "tags": "标签", "keywords": "关键词", "rows": "数据量",
    "published": "发布时间", "data_updated": "数据更新时间", "security_level": "安全级别", "resource_id": "资源编码", "url": "网址",
}  # fmt: skip
"""What open-data portals say of a dataset, key in examples/data/portal-pages to the word on their pages."""


def portal_book(pages: Iterable[Mapping[str, Any]]) -> openpyxl.Workbook:
    """Pages of open-data portals as the workbook somebody makes of them, one row a page, one row an item."""
    held = list(pages)
    rows = [[_cell(page.get(key)) for key in PORTAL_HEAD] for page in held]
    items = [[page["name"], item["cn"], item["en"], item["type"]] for page in held for item in page["items"]]
    return a_book(
        {"数据集": [list(PORTAL_HEAD.values()), *rows], "数据项": [["数据集名称", "中文名", "英文名", "数据类型"], *items]}
    )


def _cell(value: Any) -> Any:
    return " ".join(value) if isinstance(value, list) else value
