# SPDX-License-Identifier: Apache-2.0
"""Landing: what reaches the lake, what reaches quarantine, and what is left untouched."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from datong.engine import face as engine
from datong.engine.backends import lake as tables
from datong.engine.base import Column, Schema
from datong.engine.errors import NothingLanded, SourceUnreadable
from datong.kernel.errors import Malformed, Unknown
from datong.kernel.sharing import ItemType
from factories.sheets import a_csv, a_schema, land, rows_of


def test_values_arrive_by_their_declared_type(tmp_path):
    schema = a_schema(c="C", n="N", y="Y", d="D", t="T", l="L", m="M", g="G", b="B", i="I", f="F")
    text = (
        "c,n,y,d,t,l,m,g,b,i,f\n"
        '0012,001.50,9.99,2020/1/5,2020-01-05 08:00,是," 两 行\n",{},1e3,-7,0.1\n'
        "0013,,,,,,,,,,\n"
    )
    made = land(a_csv(tmp_path, text), schema, tmp_path / "t")
    assert (made.rows_good, made.rows_bad, made.delta_version) == (2, 0, 0)
    first, second = rows_of(tmp_path / "t")
    assert first == {
        "c": "0012", "n": Decimal("1.5"), "y": Decimal("9.99"), "d": date(2020, 1, 5),
        "t": datetime(2020, 1, 5, tzinfo=UTC), "l": True, "m": " 两 行\n", "g": "{}", "b": 1000.0, "i": -7, "f": 0.1,
    }  # fmt: skip
    assert set(second.values()) == {"0013", None}


def test_bad_rows_go_to_quarantine_with_line_reason_and_raw_text(tmp_path):
    schema = Schema(
        (
            Column("code", ItemType.C, length=6, key=True),
            Column("day", ItemType.D, nullable=False),
            Column("count", ItemType.I),
        )
    )
    text = "代码,日期,数\n110000,2020-01-01,1\n110000,2020-01-02,2\n浙江省,2020-01-01,3\n330000,,4\n440000,昨天,5\n,2020-01-01,6\n550000,2020-01-01,六\n7\n"
    columns = {"code": "代码", "day": "日期", "count": "数"}
    made = land(a_csv(tmp_path, text), schema, tmp_path / "t", columns=columns)
    assert (made.rows_good, made.rows_bad) == (1, 7)
    found = engine.quarantine(tmp_path / "t", "b1")
    assert [(row["line"], row["field"], row["code"]) for row in found] == [
        (3, "code", "repeated"),
        (4, "code", "too_long"),
        (5, "day", "missing"),
        (6, "day", "not_date"),
        (7, "code", "missing"),
        (8, "count", "not_integer"),
        (9, "", "ragged"),
    ]
    assert found[0]["reason"] == "主键重复，首见于第 2 行"
    assert json.loads(found[1]["raw"]) == {"代码": "浙江省", "日期": "2020-01-01", "数": "3"}
    assert [row["line"] for row in engine.quarantine(tmp_path / "t", "b1", limit=2, after=5)] == [6, 7]
    assert engine.quarantine(tmp_path / "t", "b'2") == []


TYPED = ("0123456", "00:10", "星期一", "Mon", "1e5", "007.10", "2020-13-01")
"""What readers that guess turn into numbers, dates or instants."""


def test_codes_clock_times_and_weekdays_stay_byte_for_byte(tmp_path):
    land(a_csv(tmp_path, "k,v\n" + "".join(f"0{n},{text}\n" for n, text in enumerate(TYPED))), a_schema(k="C", v="C"), tmp_path / "t")
    assert [(row["k"], row["v"]) for row in rows_of(tmp_path / "t")] == [(f"0{n}", text) for n, text in enumerate(TYPED)]


@pytest.mark.parametrize(
    ("letter", "text", "code"),
    [
        ("D", "00:10", "not_date"), ("D", "星期一", "not_date"), ("D", "Mon", "not_date"), ("D", "2020-13-01", "no_such_day"),
        ("T", "00:10", "not_time"), ("T", "星期一", "not_time"), ("I", "00:10", "not_integer"), ("N", "1e5", "not_number"),
    ],
)  # fmt: skip
def test_what_is_no_date_or_number_is_told_with_its_line_and_never_guessed(tmp_path, letter, text, code):
    schema = a_schema(k="C", v=letter)
    good = {"D": "2020-01-05", "T": "2020-01-05 08:00", "I": "1", "N": "1"}[letter]
    made = land(a_csv(tmp_path, f"k,v\n1,{good}\n2,{text}\n"), schema, tmp_path / "t")
    assert (made.rows_good, made.rows_bad) == (1, 1)
    assert [(row["line"], row["field"], row["code"]) for row in engine.quarantine(tmp_path / "t", "b1")] == [(3, "v", code)]


def test_a_bad_row_does_not_shadow_a_later_good_row_of_its_key(tmp_path):
    land(a_csv(tmp_path, "k,i\n1,x\n1,5\n"), a_schema(k="C", i="I"), tmp_path / "t")
    assert rows_of(tmp_path / "t") == [{"k": "1", "i": 5}]


def test_each_landing_replaces_the_table_and_keeps_every_quarantine(tmp_path):
    schema, lake = a_schema(k="C", i="I"), tmp_path / "t"
    land(a_csv(tmp_path, "k,i\n1,1\n2,x\n"), schema, lake, batch="b1")
    made = land(a_csv(tmp_path, "k,i\n3,3\n4,y\n"), schema, lake, batch="b2")
    assert made.delta_version == 1
    assert rows_of(lake) == [{"k": "3", "i": 3}]
    assert [len(engine.quarantine(lake, batch)) for batch in ("b1", "b2")] == [1, 1]
    land(a_csv(tmp_path, "k,i\n3,3\n"), schema, lake, batch="b2")
    assert [len(engine.quarantine(lake, batch)) for batch in ("b1", "b2")] == [1, 0]


def test_rows_know_where_they_come_from_and_changes_can_be_followed(tmp_path):
    land(a_csv(tmp_path, "k\n1\n"), a_schema(k="C"), tmp_path / "t", batch="it's 7")
    table = DeltaTable(str(tmp_path / "t"))
    row = table.to_pyarrow_table().to_pylist()[0]
    assert (row["_source"], row["_batch"]) == ("数据.csv", "it's 7")
    assert abs((datetime.now(UTC) - row["_landed_at"]).total_seconds()) < 60
    assert table.metadata().configuration["delta.enableChangeDataFeed"] == "true"
    assert table.history()[0]["batch"] == "it's 7"


def test_the_schema_may_change_between_landings(tmp_path):
    land(a_csv(tmp_path, "k,v\n1,2\n"), a_schema(k="C", v="I"), tmp_path / "t")
    land(a_csv(tmp_path, "k,w\n1,x\n"), a_schema(k="C", w="C"), tmp_path / "t", batch="b2")
    assert rows_of(tmp_path / "t") == [{"k": "1", "w": "x"}]


def test_a_landing_without_a_sound_row_replaces_nothing(tmp_path):
    schema, lake = a_schema(k="C", i="I"), tmp_path / "t"
    land(a_csv(tmp_path, "k,i\n1,1\n"), schema, lake)
    with pytest.raises(NothingLanded) as caught:
        land(a_csv(tmp_path, "k,i\n1,x\n2,y\n"), schema, lake, batch="b2")
    assert caught.value.fields == {"i": "不是整数"}
    assert rows_of(lake) == [{"k": "1", "i": 1}]
    assert len(engine.quarantine(lake, "b2")) == 2


def test_a_source_that_breaks_off_changes_nothing(tmp_path):
    schema, lake = a_schema(k="C"), tmp_path / "t"
    land(a_csv(tmp_path, "k\n1\n"), schema, lake)
    broken = engine.CsvSource(a_csv(tmp_path, b"k\n" + b"2\n" * 9000 + b"\xff\xff\n").path, encoding="utf-8")
    with pytest.raises(SourceUnreadable):
        land(broken, schema, lake, batch="b2")
    assert rows_of(lake) == [{"k": "1"}]
    assert not list(tmp_path.glob(".spill-*"))


def test_a_header_without_rows_is_no_data(tmp_path):
    with pytest.raises(SourceUnreadable, match="no rows"):
        land(a_csv(tmp_path, "k,i\n"), a_schema(k="C"), tmp_path / "t")


@pytest.mark.parametrize(
    ("columns", "field", "words"),
    [
        ({"k": "代吗", "i": "数"}, "k", "did you mean 代码"),
        ({"k": "名", "i": "数"}, "k", "名#1"),
        ({"i": "数"}, "k", "no column"),
        ({"k": "代码", "i": "数", "z": "数"}, "z", "no such item"),
    ],
)
def test_columns_that_do_not_fit_are_named_with_a_proposal(tmp_path, columns, field, words):
    source = a_csv(tmp_path, "代码,数,名,名\n1,2,3,4\n")
    with pytest.raises(Malformed) as caught:
        land(source, a_schema(k="C", i="I"), tmp_path / "t", columns=columns)
    assert words in caught.value.fields[field]


def test_a_nullable_item_may_have_no_column(tmp_path):
    land(a_csv(tmp_path, "k\n1\n"), a_schema(k="C", i="I"), tmp_path / "t", columns={"k": "k"})
    assert rows_of(tmp_path / "t") == [{"k": "1", "i": None}]


def test_progress_counts_the_rows_read(tmp_path):
    told = []
    source = a_csv(tmp_path, "k\n" + "".join(f"{n}\n" for n in range(50_000)))
    engine.land(source, a_schema(k="C"), {"k": "k"}, tmp_path / "t", batch="b", progress=told.append)
    assert told == [20_000, 40_000, 50_000]


def test_hostile_text_is_only_text(tmp_path):
    hostile = "'; drop table staged; -- <script>${jndi}\\"
    land(a_csv(tmp_path, f'k,"{hostile}"\n1,"{hostile}"\n'), a_schema(k="C", v="C"), tmp_path / "t", columns={"k": "k", "v": hostile})
    assert rows_of(tmp_path / "t") == [{"k": "1", "v": hostile}]


def test_equal_content_has_an_equal_digest_in_any_file(tmp_path):
    schema = a_schema(k="C", n="N", t="T")
    text = land(a_csv(tmp_path, "k,n,t\n01,1.50,2020-01-01 08:00\n02,,\n"), schema, tmp_path / "a")
    typed = pa.table(
        {
            "k": pa.array(["01", "02"]).dictionary_encode(),
            "n": pa.array([Decimal("1.5"), None], pa.decimal128(9, 3)),
            "t": pa.array([datetime(2020, 1, 1, tzinfo=UTC), None], pa.timestamp("ns", "Asia/Shanghai")),
        }
    )
    pq.write_table(typed, tmp_path / "x.parquet")
    other = land(engine.ParquetSource(tmp_path / "x.parquet"), schema, tmp_path / "b")
    assert other.digest == text.digest
    assert land(a_csv(tmp_path, "k,n,t\n01,1.51,2020-01-01 08:00\n02,,\n"), schema, tmp_path / "a").digest != text.digest


def test_parquet_lands_typed_columns(tmp_path):
    typed = pa.table({"k": [1, 2], "d": [date(2020, 1, 1), None], "f": [5.0, 1e20], "l": [True, None], "i": [5.0, None]})
    pq.write_table(typed, tmp_path / "x.parquet")
    land(engine.ParquetSource(tmp_path / "x.parquet"), a_schema(k="I", d="D", f="F", l="L", i="I"), tmp_path / "t")
    assert rows_of(tmp_path / "t") == [
        {"k": 1, "d": date(2020, 1, 1), "f": 5.0, "l": True, "i": 5},
        {"k": 2, "d": None, "f": 1e20, "l": None, "i": None},
    ]


@pytest.mark.parametrize("content", [b"", b"PAR1 not really PAR1", b"PAR1" + b"\0" * 400 + b"PAR1"])
def test_a_broken_parquet_file_says_so(tmp_path, content):
    (tmp_path / "x.parquet").write_bytes(content)
    with pytest.raises(SourceUnreadable):
        engine.inspect(engine.ParquetSource(tmp_path / "x.parquet"))


def test_nested_parquet_columns_are_refused_by_name(tmp_path):
    pq.write_table(pa.table({"k": ["1"], "list": [[1]]}), tmp_path / "x.parquet")
    with pytest.raises(SourceUnreadable) as caught:
        engine.inspect(engine.ParquetSource(tmp_path / "x.parquet"))
    assert "list" in caught.value.fields


def test_nothing_landed_yet_is_unknown(tmp_path):
    with pytest.raises(Unknown):
        tables.open_table(tmp_path / "none")
    assert engine.quarantine(tmp_path / "none", "b1") == []
