# SPDX-License-Identifier: Apache-2.0
"""Workbooks: cells as text, and files that want to harm."""

import struct
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from datong.engine import face as engine
from datong.engine.backends.sources.workbook import XlsxSource
from datong.engine.base import Limits
from datong.engine.errors import SourceUnreadable
from factories.sheets import WORKBOOK, a_parcel, a_schema, a_workbook, land, rows_of


def cells(path, **options):
    source = XlsxSource(path, **options)
    seen = source.inspect()
    rows = {}
    for block in source.blocks(seen):
        rows |= dict(zip(block.lines, zip(*block.columns, strict=True), strict=True))
    return rows


def test_cells_read_as_excel_shows_them(tmp_path):
    path = a_workbook(tmp_path, [
        ["文", "整", "小", "日", "时刻", "时间", "真", "空", "零首"],
        ["浙江", 110000, 0.1 + 0.2, date(2020, 1, 5), datetime(2020, 1, 5, 8, 30), time(5, 47), True, None, "0012"],
        [None] * 9,
        [" 空 格 ", -7, 1e-7, None, None, timedelta(hours=26), False, None, "<b>"],
    ])  # fmt: skip
    rows = cells(path)
    assert rows[2] == ("浙江", "110000", "0.3", "2020-01-05", "2020-01-05 08:30:00", "05:47:00", "true", None, "0012")
    assert rows.keys() == {2, 4}
    assert rows[4][:3] == (" 空 格 ", "-7", "0.0000001")


def test_a_workbook_lands_by_declared_types(tmp_path):
    path = a_workbook(tmp_path, [["代码", "日期", "数"], [110000, datetime(2020, 1, 5), 3.0], ["00120", "2020/1/6", "x"]])
    columns = {"code": "代码", "day": "日期", "n": "数"}
    land(engine.XlsxSource(path), a_schema(code="C", day="D", n="I"), tmp_path / "t", columns=columns)
    assert rows_of(tmp_path / "t") == [{"code": "110000", "day": date(2020, 1, 5), "n": 3}]
    assert [row["line"] for row in engine.quarantine(tmp_path / "t", "b1")] == [3]


def test_gaps_of_merged_cells_stay_empty(tmp_path):
    path = a_workbook(tmp_path, [["车次", "站"], ["G1", "北京"], [None, "上海"]], merged="A2:A3")
    assert cells(path) == {2: ("G1", "北京"), 3: (None, "上海")}


def test_formulas_come_as_the_value_last_computed(tmp_path):
    sheet = '<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="2"><c r="A2"><f>1+1</f><v>2</v></c></row></sheetData></worksheet>'
    assert cells(a_parcel(tmp_path, a_book(sheet))) == {2: ("2",)}


def a_doubtful_book(tmp_path, columns=("代码", "数", "闲")):
    """Row 3 a formula never computed, row 4 an error in an item, row 5 one beside the items, row 7 nothing but errors."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [columns, ("001", 1, None), ("002", "=1+1", None), ("003", "#N/A", None), ("004", 4, "#REF!"), (), (None, None, "#N/A")]:
        sheet.append(row)
    for cell in ("B4", "C5", "C7"):
        sheet[cell].data_type = "e"
    book.save(tmp_path / "疑.xlsx")
    return tmp_path / "疑.xlsx"


@pytest.mark.parametrize("shift", [0, 2])
def test_a_formula_nobody_computed_and_an_error_are_faults_of_their_row_and_not_empty(tmp_path, shift):
    path = a_doubtful_book(tmp_path)
    if shift:
        book = openpyxl.load_workbook(path)
        book.active.insert_cols(1, shift)
        book.save(path)
    made = land(engine.XlsxSource(path), a_schema(code="C", n="I"), tmp_path / "t", columns={"code": "代码", "n": "数"})
    assert (made.rows_good, made.rows_bad) == (2, 2)
    assert [row["code"] for row in rows_of(tmp_path / "t")] == ["001", "004"]
    told = [(row["line"], row["code"], row["raw"]) for row in engine.quarantine(tmp_path / "t", "b1")]
    assert told == [(3, "uncomputed", "002\t=?\t"), (4, "error_cell", "003\t#?\t")]
    assert all("公式" in row["reason"] or "错误值" in row["reason"] for row in engine.quarantine(tmp_path / "t", "b1"))


def test_a_row_of_nothing_but_an_error_in_an_item_is_told_too(tmp_path):
    made = land(engine.XlsxSource(a_doubtful_book(tmp_path)), a_schema(code="C", x="c"), tmp_path / "t", columns={"code": "代码", "x": "闲"})
    assert (made.rows_good, [row["line"] for row in engine.quarantine(tmp_path / "t", "b1")]) == (3, [5, 7])


def test_a_rehearsal_counts_doubtful_rows_as_a_landing_does(tmp_path):
    seen = engine.rehearse(engine.XlsxSource(a_doubtful_book(tmp_path)), a_schema(code="C", n="I"), {"code": "代码", "n": "数"}, tmp_path / "r")
    assert {(one.code, one.rows) for one in seen.misfits} == {("uncomputed", 1), ("error_cell", 1)}


def test_dates_counted_from_1904_are_the_dates_excel_shows(tmp_path):
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["代码", "日期", "时间"])
    book.active.append(["001", date(2020, 1, 5), datetime(2020, 1, 5, 8, 30)])
    book.save(tmp_path / "苹.xlsx")
    assert cells(tmp_path / "苹.xlsx") == {2: ("001", "2020-01-05", "2020-01-05 08:30:00")}


def test_codes_clock_times_and_weekdays_typed_as_text_stay_what_they_were(tmp_path):
    typed = ["0123456", "00:10", "星期一", "Mon", "1e5", "1-2", "007.10", "TRUE", "2020年1月"]
    path = a_workbook(tmp_path, [["代码", "文"], *([f"00{n}", text] for n, text in enumerate(typed))])
    land(engine.XlsxSource(path), a_schema(code="C", text="C"), tmp_path / "t", columns={"code": "代码", "text": "文"})
    assert [row["text"] for row in rows_of(tmp_path / "t")] == typed


def test_repeated_headers_and_other_sheets(tmp_path):
    path = a_workbook(tmp_path, [["说明"], ["站", "时", "时", None], ["a", 1, 2, 3]])
    seen = XlsxSource(path, sheet="Sheet", header_row=2).inspect()
    assert seen.columns == ("站", "时#1", "时#2", "#4")
    assert (seen.sheets, seen.duplicates) == (("Sheet",), ("时",))
    assert cells(path, header_row=2) == {3: ("a", "1", "2", "3")}


@pytest.mark.parametrize(("options", "field"), [({"sheet": "无"}, "sheet"), ({"header_row": 9}, "header_row"), ({"header_row": 0}, "header_row")])
def test_a_sheet_or_header_that_is_not_there_is_named(tmp_path, options, field):
    with pytest.raises(SourceUnreadable) as caught:
        XlsxSource(a_workbook(tmp_path, [["a"], [1]]), **options).inspect()
    assert field in caught.value.fields


def a_book(sheet):
    """Parts of a workbook whose only sheet is this XML."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    link = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    return {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships><Relationship Id="r0" Type="{kind[:-9]}officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {space} {link}><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="r1" Type="{kind}" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet.replace("<worksheet>", f"<worksheet {space}>"),
    }


def refused(path, words, **limits):
    with pytest.raises(SourceUnreadable, match=words) as caught:
        XlsxSource(path, limits=Limits(**limits)).inspect()
    assert caught.value.fields
    assert caught.value.remedy


def test_a_bomb_of_one_part_is_refused_by_its_ratio(tmp_path):
    refused(a_parcel(tmp_path, {"xl/workbook.xml": WORKBOOK, "xl/media/x": b"0" * 30_000_000}), "swells")


def test_a_bomb_of_many_parts_is_refused_by_its_size(tmp_path):
    parts = {f"xl/{n}": bytes(range(256)) * 4000 for n in range(8)}
    refused(a_parcel(tmp_path, {"xl/workbook.xml": WORKBOOK, **parts}), "unpacks", workbook_bytes=4_000_000, workbook_ratio=10_000)


def test_sizes_are_counted_and_not_believed(tmp_path):
    path = a_parcel(tmp_path, {"xl/workbook.xml": WORKBOOK, "xl/worksheets/sheet1.xml": b" " * 30_000_000})
    content = path.read_bytes().replace(struct.pack("<I", 30_000_000), struct.pack("<I", 30))
    path.write_bytes(content)
    refused(path, "swells")


def test_too_many_parts_are_refused(tmp_path):
    refused(a_parcel(tmp_path, {"xl/workbook.xml": WORKBOOK} | {f"x{n}": "" for n in range(2001)}), "parts")


@pytest.mark.parametrize("quote", ['"', "'"])
def test_two_cells_at_the_ends_of_the_world_are_no_table(tmp_path, quote):
    rows = f'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r={quote}XFD1048576{quote}><v>1</v></c></row>'
    refused(a_parcel(tmp_path, a_book(f"<worksheet><sheetData>{rows}</sheetData></worksheet>")), "1048576 rows by 16384")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not an XLSX"),
        (b"a,b\n1,2\n", "not an XLSX"),
        (b"PK\x03\x04", "damaged"),
        (b"PK" + bytes(500), "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), r"\.xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    ],
)
def test_what_is_no_workbook_says_so(tmp_path, content, words):
    (tmp_path / "x.xlsx").write_bytes(content)
    refused(tmp_path / "x.xlsx", words)


def test_other_zips_are_no_workbook(tmp_path):
    refused(a_parcel(tmp_path, {"word/document.xml": "<w/>"}), "not an XLSX")


def test_an_encrypted_zip_is_refused(tmp_path):
    path = a_parcel(tmp_path, {"xl/workbook.xml": WORKBOOK})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    refused(path, "encrypted")


def test_truncated_anywhere_it_is_refused_or_read(tmp_path):
    whole = a_workbook(tmp_path, [["a", "b"], [1, "x"]]).read_bytes()
    for cut in range(0, len(whole), 97):
        (tmp_path / "cut.xlsx").write_bytes(whole[:cut])
        with pytest.raises(SourceUnreadable):
            XlsxSource(tmp_path / "cut.xlsx").inspect()


def test_flipped_anywhere_it_is_refused_or_read(tmp_path):
    whole = a_workbook(tmp_path, [["a", "b"], [1, "x"]]).read_bytes()
    for place in range(0, len(whole), 41):
        hurt = bytearray(whole)
        hurt[place] ^= 0xFF
        (tmp_path / "hurt.xlsx").write_bytes(hurt)
        try:
            cells(tmp_path / "hurt.xlsx")
        except SourceUnreadable as error:
            assert error.fields


@pytest.mark.parametrize("sheet", ["", "<worksheet>", "no xml", "<worksheet><sheetData><row><c t='s'><v>99</v></c></row></sheetData></worksheet>"])
def test_broken_sheets_are_refused(tmp_path, sheet):
    with pytest.raises(SourceUnreadable):
        XlsxSource(a_parcel(tmp_path, a_book(sheet))).inspect()
