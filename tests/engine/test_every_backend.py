# SPDX-License-Identifier: Apache-2.0
"""One suite, every backend: the steps of a landing mean the same wherever they run."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from datong.engine.base import Block, Column, Fault, Schema, Stamp, Step
from datong.engine.errors import BackendFailed
from datong.engine.plans import landing
from datong.engine.plans.reasons import REASONS
from datong.engine.plans.values import as_stored
from datong.kernel.errors import DatongError
from datong.kernel.sharing import ItemType as T
from factories.staging import stage

STAMP = Stamp("it's \\ a 'file'.csv", "批次'1", datetime(2026, 1, 2, 3, 4, 5, 678901, UTC))

CELLS = {
    T.C: ["0012", " a ", "浙江省", "浙江", "it's", "\\N", "", None, "　", "123456789"],
    T.M: ["a\nb", '"', "𠮷"],
    T.G: ["{}"],
    T.I: ["7", " -7 ", "+7", "5.00", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1.5", "１", "x", "", "9" * 50],
    T.N: ["1", "-0", "001.50", ".5", "5.", "1.12", "1.1200", "1.123", "1e3", "1,000", "-", "9" * 40, "", "NaN"],
    T.Y: ["9.99", "￥1"],
    T.F: ["0.1", "1e3", "-1E-3", "1e999", "inf", "nan", ".", ""],
    T.B: ["1.7976931348623157e308", "2e308"],
    T.D: ["2020-01-05", "2020/1/5", "20200105", "2020-1-5", "2020-01-05 00:00:00", "2020-02-30", "2020-01/05", "20201305", "0000-01-01", "1.1.2020", "202015", ""],
    T.T: [
        "2020-01-05 08:00", "2020/1/5 8:00:00", "20200105080000", "2020-01-05T00:00:00Z", "2020-01-05 08:00:00.123456+08:00",
        "2020-01-05 08:00:00+0530", "2020-01-05 08:00:00-08", "1988-07-01 00:00:00", "2020-01-05", "2020-01-05 25:00",
        "2020-02-30 08:00", "20200105080061", "08:00", "",
    ],
    T.L: ["true", "FALSE", " 1 ", "0", "是", "否", "yes", "2", ""],
}  # fmt: skip


def a_landing(engine, folder, schema, blocks, headers):
    stage(engine, folder, len(headers), blocks)
    plan = landing.LandingPlan(schema, {field: n for n, field in enumerate(schema.fields)}, headers, STAMP)
    for step in landing.steps(plan, engine.dialect):
        engine.run(step)


def test_every_type_is_tried():
    assert CELLS.keys() == set(T)


@pytest.mark.parametrize("kind", T)
def test_a_cell_is_sound_exactly_when_its_stored_form_exists(engine, kind, tmp_path):
    """Backends and the gateway's own reading of values agree on every cell."""
    cells = CELLS[kind]
    a_landing(engine, tmp_path, Schema((Column("x", kind, precision=2),)), [Block(range(1, len(cells) + 1), [cells])], ["x"])
    rejected = {line for (line,) in engine.rows("select line from rejected")}
    for line, cell in enumerate(cells, 1):
        assert (line in rejected) == (not stored_exists(kind, cell)), cell


def stored_exists(kind, cell):
    if cell is None or not cell.strip(" "):
        return True
    try:
        stored = as_stored(kind, "x", cell)
    except DatongError:
        return False
    return kind not in {T.N, T.Y} or (len(stored.partition(".")[2]) <= 2 and len(stored) <= 36)


def test_values_are_equal_in_every_backend(engine, tmp_path):
    schema = Schema(tuple(Column(kind.lower(), kind, precision=2) for kind in (T.C, T.I, T.N, T.F, T.D, T.L)))
    cells = [["0012"], ["-7"], ["1.50"], ["0.1"], ["2020/1/5"], ["是"]]
    a_landing(engine, tmp_path, schema, [Block([2], cells)], list("cinfdl"))
    assert engine.rows("select c, i, n, f, d, l, _source, _batch from sound") == [
        ("0012", -7, Decimal("1.50"), 0.1, date(2020, 1, 5), True, STAMP.source, STAMP.batch)
    ]


@pytest.mark.parametrize("cell", ["2020-01-05 08:00", "20200105080000", "1988-07-01 00:00:00", "2020-01-05 08:00:00+0530"])
def test_instants_are_equal_in_every_backend(engine, tmp_path, cell):
    a_landing(engine, tmp_path, Schema((Column("t", T.T),)), [Block([1], [[cell]])], ["t"])
    ((said, landed),) = engine.rows("select cast(t as varchar(40)), cast(_landed_at as varchar(40)) from sound")
    assert said[:19].replace(" ", "T") + "Z" == as_stored(T.T, "t", cell)
    assert landed[:26] == "2026-01-02 03:04:05.678901"


def test_faults_and_repeats_are_rejected_with_line_reason_and_raw_text(engine, tmp_path):
    schema = Schema((Column("code", T.C, length=6, key=True), Column("day", T.D, key=True), Column("n", T.I)))
    block = Block(
        [2, 3, 4, 5, 6, 8],
        [["110000", "110000", "110000", "浙江省", "330000", "110000"], ["2020-01-01", "20200101", "x", "2020-01-01", "", "2020/1/1"], ["1", "2", "3", "4", "5", "x"]],
        [Fault(7, "ragged", "it's \\ raw")],
    )  # fmt: skip
    a_landing(engine, tmp_path, schema, [block], ["代'码", "日\\期", "数"])
    assert engine.rows("select code, n from sound") == [("110000", 1)]
    rows = engine.rows("select line, field, code, reason, raw, _batch from rejected order by line")
    assert [row[:4] for row in rows] == [
        (3, "code,day", "repeated", "主键重复，首见于第 2 行"),
        (4, "day", "not_date", REASONS["not_date"]),
        (5, "code", "too_long", REASONS["too_long"]),
        (6, "day", "missing", REASONS["missing"]),
        (7, "", "ragged", REASONS["ragged"]),
        (8, "n", "not_integer", REASONS["not_integer"]),
    ]
    assert json.loads(rows[0][4]) == {"代'码": "110000", "日\\期": "20200101", "数": "2"}
    assert json.loads(rows[3][4])["日\\期"] == ""
    assert rows[4][4] == "it's \\ raw"
    assert {row[5] for row in rows} == {STAMP.batch}


def test_an_older_version_of_a_table_can_be_read(engine, tmp_path):
    write_deltalake(str(tmp_path / "t"), pa.table({"x": [1]}))
    write_deltalake(str(tmp_path / "t"), pa.table({"x": [2]}), mode="overwrite")
    for version, wanted in ((None, 2), (0, 1)):
        engine.open_table("t", tmp_path / "t", version)
        assert engine.rows("select x from t") == [(wanted,)]


def test_a_step_that_fails_is_named_and_its_data_is_not(engine, tmp_path):
    with pytest.raises(BackendFailed) as caught:
        engine.run(Step("wrong", "select 'secret' as a from nothing_there"))
    assert "wrong" in caught.value.message
    assert "secret" not in caught.value.message


def test_names_and_texts_survive_quoting(engine):
    odd = "a`b'c\\d\"e"
    sql = engine.dialect
    assert engine.rows(f"select {sql.literal(odd)}") == [(odd,)]
    assert engine.rows(f"select x.{sql.identifier('选 择')} from (select 1 as {sql.identifier('选 择')}) as x") == [(1,)]


def test_a_table_that_is_not_there_is_an_error_of_ours(engine, tmp_path):
    with pytest.raises(DatongError, match="nothing"):
        engine.open_table("t", tmp_path / "nothing")
