# SPDX-License-Identifier: Apache-2.0
"""Lists for spreadsheets: no cell is a formula, nothing is lost, and a long list needs no more memory than a short one."""

from __future__ import annotations

import csv
import io
from itertools import islice

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from datong.wire.spreadsheet import encode_csv, stream_csv
from datong.wire.workbook import LONGEST_CELL, stream_xlsx

CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
BAD = ("=1+1", "+86 571", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠A")


def book(header, rows, **more):
    return openpyxl.load_workbook(io.BytesIO(b"".join(stream_xlsx(header, rows, sheet="目录", **more))))


def sheet(header, rows):
    return [[cell.value for cell in row] for row in book(header, rows).active.iter_rows()]


@pytest.mark.parametrize("text", BAD)
def test_csv_never_starts_a_formula(text):
    lines = list(csv.reader(io.StringIO(encode_csv([text], [[text]]).decode("utf-8-sig"), newline="")))
    assert lines == [[f"'{text}"], [f"'{text}"]]


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=4))
@example([["a,b", 'c"d', "007"]])
def test_csv_reads_back(rows):
    made = b"".join(stream_csv(["一", "二", "三"], rows))
    assert made.startswith(b"\xef\xbb\xbf")
    back = list(csv.reader(io.StringIO(made.decode("utf-8-sig"), newline="")))[1:]
    assert back == [[f"'{cell}" if cell.startswith(BAD_HEADS) else cell for cell in row] for row in rows]


BAD_HEADS = tuple(one[0] for one in BAD)


@settings(max_examples=30)
@given(st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=3))
@example([["=1+1", "007"], ["<b>&amp;</b>", '"]]>']])
@example([["a\nb", "a\tb"]])
def test_xlsx_reads_back_as_texts(rows):
    assert sheet(["代码", "名称"], rows) == [["代码", "名称"], *[[cell or None for cell in row] for row in rows]]


def test_xlsx_has_texts_numbers_and_nothing_else():
    found = book(["a", "b", "c", "d"], [("=1", 12, None, 10**17)]).active
    assert [cell.value for cell in found[2]] == ["=1", 12, None, "1" + "0" * 17]
    assert [cell.data_type for cell in found[2]] == ["s", "n", "n", "s"]


def test_xlsx_drops_what_xml_cannot_hold_and_cuts_what_excel_cannot_open():
    assert sheet(["a"], [("x\x00\x0by\ufffe",)])[1] == ["xy"]
    assert len(sheet(["a"], [("长" * 40_000,)])[1][0]) == LONGEST_CELL


def test_a_list_longer_than_a_sheet_goes_on_in_the_next():
    made = b"".join(stream_xlsx(["n"], ([n] for n in range(7)), sheet="目录/[x]", per_sheet=3))
    found = CalamineWorkbook.from_filelike(io.BytesIO(made))
    assert found.sheet_names == ["目录  x ", "目录  x  2", "目录  x  3"]
    assert [found.get_sheet_by_index(n).to_python() for n in range(3)] == [
        [["n"], [0], [1], [2]], [["n"], [3], [4], [5]], [["n"], [6]],
    ]  # fmt: skip


def test_an_empty_list_is_a_sheet_with_its_header():
    assert sheet(["代码"], []) == [["代码"]]
    assert encode_csv(["代码"], []) == "\ufeff代码\r\n".encode()


@pytest.mark.parametrize("stream", [stream_csv, lambda header, rows: stream_xlsx(header, rows, sheet="x")])
def test_rows_are_taken_as_they_are_written(stream):
    taken = []

    def rows():
        for n in range(100_000):
            taken.append(n)
            yield [n]

    list(islice(stream(["n"], rows()), 2))
    assert len(taken) <= 1_100
