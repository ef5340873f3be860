# SPDX-License-Identifier: Apache-2.0
"""What leaves in bulk: every text comes back from every form, in either character set, and nothing starts a formula."""

from __future__ import annotations

import csv
import io
import json
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datong.engine import face as engine
from datong.engine.backends.exporting import recoded
from datong.engine.base import Column
from datong.engine.errors import BackendFailed, ItemNotGranted
from datong.engine.plans import delivering
from datong.engine.plans.lookup import RowRule
from datong.kernel.sharing import ItemType
from factories.outflows import a_lake, an_access

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)
ODD = st.sampled_from(["=1+1", "'=x", "''", "'", "＝甲", "-5", "\t", '"', '""', "a,b", "甲\r\n乙", "\x01", "𠮷", "0012", "\ufeff", "é́"])
COLUMNS = (Column("code", ItemType.C, key=True), Column("words", ItemType.C))
TYPED = (
    Column("code", ItemType.C, key=True), Column("n", ItemType.N, precision=4), Column("d", ItemType.D), Column("t", ItemType.T),
    Column("l", ItemType.L), Column("i", ItemType.I), Column("f", ItemType.F),
)  # fmt: skip
VALUES = (
    ("001", Decimal("1.5"), date(2024, 2, 29), datetime(2024, 1, 1, 16, 0, 0, 5, UTC), True, -1, 1.5),
    ("002", Decimal(-30), date(1949, 10, 1), datetime(2024, 1, 1, tzinfo=UTC), False, 2**53 + 1, None),
    ("003", None, None, None, None, None, 1e20),
)


@contextmanager
def opened(folder, columns, rows, secret=b"", **masks):
    schema = a_lake(folder / "lake", columns, rows)
    version = engine.rows_of(folder / "lake") is not None and _version(folder / "lake")
    with engine.outflow(folder / "lake", schema, an_access(schema, **masks), version, beside=folder, secret=secret) as out:
        yield out


def _version(lake: Path) -> int:
    return len(list((lake / "_delta_log").glob("*.json"))) - 1


def unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell.lstrip("'")[:1] and cell.lstrip("'")[0] in "=+@\t\r\n＝＋－＠-" else cell


@settings(max_examples=12)
@given(st.lists(st.one_of(TEXTS, ODD), min_size=1, max_size=12), st.sampled_from(["utf-8", "gb18030"]), st.booleans())
def test_every_text_comes_back_from_csv_json_texts_and_parquet(tmp_path_factory, words, encoding, guard):
    folder = tmp_path_factory.mktemp("out")
    rows = [(f"{place:04}", word) for place, word in enumerate(words)]
    with opened(folder, COLUMNS, rows) as out:
        text = b"".join(piece for piece, _ in out.csv(guard=guard, encoding=encoding)).decode(encoding)
        lines = b"".join(piece for piece, _ in out.json())
        cells = [row for piece in out.texts() for row in piece]
        assert sum(out.parquet(folder / "p")) == len(rows)
        guarded = out.count(delivering.guarded(out.shapes))
    read = [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))]
    starts = [row for row in read if row[1][0] in "=+@\t\r\n＝＋－＠-"]
    assert starts == [] or not guard
    assert sorted((code, unguarded(word) if guard else word) for code, word in read) == rows
    assert guarded == sum(unguarded(f"'{word}") == word for _, word in rows)
    assert sorted((one["code"], one["words"]) for one in map(json.loads, lines.decode().split("\n")[:-1])) == rows
    assert sorted(cells) == rows
    assert sorted(zip(*pq.read_table(folder / "p").to_pydict().values(), strict=True)) == rows


def test_values_of_every_type_read_as_they_should(tmp_path):
    with opened(tmp_path, TYPED, VALUES) as out:
        text = b"".join(piece for piece, _ in out.csv(guard=True)).decode()
        lines = b"".join(piece for piece, _ in out.json()).decode().splitlines()
    assert text.splitlines() == [
        '"001","1.5","2024-02-29","2024-01-02T00:00:00.000005+08:00","true","-1","1.5"',
        '"002","-30","1949-10-01","2024-01-01T08:00:00+08:00","false","9007199254740993",',
        '"003",,,,,,"1e+20"',
    ]
    assert json.loads(lines[1])["i"] == 2**53 + 1 and json.loads(lines[0])["n"] == "1.5" and json.loads(lines[2])["n"] is None


def test_masks_and_rows_hold_in_bulk(tmp_path):
    schema = a_lake(tmp_path / "lake", COLUMNS, [("330000", "张三"), ("110000", "李四")])
    access = an_access(schema, [RowRule("code", "prefix", ("33",))], words="partial:1:0")
    with engine.outflow(tmp_path / "lake", schema, access, 0, beside=tmp_path) as out:
        assert [row for piece in out.texts() for row in piece] == [("330000", "张*")]
        assert out.shapes[1].type is ItemType.C and not out.shapes[1].key


def test_a_grant_without_items_lets_nothing_out(tmp_path):
    schema = a_lake(tmp_path / "lake", COLUMNS, [("1", "a")])
    bare = an_access(schema)
    bare.granted.clear()  # type: ignore[attr-defined]  a dictionary here
    with pytest.raises(ItemNotGranted), engine.outflow(tmp_path / "lake", schema, bare, 0, beside=tmp_path):
        pass
    assert not list(tmp_path.glob(".spill-*"))


def test_no_rows_are_no_bytes(tmp_path):
    with opened(tmp_path, COLUMNS, []) as out:
        assert b"".join(piece for piece, _ in out.csv(guard=True)) == b"" and out.sum() == engine.Sum(0, 0)


def test_a_sum_knows_no_order_and_every_value(tmp_path):
    rows = [("1", "a"), ("2", "b"), ("3", None)]
    with opened(tmp_path, COLUMNS, rows) as out:
        first = out.sum()
    with opened(tmp_path, COLUMNS, rows[::-1]) as out:
        assert out.sum() == first
    for other in ([("1", "a"), ("2", "b"), ("3", "")], [("1", "b"), ("2", "a"), ("3", None)]):
        with opened(tmp_path, COLUMNS, other) as out:
            assert out.sum() != first


def test_what_a_spreadsheet_cannot_hold_is_counted(tmp_path):
    with opened(tmp_path, COLUMNS, [("1", "\x01"), ("2", "好"), ("3", "长" * 32_768), ("4", None)]) as out:
        assert out.count(delivering.unsheetable(out.shapes)) == 2


def test_a_character_that_a_set_lacks_is_told_and_never_replaced():
    assert recoded("𠮷é\u20ac".encode(), "gb18030").decode("gb18030") == "𠮷é\u20ac"
    with pytest.raises(BackendFailed, match="U\\+20BB7"):
        recoded("甲𠮷".encode(), "gb2312")
