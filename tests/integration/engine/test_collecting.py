# SPDX-License-Identifier: Apache-2.0
"""Collecting: whatever a source went through and wherever a batch was killed, the lake is what the source is."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from datong.engine import face as engine
from datong.engine.backends import commits
from datong.engine.base import Column, Schema
from datong.engine.errors import BackendFailed, NothingLanded, SourceUnreadable
from datong.engine.plans.collecting import Mode, Watermark, Way
from datong.kernel.errors import Malformed
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType
from factories.sheets import a_csv, a_schema, rows_of

SCHEMA = Schema((Column("编号", ItemType.C, key=True), Column("v", ItemType.N, precision=2), Column("at", ItemType.I)))
KEYED = Way(Mode.KEYS)
OPEN = Mask("none")


class Killed(BaseException):
    """The process was killed here."""


def collect(folder: Path, rows: dict[str, tuple[str, int]], batch: str, way: Way | None = None, **more: Any) -> engine.Collected:
    text = "编号,v,at\n" + "".join(f"{key},{value},{at}\n" for key, (value, at) in rows.items())
    return engine.collect(a_csv(folder, text), SCHEMA, {one: one for one in SCHEMA.fields}, folder / "lake", batch=batch, way=way, **more)


def held(folder: Path) -> dict[str, tuple[str, int]]:
    return {row["编号"]: (str(row["v"]), row["at"]) for row in rows_of(folder / "lake")}


def fed(folder: Path, version: int) -> list[tuple[str, str, str]]:
    """What the feed of one commit says: kind, key, value."""
    told = pa.table(DeltaTable(str(folder / "lake")).load_cdf(starting_version=version, ending_version=version).read_all())
    return sorted((row["_change_type"], row["编号"], str(row["v"])) for row in told.to_pylist())


def replayed(folder: Path) -> dict[str, str]:
    """The table as a follower of the feed would have it."""
    now: dict[str, str] = {}
    for version in range(DeltaTable(str(folder / "lake")).version() + 1):
        told = fed(folder, version)
        for kind, key, value in told:
            if kind in {"delete", "update_preimage"}:
                assert now.pop(key) == value
        now |= {key: value for kind, key, value in told if kind in {"insert", "update_postimage"}}
    return now


KEYS = st.sampled_from(["甲", "乙", "丙", "丁", "戊"])
VALUES = st.sampled_from(["1.00", "2.50", "-3.00"])
STEP = st.tuples(
    st.dictionaries(KEYS, VALUES, max_size=3),
    st.sets(KEYS, max_size=2),
    st.sampled_from([Mode.FULL, Mode.KEYS, Mode.WATERMARK]),
    st.sampled_from(["no", "before", "after"]),
)


@settings(max_examples=5, phases=[Phase.generate])
@given(st.lists(STEP, min_size=2, max_size=4))
def test_whatever_happened_the_lake_is_the_source(history):
    with tempfile.TemporaryDirectory() as root:
        folder, source, expected = Path(root), {"始": ("0.00", 0)}, {}
        mark = Watermark("at", ItemType.I)
        for number, (put, gone, mode, kill) in enumerate(history):
            source = {key: row for key, row in source.items() if key not in gone} | {key: (value, number) for key, value in put.items()}
            way = Way(mode, mark if mode is Mode.WATERMARK else None)
            if kill == "before":
                with suppress(Killed):
                    collect(folder, source, f"b{number}", way, watch=killer("comparing" if number % 2 else "writing"))
            made = collect(folder, source, f"b{number}", way)
            if kill == "after":
                again = collect(folder, source, f"b{number}", way)
                assert (again.delta_version, again.rows_good) == (made.delta_version, made.rows_good)
            expected = dict(source) if way.whole or number == 0 else expected | source
            if mode is Mode.WATERMARK:
                mark = Watermark("at", ItemType.I, last=made.watermark)
            assert held(folder) == expected
            assert made.rows_good == len(expected)
        assert replayed(folder) == {key: value for key, (value, _) in expected.items()}


def killer(where: str):
    """Kill the batch as a phase begins; one without changes never writes."""

    def watch(phase: str, _: int) -> None:
        if phase == where:
            raise Killed

    return watch


A, B, C = ("1.00", 1), ("2.00", 1), ("3.00", 1)


def test_the_feed_holds_exactly_what_changed(tmp_path):
    collect(tmp_path, {"甲": A, "乙": B, "丙": C}, "b1")
    made = collect(tmp_path, {"甲": A, "乙": ("9.00", 1), "丁": C}, "b2", KEYED)
    assert (made.inserted, made.updated, made.deleted, made.rows_good, made.anew) == (1, 1, 1, 3, False)
    assert fed(tmp_path, made.delta_version) == [
        ("delete", "丙", "3.00"), ("insert", "丁", "3.00"), ("update_postimage", "乙", "9.00"), ("update_preimage", "乙", "2.00"),
    ]  # fmt: skip
    rows = DeltaTable(str(tmp_path / "lake")).to_pyarrow_table().to_pylist()
    assert {row["编号"]: row["_batch"] for row in rows} == {"甲": "b1", "乙": "b2", "丁": "b2"}


@pytest.mark.parametrize("way", [Way(), KEYED])
def test_what_did_not_change_makes_no_version(tmp_path, way):
    first = collect(tmp_path, {"甲": A, "乙": B}, "b1")
    made = collect(tmp_path, {"乙": B, "甲": A}, "b2", way)
    assert not made.changed and made.delta_version == first.delta_version and made.rows_good == 2


def test_full_mode_changes_little_where_little_changed_and_writes_anew_where_most_did(tmp_path):
    collect(tmp_path, dict.fromkeys("甲乙丙丁", A), "b1")
    little = collect(tmp_path, dict.fromkeys("乙丙丁", A), "b2")
    assert (little.deleted, little.anew) == (1, False) and len(fed(tmp_path, little.delta_version)) == 1
    much = collect(tmp_path, dict.fromkeys("乙丙丁", B), "b3")
    assert much.anew and held(tmp_path) == dict.fromkeys("乙丙丁", B)


def test_rows_without_a_key_are_equal_as_a_whole_or_anew(tmp_path):
    schema = a_schema(v="c", w="i")
    text = [("b1", "v,w\n一,1\n一,1\n二,\n"), ("b2", "v,w\n二,\n一,1\n一,1\n"), ("b3", "v,w\n一,1\n二,\n二,\n")]
    said = []
    for batch, rows in text:
        said.append(engine.collect(a_csv(tmp_path, rows), schema, {"v": "v", "w": "w"}, tmp_path / "lake", batch=batch))
    assert [(one.anew, one.delta_version) for one in said] == [(True, 0), (False, 0), (True, 1)]
    with pytest.raises(Malformed, match="key"):
        engine.collect(a_csv(tmp_path, "v,w\n"), schema, {"v": "v", "w": "w"}, tmp_path / "lake", batch="b4", way=KEYED)


def test_late_rows_of_an_equal_watermark_are_taken_and_deletions_are_not_seen(tmp_path):
    first = collect(tmp_path, {"甲": A, "乙": ("2.00", 7)}, "b1", Way(Mode.WATERMARK, Watermark("at", ItemType.I)))
    assert first.watermark == "7"
    mark = Watermark("at", ItemType.I, last=first.watermark)
    made = collect(tmp_path, {"丙": ("3.00", 7), "丁": ("4.00", 8)}, "b2", Way(Mode.WATERMARK, mark))
    assert (made.inserted, made.deleted, made.watermark, made.rows_good) == (2, 0, "8", 4)


@pytest.mark.parametrize(
    ("mark", "start"),
    [
        (Watermark("at", ItemType.T, 60, "2026-03-01T00:00:30+00:00"), "2026-02-28 23:59:30+00:00"),
        (Watermark("at", ItemType.T, 60, "2026-03-01T00:00:30+00:00", zoned=False), "2026-03-01 07:59:30"),
        (Watermark("at", ItemType.D, 1, "2026-03-01"), "2026-02-28"),
        (Watermark("at", ItemType.I, 5, "12"), "7"),
        (Watermark("at", ItemType.N, 1, "12.50"), "11.50"),
        (Watermark("at", ItemType.T), ""),
    ],
)
def test_reading_starts_an_overlap_before_the_last_value(mark, start):
    assert mark.start == start


def test_a_time_to_come_does_not_hide_the_rows_until_then(tmp_path):
    schema, way = a_schema(k="C", t="T"), Way(Mode.WATERMARK, Watermark("t", ItemType.T))
    rows = a_csv(tmp_path, "k,t\n1,2026-01-01 08:00:00\n2,2999-01-01 00:00:00\n3,\n")
    made = engine.collect(rows, schema, {"k": "k", "t": "t"}, tmp_path / "lake", batch="b1", way=way)
    assert (made.watermark, made.zoned, made.rows_good) == ("2026-01-01T00:00:00+00:00", False, 3)


def test_a_batch_whose_commit_failed_changed_nothing_and_comes_to_the_same(tmp_path, monkeypatch):
    collect(tmp_path, {"甲": A, "乙": B}, "b1")

    def fail(*_, **__):
        raise BackendFailed("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(commits, "merge", fail)
        with pytest.raises(BackendFailed):
            collect(tmp_path, {"甲": A}, "b2", KEYED)
    assert len(held(tmp_path)) == 2
    assert collect(tmp_path, {"甲": A}, "b2", KEYED).deleted == 1
    assert collect(tmp_path, {"乙": B}, "b2", KEYED).deleted == 1, "the batch is known, its source is not read again"
    assert held(tmp_path) == {"甲": A}


def test_nothing_is_committed_before_the_review_and_what_may_be_empty_is_left_out_after_it(tmp_path):
    collect(tmp_path, {"甲": A, "乙": B}, "b1")
    seen = []
    text = a_csv(tmp_path, "编号,v,new\n甲,5.00,x\n乙,y,x\n")
    given = SCHEMA, {one: one for one in SCHEMA.fields}, tmp_path / "lake"

    def refuse(found):
        seen.append(found)
        if found.rows:
            raise Killed

    with pytest.raises(Killed):
        engine.collect(text, *given, batch="b2", way=KEYED, review=refuse)
    assert (seen[0].missing, seen[0].unread) == (("at",), ("new",))
    assert [(one.field, one.code, one.rows) for one in seen[1].misfits] == [("v", "not_number", 1)]
    assert held(tmp_path) == {"甲": A, "乙": B}
    with pytest.raises(Malformed, match="do not fit"):
        engine.collect(text, *given, batch="b2", way=KEYED)
    made = engine.collect(text, *given, batch="b2", way=KEYED, review=lambda _: None)
    assert (made.updated, made.deleted, made.rows_bad) == (1, 1, 1)
    assert held(tmp_path) == {"甲": ("5.00", None)}


def test_an_empty_or_wholly_unsound_source_deletes_nothing(tmp_path):
    collect(tmp_path, {"甲": A}, "b1")
    with pytest.raises(SourceUnreadable):
        collect(tmp_path, {}, "b2", KEYED)
    with pytest.raises(NothingLanded):
        collect(tmp_path, {"乙": ("x", 1)}, "b3", KEYED)
    made = collect(tmp_path, {}, "b4", Way(Mode.WATERMARK, Watermark("at", ItemType.I, last="5")))
    assert not made.changed and made.watermark == "5" and held(tmp_path) == {"甲": A}


def test_other_items_are_written_anew_whatever_the_mode(tmp_path):
    collect(tmp_path, {"甲": A, "乙": B}, "b1")
    schema, way = a_schema(编号="C", v="C"), Way(Mode.WATERMARK, Watermark("at", ItemType.I, last="99"))
    rows = a_csv(tmp_path, "编号,v,at\n甲,5,1\n")
    made = engine.collect(rows, schema, {"编号": "编号", "v": "v"}, tmp_path / "lake", batch="b2", way=way)
    assert made.anew and rows_of(tmp_path / "lake") == [{"编号": "甲", "v": "5"}]


def test_a_renewed_index_holds_what_a_built_one_does(tmp_path):
    first = collect(tmp_path, {"甲": A, "乙": B, "丙": C}, "b1")
    lake, built = tmp_path / "lake", tmp_path / "built.sqlite"
    engine.build_index(lake, SCHEMA, ["v"], tmp_path / "1.sqlite", version=first.delta_version)
    made = collect(tmp_path, {"甲": ("7.00", 2), "丙": C, "丁": A}, "b2", KEYED)
    renewed = engine.renew_index(tmp_path / "1.sqlite", lake, SCHEMA, ["v"], tmp_path / "2.sqlite", version=made.delta_version)
    engine.build_index(lake, SCHEMA, ["v"], built, version=made.delta_version)
    shown = [engine.first_rows(one, {"编号": ItemType.C, "v": ItemType.N}, {"编号": OPEN, "v": OPEN}, limit=9) for one in (tmp_path / "2.sqlite", built)]
    assert renewed.rows == 3 and sorted(map(str, shown[0])) == sorted(map(str, shown[1]))
    for previous, queries in ((tmp_path / "none.sqlite", ["v"]), (tmp_path / "1.sqlite", ["at"])):
        assert engine.renew_index(previous, lake, SCHEMA, queries, tmp_path / "3.sqlite", version=made.delta_version) is None


def test_many_small_files_are_put_together_and_nobody_is_told(tmp_path):
    rows = {}
    for number, key in enumerate("甲乙丙"):
        rows |= {key: A}
        collect(tmp_path, rows, f"b{number}", KEYED)
    lake = tmp_path / "lake"
    assert engine.compact(lake, 3) is False and engine.compact(tmp_path / "none", 3) is False
    assert engine.compact(lake, 2) and len(DeltaTable(str(lake)).file_uris()) == 1
    assert fed(tmp_path, 3) == [] and replayed(tmp_path) == dict.fromkeys("甲乙丙", "1.00")
    made = collect(tmp_path, {"甲": A}, "b9", KEYED)
    assert (made.deleted, made.delta_version) == (2, 4) and held(tmp_path) == {"甲": A}
