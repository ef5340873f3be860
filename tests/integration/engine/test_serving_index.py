# SPDX-License-Identifier: Apache-2.0
"""Serving indexes: built from the lake, exact, immutable, and read by compiled plans alone."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from datong.crypto import ff1
from datong.engine import face as engine
from datong.engine.backends.index import ServingIndex
from datong.engine.errors import BackendFailed, IndexMissing
from datong.engine.plans.lookup import Access, LookupRequest, RowRule, compile_lookup, compile_verify
from datong.kernel import masks
from datong.kernel.errors import Malformed, Unknown
from datong.kernel.masks import NONE, Mask
from factories.sheets import a_csv, a_schema, land

SCHEMA = a_schema(id="C", name="C", born="D", seen="T", amount="Y", share="F", alive="L", count="I", region="C")
TEXT = (
    "id,name,born,seen,amount,share,alive,count,region\n"
    "0012,张 三丰,1980-05-06,2020-01-05 08:00,0012.500,0.1,是,-7,330106\n"
    "0013,ＡＢＣ,,2020-01-05 08:00:00.25,100,1e300,否,9223372036854775807,330106\n"
    "0014,,,,,,,,440100\n"
)
COLUMNS = {column.field: column.type for column in SCHEMA.columns}
ALL = dict.fromkeys(COLUMNS, NONE)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    land(a_csv(folder, TEXT), SCHEMA, folder / "people")
    return engine.build_index(folder / "people", SCHEMA, ["region", "name"], folder / "people.sqlite")


@pytest.fixture
def index(built):
    with ServingIndex(built.path) as opened:
        yield opened


def access(granted=ALL, rows=(), **options):
    return Access(COLUMNS, ["id"], ["region", "born", "seen", "amount", "alive", "count", "share"], granted, rows, **options)


def ask(index, filters=None, **options):
    chosen = {name: options.pop(name) for name in ("items", "limit", "after", "case") if name in options}
    plan = compile_lookup(LookupRequest(access(**options), filters or {}, **chosen))
    return plan.page(index.fetch(plan))


def test_values_come_out_exact(index, built):
    assert built.rows == 3
    first, second, third = ask(index).records
    assert first == {
        "id": "0012", "name": "张 三丰", "born": "1980-05-06", "seen": "2020-01-05T00:00:00Z", "amount": "12.5",
        "share": 0.1, "alive": True, "count": -7, "region": "330106",
    }  # fmt: skip
    assert (second["seen"], second["amount"], second["count"]) == ("2020-01-05T00:00:00.250000Z", "100", 2**63 - 1)
    assert [value for value in third.values() if value is not None] == ["0014", "440100"]


@pytest.mark.parametrize(
    "filters",
    [
        {"id": "0012"}, {"born": "1980/5/6"}, {"seen": "2020-01-05 08:00:00"}, {"amount": "12.50"}, {"alive": "true"},
        {"count": "-7"}, {"share": "0.10"}, {"region": "330106", "id": "0012"},
    ],
)  # fmt: skip
def test_a_condition_finds_its_row_in_any_accepted_writing(index, filters):
    assert [record["id"] for record in ask(index, filters).records] == ["0012"]


def test_pages_follow_each_other_without_gap_or_repeat(index):
    first = ask(index, limit=2)
    second = ask(index, limit=2, after=first.next)
    assert [record["id"] for record in first.records + second.records] == ["0012", "0013", "0014"]
    assert second.next is None


def test_rows_outside_the_rules_do_not_exist(index):
    rules = [RowRule("region", "prefix", ("33",)), RowRule("count", "in", ("-7", "5"))]
    assert [record["id"] for record in ask(index, rows=rules).records] == ["0012"]
    assert ask(index, {"id": "0014"}, rows=rules).records == []
    denied = compile_verify(access(rows=rules), {"id": "0014"}, {"region": "440100"})
    assert denied.answer(index.fetch(denied)).found is False


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ([("born", "from", "1980-05-06")], ["0012"]), ([("born", "from", "1980-05-07")], []),
        ([("born", "until", "1980-05-06")], ["0012"]), ([("born", "until", "1980-05-05")], []),
        ([("seen", "from", "2020-01-05")], ["0012", "0013"]), ([("seen", "from", "2020-01-06")], []),
        ([("seen", "until", "2020-01-05")], ["0012", "0013"]), ([("seen", "until", "2020-01-04")], []),
        ([("seen", "from", "2020-01-05"), ("seen", "until", "2020-01-05"), ("alive", "eq", "是")], ["0012"]),
        ([("region", "prefix", "44"), ("region", "prefix", "33")], []),
    ],
)  # fmt: skip
def test_days_let_out_what_lies_between_them_in_shanghai(index, rules, found):
    """Both rows were seen at eight in the morning of 5 January in Shanghai, which is midnight in Greenwich."""
    rows = [RowRule(name, op, (value,)) for name, op, value in rules]
    assert [record["id"] for record in ask(index, rows=rows).records] == found


def test_an_instant_at_the_edge_of_a_day_belongs_to_one_day_only(tmp_path):
    schema = a_schema(id="C", seen="T")
    edges = [
        "2020-01-04 23:59:59.999999",
        "2020-01-05 00:00:00",
        "2020-01-05 00:00:00.000001",
        "2020-01-05 23:59:59.9",
        "2020-01-06 00:00:00",
    ]
    text = "id,seen\n" + "".join(f"{number},{moment}\n" for number, moment in enumerate(edges))
    land(a_csv(tmp_path, text), schema, tmp_path / "edges")
    built = engine.build_index(tmp_path / "edges", schema, [], tmp_path / "edges.sqlite")
    rules = [RowRule("seen", "from", ("2020-01-05",)), RowRule("seen", "until", ("2020-01-05",))]
    plan = compile_lookup(LookupRequest(Access({"id": "C", "seen": "T"}, ["id"], [], {"id": NONE}, rules)))
    with ServingIndex(built.path) as opened:
        assert [record["id"] for record in plan.page(opened.fetch(plan)).records] == ["1", "2", "3"]


def test_several_beginnings_let_any_of_them_out(index):
    rules = [RowRule("region", "prefix", ("44", "3301"))]
    assert len(ask(index, rows=rules).records) == 3
    assert ask(index, rows=[RowRule("region", "prefix", ("45", "34"))]).records == []


def test_own_cases_are_the_rows_of_the_case_of_the_call(index):
    rules = [RowRule("name", "case")]
    assert [record["id"] for record in ask(index, rows=rules, case="张 三丰").records] == ["0012"]
    for case in ("张", "' or 1=1 --", "%"):
        assert ask(index, rows=rules, case=case).records == []
    other = compile_verify(access(rows=rules), {"id": "0012"}, {"region": "330106"}, "李四")
    own = compile_verify(access(rows=rules), {"id": "0012"}, {"region": "330106"}, "张 三丰")
    assert (other.answer(index.fetch(other)).found, own.answer(index.fetch(own)).found) == (False, True)


def test_masks_hold_inside_the_look_up(index):
    granted = {"name": Mask("partial", 1, 0), "born": Mask("year"), "share": Mask("redact"), "id": Mask("hash")}
    first, _, third = ask(index, granted=granted, mask_key=b"k").records
    assert first == {"id": masks.apply(Mask("hash"), "0012", key=b"k"), "name": "张***", "born": "1980", "share": "***"}
    assert third["name"] is None


def test_a_value_of_the_same_form_is_the_references_and_another_for_each_grant(index):
    granted = {"region": Mask("format", form="digits"), "id": Mask("format", form="digits")}
    seen = [[one["region"] for one in ask(index, granted=granted, mask_key=key).records] for key in (b"1", b"2")]
    plain = [one["region"] for one in ask(index, granted={"region": masks.NONE}).records]
    told = [[masks.apply(granted["region"], one, key=key, permute=ff1.encrypt) for one in plain] for key in (b"1", b"2")]
    assert seen == told
    assert plain == ["330106", "330106", "440100"]
    assert seen[0][0] == seen[0][1] != seen[1][0]
    assert {one["id"] for one in ask(index, granted=granted, mask_key=b"1").records} == {masks.REDACTED}


def test_hashes_differ_between_grants_that_share_an_index(index):
    seen = [ask(index, granted={"id": Mask("hash")}, mask_key=key).records[0]["id"] for key in (b"1", b"2", b"1")]
    assert seen[0] == seen[2] != seen[1]


@pytest.mark.parametrize(
    ("claims", "matches"),
    [
        ({"name": "张 三丰"}, [True]),
        ({"name": " 张　三丰 "}, [True]),
        ({"name": "张三丰"}, [False]),
        ({"name": "张 三丰", "born": "19800506", "count": -7, "alive": True, "amount": 12.5}, [True] * 5),
        ({"born": "1980-05-07", "alive": False}, [False, False]),
    ],
)
def test_verification_says_yes_or_no_per_claim(index, claims, matches):
    plan = compile_verify(access(), {"id": "0012"}, claims)
    answer = plan.answer(index.fetch(plan))
    assert answer.found
    assert answer.matches == dict(zip(claims, matches, strict=True))


def test_width_of_letters_does_not_matter_to_a_claim(index):
    plan = compile_verify(access(), {"id": "0013"}, {"name": "ABC"})
    assert plan.answer(index.fetch(plan)).matches == {"name": True}


def test_an_absent_value_matches_nothing(index):
    plan = compile_verify(access(), {"id": "0014"}, {"name": "", "alive": "0", "count": "0"})
    answer = plan.answer(index.fetch(plan))
    assert answer.found
    assert not any(answer.matches.values())


def test_what_is_not_found_has_the_same_shape(index):
    plan = compile_verify(access(), {"id": "9"}, {"name": "张 三丰"})
    assert (plan.answer(index.fetch(plan)).found, plan.answer(index.fetch(plan)).matches) == (False, {"name": False})


def test_a_look_up_by_key_or_query_item_uses_an_index(index):
    for filters in ({"id": "0012"}, {"region": "330106"}):
        plan = compile_lookup(LookupRequest(access(), filters))
        steps = index._connection.execute(f"explain query plan {plan.sql}", plan.params).fetchall()
        assert all("SEARCH" in step[-1] for step in steps)


def test_an_index_cannot_be_written(index):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        index._connection.execute("delete from records")


def test_an_index_serves_threads(index):
    with ThreadPoolExecutor(4) as pool:
        pages = pool.map(
            lambda n: ask(index, {"id": f"001{n % 3 + 2}"}, granted={"id": Mask("hash")}, mask_key=b"k%d" % (n % 5)), range(200)
        )
        for number, page in enumerate(pages):
            wanted = masks.apply(Mask("hash"), f"001{number % 3 + 2}", key=b"k%d" % (number % 5))
            assert page.records == [{"id": wanted}]


def test_the_same_rows_make_the_same_file(built, tmp_path):
    land(a_csv(tmp_path, TEXT), SCHEMA, tmp_path / "people", batch="other")
    again = engine.build_index(tmp_path / "people", SCHEMA, ["region", "name"], tmp_path / "x.sqlite")
    assert again.digest == built.digest


def test_an_index_of_an_older_version_can_be_built(tmp_path):
    schema = a_schema(k="C")
    land(a_csv(tmp_path, "k\n1\n"), schema, tmp_path / "t")
    land(a_csv(tmp_path, "k\n1\n2\n"), schema, tmp_path / "t", batch="b2")
    assert engine.build_index(tmp_path / "t", schema, [], tmp_path / "a", version=0).rows == 1
    assert engine.build_index(tmp_path / "t", schema, [], tmp_path / "a").rows == 2
    assert {path.name for path in tmp_path.iterdir()} == {"数据.csv", "t", "a"}


def test_an_index_that_cannot_be_built_leaves_the_old_one(tmp_path):
    land(a_csv(tmp_path, "k,v\n1,x\n2,x\n"), a_schema(k="C", v="C"), tmp_path / "t")
    engine.build_index(tmp_path / "t", a_schema(k="C", v="C"), [], tmp_path / "a")
    before = (tmp_path / "a").read_bytes()
    with pytest.raises(BackendFailed):
        engine.build_index(tmp_path / "t", a_schema(v="C", k="C"), [], tmp_path / "a")
    with pytest.raises(BackendFailed):
        engine.build_index(tmp_path / "t", a_schema(other="C"), [], tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == before
    assert not list(tmp_path.glob(".index-*"))


def test_query_items_are_items(tmp_path):
    with pytest.raises(Malformed) as caught:
        engine.build_index(tmp_path / "t", SCHEMA, ["height"], tmp_path / "a")
    assert caught.value.fields == {"height": "no such item"}


def test_nothing_landed_has_no_index(tmp_path):
    with pytest.raises(Unknown):
        engine.build_index(tmp_path / "t", SCHEMA, [], tmp_path / "a")


@pytest.mark.parametrize("content", [None, b"", b"SQLite format 3\0" + bytes(2000), b"text" * 300])
def test_what_is_no_index_is_refused(tmp_path, content):
    path = tmp_path / "x%20?y.sqlite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(IndexMissing):
        ServingIndex(path)


def test_a_plan_for_another_catalogue_is_refused(index):
    plan = compile_lookup(LookupRequest(Access({"height": "I"}, [], [], {"height": NONE})))
    with pytest.raises(IndexMissing):
        index.fetch(plan)


def test_the_gateway_s_part_loads_no_heavy_driver():
    code = "import sys, datong.engine.backends.index, datong.engine.plans.lookup, datong.engine.face;print([m for m in sys.modules if m.split('.')[0] in {'pyarrow','duckdb','deltalake','pyspark','numpy','pandas','psycopg','adbc_driver_manager'}])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_items_named_like_sqlite_s_own_columns_stay_items(tmp_path):
    schema = a_schema(rowid="C", oid="I")
    land(a_csv(tmp_path, "rowid,oid\nb,9\na,8\n"), schema, tmp_path / "t")
    info = engine.build_index(tmp_path / "t", schema, [], tmp_path / "a")
    plan = compile_lookup(LookupRequest(Access({"rowid": "C", "oid": "I"}, ["rowid"], [], {"oid": NONE}), limit=1))
    with ServingIndex(info.path) as index:
        page = plan.page(index.fetch(plan))
    assert (page.records, page.next) == ([{"oid": 9}], 1)
