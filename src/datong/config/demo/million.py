# SPDX-License-Identifier: Apache-2.0
"""合成数据 by the million: visits to clinics that never were, as a Parquet file, in about a second.

Kept here: the same number gives the same rows; each says 合成数据, numbers of phones begin with 10 as no real one does.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datong.config.demo import words
from datong.config.demo.synthetic import MARK, Made

ROWS: Final = 1_200_000
IN_CITY: Final = ROWS * 5 // 6
"""Rows of the city that the grant is cut to: a million."""
CITY: Final = "3301"
COLUMNS: Final = {
    "visit": "就诊流水号", "name": "姓名", "phone": "联系电话", "region": "区划代码", "day": "就诊日期", "ward": "科室",
    "fee": "费用（元）", "origin": "数据性质",
}  # fmt: skip
"""Field to header of the file."""
WARDS: Final = ("内科", "外科", "儿科", "眼科", "口腔科", "中医科", "康复科", "急诊科")
COUNTIES: Final = ("330102", "330105", "330106", "330108", "330109")
ELSEWHERE: Final = "330203"
FIRST_DAY: Final = date(2026, 1, 1)
_SPREAD: Final = 2_654_435_761
"""Knuth's multiplier: neighbouring numbers fall far apart."""


def write_visits(path: Path, rows: int = ROWS) -> Made:
    """Write the visits; every sixth lies outside of the city."""
    number = pa.array(range(rows), pa.int64())
    mixed = pc.bit_wise_and(pc.multiply(number, _SPREAD), (1 << 40) - 1)
    given = pc.binary_join_element_wise(_pick(words.GIVEN, _cut(mixed, 7)), _pick(words.GIVEN, _cut(mixed, 13)), "")
    inside = _pick(COUNTIES, _cut(mixed, 5))
    outside = pc.equal(_rest(number, 6), 5)
    made = {
        "visit": _numbered("MZ", number, 10),
        "name": pc.binary_join_element_wise(_pick(words.SURNAMES, _cut(mixed, 3)), given, ""),
        "phone": _numbered("10", _rest(mixed, 1_000_000_000), 9),
        "region": pc.if_else(outside, ELSEWHERE, inside),
        "day": pc.add(pa.scalar(FIRST_DAY), pc.cast(pc.multiply(_rest(number, 200), 86_400), pa.duration("s"))).cast(pa.date32()),
        "ward": _pick(WARDS, _cut(mixed, 11)),
        "fee": pc.divide(pc.cast(pc.add(_rest(_cut(mixed, 9), 80_000), 500), pa.float64()), 100.0),
        "origin": pa.repeat(pa.scalar(MARK), rows),
    }
    table = pa.table({COLUMNS[field]: column for field, column in made.items()})
    pq.write_table(table, path, compression="zstd")
    return Made(path, rows, (), tuple(made["visit"][:3].to_pylist()))


def _rest(values: Any, divisor: int) -> Any:
    return pc.subtract(values, pc.multiply(pc.divide(values, divisor), divisor))


def _cut(values: Any, bits: int) -> Any:
    return pc.shift_right(values, bits)


def _pick(choices: Sequence[str], values: Any) -> Any:
    return pa.array(list(choices)).take(_rest(values, len(choices)))


def _numbered(head: str, values: Any, digits: int) -> Any:
    return pc.binary_join_element_wise(head, pc.utf8_lpad(pc.cast(values, pa.string()), digits, "0"), "")
