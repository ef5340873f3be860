# SPDX-License-Identifier: Apache-2.0
"""合成数据 by the million: the same each time, marked, of nobody, five of six in the city."""

from __future__ import annotations

import pyarrow.parquet as pq

from datong.config.demo.million import CITY, COLUMNS, IN_CITY, ROWS, write_visits
from datong.config.demo.synthetic import MARK


def test_the_rows(tmp_path):
    made = write_visits(tmp_path / "one.parquet", 600)
    rows = pq.read_table(made.path).to_pylist()
    assert list(rows[0]) == list(COLUMNS.values())
    assert len({row["就诊流水号"] for row in rows}) == made.good == 600
    assert made.keys == tuple(row["就诊流水号"] for row in rows[:3])
    assert {row["数据性质"] for row in rows} == {MARK}
    assert {(len(row["联系电话"]), row["联系电话"][:2]) for row in rows} == {(11, "10")}
    assert all(len(row["姓名"]) == 3 for row in rows)
    assert sum(row["区划代码"].startswith(CITY) for row in rows) == 500
    assert all(0 < row["费用（元）"] < 1_000 for row in rows)
    write_visits(tmp_path / "two.parquet", 600)
    assert (tmp_path / "two.parquet").read_bytes() == made.path.read_bytes()


def test_a_million_is_let_out():
    assert (ROWS, IN_CITY) == (1_200_000, 1_000_000)
