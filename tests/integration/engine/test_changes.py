# SPDX-License-Identifier: Apache-2.0
"""Changes through a policy: replayed over what the policy showed of one version, they give what it shows of another."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st

from datong.engine import face as engine
from datong.engine.backends.duck.dialect import DuckDialect
from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.errors import BackendFailed, ChangesGone, ItemNotGranted
from datong.engine.plans import changing, deriving
from datong.engine.plans.changing import Commit
from datong.engine.plans.lookup import Access, RowRule
from datong.kernel.errors import Malformed, Unknown
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType as T

KINDS = {"证号": T.C, "姓名": T.C, "区划": T.C, "人数": T.I}
TYPES = pa.schema(
    [("证号", pa.string()), ("姓名", pa.string()), ("区划", pa.string()), ("人数", pa.int64()), ("_batch", pa.string())]
)
FEED = {"delta.enableChangeDataFeed": "true"}


def schema(*, keyed=True):
    return engine.Schema(tuple(engine.Column(name, kind, key=keyed and name == "证号") for name, kind in KINDS.items()))


def access(granted, rows=(), *, keyed=True):
    masks = {name: Mask.parse(mask) for name, mask in granted.items()}
    return Access(KINDS, ["证号"] if keyed else [], [], masks, rows, b"secret of a grant")


def table(rows):
    return pa.Table.from_pylist([dict(zip(TYPES.names, (*row, "b"), strict=True)) for row in rows], schema=TYPES)


class Lake:
    """A table and the ways in which landings change it."""

    def __init__(self, folder):
        self.path = folder
        write_deltalake(str(folder), table([]), configuration=FEED)

    def replace(self, rows):
        write_deltalake(str(self.path), table(rows), mode="overwrite", schema_mode="overwrite")

    def merge(self, rows):
        merged = DeltaTable(str(self.path)).merge(table(rows), "t.`证号` = s.`证号`", source_alias="s", target_alias="t")
        merged.when_matched_delete("s.`姓名` = '亡'").when_matched_update_all().when_not_matched_insert_all().execute()

    def back(self, steps):
        if self.version:
            DeltaTable(str(self.path)).restore(max(0, self.version - steps))

    @property
    def version(self):
        return DeltaTable(str(self.path)).version()


def shown(lake, version, kinds, policy, spill):
    """Rows of a version as the policy shows them, by the statement of derived tables."""
    sql, bound = deriving.select(policy, kinds, "landed", DuckDialect())
    with DuckEngine(spill) as held:
        held.open_table("landed", lake.path, version)
        return Counter(tuple(row.values()) for row in held.query("shown", sql, bound).read_all().to_pylist())


def replayed(rows, told):
    """Rows after the changes; taking away what is not there fails."""
    now = Counter(rows)
    for one in told:
        values = tuple(value for name, value in one.items() if not name.startswith("_"))
        gone = one["_change_type"] in ("delete", "update_preimage")
        assert not gone or now[values] > 0, "what was never given cannot be taken"
        now[values] += -1 if gone else 1
    return +now


CELL = st.tuples(st.sampled_from("张王亡"), st.sampled_from(["330106", "330203", "320102"]), st.integers(0, 2))
PEOPLE = st.dictionaries(st.sampled_from("甲乙丙丁戊"), CELL, max_size=5).map(
    lambda all_: [(key, *rest) for key, rest in all_.items()]
)
STEP = st.one_of(
    st.tuples(st.just("replace"), PEOPLE), st.tuples(st.just("merge"), PEOPLE), st.tuples(st.just("back"), st.integers(1, 3))
)
GRANTED = st.dictionaries(st.sampled_from(list(KINDS)), st.sampled_from(["none", "redact", "hash", "partial:1:0"]), min_size=1)
RULES = st.sampled_from(
    [(), (RowRule("区划", "prefix", ("33",)),), (RowRule("人数", "in", ("1", "2")), RowRule("区划", "in", ("330106",)))]
)


@settings(max_examples=8)
@given(st.data(), st.lists(STEP, min_size=1, max_size=4), GRANTED, RULES, st.booleans())
def test_replaying_gives_the_newer_version(tmp_path_factory, data, steps, granted, rules, keyed):
    folder = tmp_path_factory.mktemp("湖 水")
    lake, kinds, policy = Lake(folder / "人"), schema(keyed=keyed), access(granted, rules, keyed=keyed)
    for verb, what in steps:
        getattr(lake, verb)(what)
    since = data.draw(st.integers(-1, lake.version))
    told = engine.changes(lake.path, kinds, policy, since, lake.version).read_all().to_pylist()
    before = shown(lake, since, kinds, policy, folder / "spill") if since >= 0 else Counter()
    assert replayed(before, told) == shown(lake, lake.version, kinds, policy, folder / "spill")
    assert [one["_commit_version"] for one in told] == sorted(one["_commit_version"] for one in told)
    assert told == engine.changes(lake.path, kinds, policy, since, lake.version).read_all().to_pylist()
    if not keyed:
        assert {one["_change_type"] for one in told} <= {"insert", "delete"}
    shutil.rmtree(folder)


@pytest.fixture
def lake(tmp_path):
    made = Lake(tmp_path / "人")
    made.replace([("甲", "张", "330106", 1), ("乙", "王", "330106", 1), ("丙", "李", "320102", 1)])
    return made


INSIDE = (RowRule("区划", "prefix", ("33",)),)


def told(lake, granted, rules=INSIDE, since=1):
    made = engine.changes(lake.path, schema(), access(granted, rules), since, lake.version)
    return [(one["_change_type"], one.get("人数"), one["_commit_version"]) for one in made.read_all().to_pylist()]


NEXT = [("甲", "改", "330106", 1), ("乙", "王", "320102", 1), ("丙", "李", "330106", 5), ("丁", "钱", "330106", 7)]


@pytest.mark.parametrize("how", ["replace", "merge"])
def test_entering_leaving_and_hidden_changes(lake, how):
    getattr(lake, how)(NEXT)
    assert told(lake, {"人数": "none"}) == [("delete", 1, 2), ("insert", 5, 2), ("insert", 7, 2)]


def test_a_masked_key_still_matches_and_never_leaves(lake):
    lake.merge([("甲", "张", "330106", 9)])
    made = engine.changes(lake.path, schema(), access({"证号": "redact", "人数": "none"}, INSIDE), 1, 2).read_all()
    assert made.column_names == ["_change_type", "证号", "人数", "_commit_version", "_commit_timestamp"]
    assert [(one["_change_type"], one["证号"], one["人数"]) for one in made.to_pylist()] == [
        ("update_preimage", "***", 1),
        ("update_postimage", "***", 9),
    ]
    assert abs((made["_commit_timestamp"][0].as_py() - datetime.now(UTC)).total_seconds()) < 60


def test_what_was_put_back_was_never_told(lake):
    lake.replace(NEXT)
    lake.back(1)
    lake.merge([("甲", "张", "330106", 9)])
    assert told(lake, {"人数": "none"}) == [("update_preimage", 1, 4), ("update_postimage", 9, 4)]
    assert told(lake, {"人数": "none"}, since=2)[-1] == ("update_postimage", 9, 4)


def test_files_rewritten_without_new_rows_are_no_change(lake):
    lake.merge([("丁", "钱", "330106", 7)])
    DeltaTable(str(lake.path)).optimize.compact()
    assert told(lake, {"人数": "none"}, since=lake.version - 1) == []


def test_nothing_between_a_version_and_itself_has_columns(lake):
    made = engine.changes(lake.path, schema(), access({"人数": "none"}), 1, 1)
    assert made.schema.names == ["_change_type", "人数", "_commit_version", "_commit_timestamp"]
    assert made.read_all().num_rows == 0


def test_what_is_no_longer_kept_is_said(lake):
    lake.replace(NEXT)
    granted = access({"人数": "none"})
    for name in files_of(lake, 1):
        (lake.path / name).unlink()
    with pytest.raises(ChangesGone):
        engine.changes(lake.path, schema(), granted, 1, 2).read_all()
    DeltaTable(str(lake.path)).create_checkpoint()
    for version in (0, 1):
        (lake.path / "_delta_log" / f"{version:020}.json").unlink()
    with pytest.raises(ChangesGone):
        engine.changes(lake.path, schema(), granted, 0, 2)


def files_of(lake, version):
    lines = (lake.path / "_delta_log" / f"{version:020}.json").read_text("utf-8").splitlines()
    return {one["add"]["path"] for one in map(json.loads, lines) if "add" in one}


def test_items_of_other_types_are_another_table(lake):
    other = table(NEXT).set_column(3, "人数", pa.array(["1", "2", "3", "4"]))
    write_deltalake(str(lake.path), other, mode="overwrite", schema_mode="overwrite")
    with pytest.raises(ChangesGone):
        engine.changes(lake.path, schema(), access({"人数": "none"}), 1, 2).read_all()
    fewer = table(NEXT).drop_columns(["人数"])
    write_deltalake(str(lake.path), fewer, mode="overwrite", schema_mode="overwrite")
    with pytest.raises(ChangesGone):
        engine.changes(lake.path, schema(), access({"人数": "none"}), 2, 3)


@pytest.mark.parametrize(("since", "until"), [(2, 1), (-2, 1), (0, 9)])
def test_versions_out_of_order(lake, since, until):
    with pytest.raises(Malformed):
        engine.changes(lake.path, schema(), access({"人数": "none"}), since, until)


def test_policies_that_let_out_nothing(lake, tmp_path):
    with pytest.raises(ItemNotGranted):
        engine.changes(lake.path, schema(), access({}), 0, 1)
    with pytest.raises(Unknown):
        engine.changes(tmp_path / "none", schema(), access({"人数": "none"}), 0, 1)


def test_a_damaged_file_is_a_failure_without_values(lake):
    lake.replace(NEXT)
    for name in files_of(lake, 2):
        (lake.path / name).write_bytes(b"PAR1 nothing PAR1")
    with pytest.raises(BackendFailed):
        engine.changes(lake.path, schema(), access({"人数": "none"}), 1, 2).read_all()


COMMITS = st.lists(st.one_of(st.none(), st.integers(0, 8)), max_size=8)


@given(COMMITS, st.integers(-1, 8))
def test_stretches_lead_from_one_version_to_the_other(plan, since):
    """Walking them ends at the state of the last commit, and none tells what was undone."""
    states, commits = {-1: (), 0: (0,)}, []
    for version, back in enumerate(plan, start=1):
        restored = None if back is None else min(back, version - 1)
        states[version] = (*states[version - 1], version) if restored is None else states[restored]
        commits.append(Commit(version, 0, restored))
    start = min(since, len(plan))
    commits = [Commit(0, 0), *commits]
    now = states[start]
    for stretch in changing.stretches([one for one in commits if one.version > start], start):
        version = stretch.commit.version
        came_from = states[version - 1] if stretch.since is None else states[stretch.since]
        assert now == came_from
        now = states[version]
    assert now == states[len(plan)]
