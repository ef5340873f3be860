# SPDX-License-Identifier: Apache-2.0
"""Lists as they leave: the same rows in each form, one JSON object a line however long the list."""

from __future__ import annotations

import io
import json
from datetime import date

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from datong.wire import lists

WORD = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)


@given(st.lists(st.fixed_dictionaries({"name": WORD, "count": st.integers(0, 2**31) | st.none()}), max_size=30))
def test_lines_read_back_as_they_were(records):
    written = b"".join(lists.lines(records))
    assert [json.loads(one) for one in written.split(b"\n") if one] == records


def test_long_lists_come_in_pieces():
    pieces = list(lists.lines({"n": n} for n in range(1201)))
    assert len(pieces) == 3
    assert sum(piece.count(b"\n") for piece in pieces) == 1201


def test_a_day_is_iso():
    assert b"".join(lists.lines([{"on": date(2026, 1, 2)}])) == b'{"on":"2026-01-02"}\n'
    assert list(lists.lines([])) == []


def test_people_get_no_formula_in_either_table():
    rows = [("=1+1", 7, None)]
    plain = b"".join(lists.table("csv", ["甲", "乙", "丙"], rows, sheet="表")).decode("utf-8-sig")
    assert plain.splitlines() == ["甲,乙,丙", "'=1+1,7,"]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(lists.table("xlsx", ["甲", "乙", "丙"], rows, sheet="表"))))
    assert [[cell.data_type for cell in row] for row in book["表"].iter_rows(min_row=2)] == [["s", "n", "n"]]


def test_every_form_is_named():
    assert [kind for kind, _word in lists.WORDS] == list(lists.FORMS) == ["csv", "xlsx", "jsonl"]


def test_one_list_leaves_in_every_form_from_the_same_columns():
    columns = (
        lists.Column("day", "日期", lambda row: row),
        lists.Column("year", "年", lambda row: row.year, lambda row: f"{row.year}年"),
    )
    rows = [date(2026, 1, 2)]
    said = {kind: lists.whole(kind, "days", columns, rows, sheet="日期") for kind in lists.FORMS}
    assert json.loads(said["jsonl"]["content"]) == {"day": "2026-01-02", "year": 2026}
    assert said["csv"]["content"].decode("utf-8-sig").splitlines() == ["日期,年", "2026-01-02,2026年"]
    sheet = openpyxl.load_workbook(io.BytesIO(said["xlsx"]["content"])).active
    assert [cell.value for cell in sheet[1]] == ["日期", "年"] and "2026年" in {cell.value for cell in sheet[2]}
    assert all(one["headers"]["Cache-Control"] == "private, no-store" for one in said.values())
