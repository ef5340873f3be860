# SPDX-License-Identifier: Apache-2.0
"""What is cleared out of a lake table, and what stays for whom."""

from __future__ import annotations

import os

import pytest
from deltalake import DeltaTable

from datong.engine import face as engine
from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.errors import BackendFailed, ChangesGone
from datong.engine.plans.lookup import Access
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType as T
from factories.sheets import a_csv, a_schema

SCHEMA = a_schema(id="C", name="C")
ACCESS = Access({"id": T.C, "name": T.C}, ["id"], [], {"id": Mask("none"), "name": Mask("none")})
ROWS = {f"{number}": f"人{number}" for number in range(8)}
LATER = [{}, {"1": "改"}, {"1": "改", "2": "又改"}, {"3": "三改"}]


@pytest.fixture
def table(tmp_path):
    """A table of four versions, every file of which is a year old; rejected rows beside it."""
    place = tmp_path / "lake" / "330-1"
    for number, changed in enumerate(LATER):
        rows = "".join(f"{key},{name}\n" for key, name in {**ROWS, **changed}.items())
        source = a_csv(tmp_path, f"id,name\n{rows},没有键\n")
        engine.collect(source, SCHEMA, {"id": "id", "name": "name"}, place, batch=f"b{number}")
    for path in place.parent.rglob("*.parquet"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return place


def rows_at(place, version, tmp_path):
    with DuckEngine(tmp_path / "spill") as session:
        session.open_table("t", place, version)
        return dict(session.rows("select id, name from t"))


def told(place, since, until):
    return engine.changes(place, SCHEMA, ACCESS, since, until).read_all().num_rows


def test_what_is_young_stays(table, tmp_path):
    files = sorted(table.rglob("*.parquet"))
    for path in files:
        os.utime(path)
    assert engine.vacuum(table, 3, 7) == 0
    assert sorted(table.rglob("*.parquet")) == files


def test_what_somebody_goes_on_from_stays_with_all_that_changed_since(table, tmp_path):
    before = told(table, 1, 3)
    assert engine.vacuum(table, 1, 0) > 0
    assert rows_at(table, 1, tmp_path) == {**ROWS, "1": "改"}
    assert rows_at(table, 3, tmp_path) == {**ROWS, "3": "三改"}
    assert told(table, 1, 3) == before > 0
    with pytest.raises(BackendFailed):
        rows_at(table, 0, tmp_path)
    assert engine.vacuum(table, 1, 0) == 0, "it was all cleared"


def test_what_nobody_needs_goes_and_versions_mean_what_they_meant(table, tmp_path):
    newest = DeltaTable(str(table)).version()
    assert engine.vacuum(table, newest, 0) > 0
    assert DeltaTable(str(table)).version() == newest
    assert rows_at(table, newest, tmp_path) == {**ROWS, "3": "三改"}
    assert engine.quarantine(table, "b3") != []
    with pytest.raises(ChangesGone):
        told(table, 0, newest)
    rows = "".join(f"{key},{name}\n" for key, name in ROWS.items())
    again = engine.collect(a_csv(tmp_path, f"id,name\n{rows}"), SCHEMA, {"id": "id", "name": "name"}, table, batch="b9")
    assert (again.delta_version, again.updated) == (newest + 1, 1)


def test_what_a_writer_that_was_killed_left_behind_goes(table):
    left = table / "part-00000-left.parquet"
    left.write_bytes(b"half")
    assert engine.vacuum(table, 0, 7) == 0, "it may still be at work"
    os.utime(left, (1_700_000_000, 1_700_000_000))
    assert engine.vacuum(table, 0, 7) == 1
    assert not left.exists()


def test_a_table_that_was_never_landed_in_has_nothing_to_clear(tmp_path):
    assert engine.vacuum(tmp_path / "nothing", 0, 7) == 0
