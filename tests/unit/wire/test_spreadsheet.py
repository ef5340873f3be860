# SPDX-License-Identifier: Apache-2.0
"""CSV for spreadsheets: read back as written, and no cell starts a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.wire.spreadsheet import encode_csv

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1)


def read(encoded):
    return list(csv.reader(io.StringIO(encoded.decode("utf-8-sig"), newline="")))


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2)))
def test_every_cell_comes_back(rows):
    assert read(encode_csv(["甲", "乙"], rows))[1:] == [["'" + cell if cell[0] in "=+-@＝＋－＠" else cell for cell in row] for row in rows]


def test_excel_is_told_the_encoding_and_the_line_ends():
    assert encode_csv(["名称"], [["村"]]) == "\ufeff名称\r\n村\r\n".encode()


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x"])
def test_no_text_starts_a_formula(cell):
    assert read(encode_csv(["x"], [[cell]]))[1][0].startswith("'")


def test_numbers_stay_and_none_is_empty():
    assert read(encode_csv(["a", "b"], [[-1, None]]))[1] == ["-1", ""]


def test_a_lone_surrogate_breaks_nothing():
    assert b"?" in encode_csv(["a"], [["\ud800"]])
