# SPDX-License-Identifier: Apache-2.0
"""Whole workbooks: lines as Excel shows them, formulas nobody computed, errors, hidden sheets, 1904 dates, bombs."""

import zipfile
from datetime import date

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from datong.engine import face as engine
from datong.engine.errors import SourceUnreadable
from factories.sheets import a_parcel


@pytest.fixture
def book(tmp_path):
    made = openpyxl.Workbook()
    made.epoch = CALENDAR_MAC_1904
    sheet = made.active
    sheet.title = "目 录"
    sheet["B3"], sheet["C3"], sheet["D3"] = "名称", date(2026, 1, 5), "=1+1"
    sheet["B5"], sheet["C5"] = "00:10", "#N/A"
    sheet["C5"].data_type = "e"
    sheet.merge_cells("B7:C7")
    sheet["B7"] = "合并"
    made.create_sheet("隐").sheet_state = "hidden"
    made.create_sheet("深").sheet_state = "veryHidden"
    made.save(tmp_path / "书.xlsx")
    return tmp_path / "书.xlsx"


def test_sheets_are_listed_with_what_is_hidden(book):
    assert [(one.name, one.visible) for one in engine.apart(engine.sheets, book)] == [("目 录", True), ("隐", False), ("深", False)]


def test_rows_keep_their_line_and_name_what_holds_no_value(book):
    rows = {row.line: row for row in engine.sheet_rows(book, "目 录")}
    assert list(rows) == [3, 5, 7]
    assert rows[3].cells[:3] == (None, "名称", "2026-01-05") and rows[3].doubts == {3: "formula"}
    assert rows[5].cells[1] == "00:10" and rows[5].doubts == {2: "error"}
    assert rows[7].cells[:3] == (None, "合并", None)


def test_a_computed_formula_is_a_value(book, tmp_path):
    target = tmp_path / "算.xlsx"
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>").replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>"))
    row = next(iter(engine.sheet_rows(target, "目 录")))
    assert (row.cells[3], row.doubts) == ("2", {})


def test_a_sheet_that_is_not_there_is_named(book):
    with pytest.raises(SourceUnreadable):
        list(engine.sheet_rows(book, "没有"))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a book", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), b"a,b\n1,2\n"])
def test_what_is_no_workbook_says_so(tmp_path, content):
    (tmp_path / "x.xlsx").write_bytes(content)
    with pytest.raises(SourceUnreadable):
        engine.sheets(tmp_path / "x.xlsx")


def test_a_bomb_is_refused(tmp_path):
    path = a_parcel(tmp_path, {"xl/workbook.xml": "<workbook/>", "xl/worksheets/sheet1.xml": b"\0" * (64 << 20)})
    with pytest.raises(SourceUnreadable, match="too large"):
        engine.sheets(path)


def test_damage_anywhere_is_refused_or_read(book, tmp_path):
    whole = book.read_bytes()
    for place in range(0, len(whole), 67):
        hurt = bytearray(whole)
        hurt[place] ^= 0xFF
        (tmp_path / "hurt.xlsx").write_bytes(hurt)
        try:
            list(engine.sheet_rows(tmp_path / "hurt.xlsx", "目 录"))
        except SourceUnreadable as error:
            assert error.fields
