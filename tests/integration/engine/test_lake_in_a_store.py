# SPDX-License-Identifier: Apache-2.0
"""A lake in a real object store: landed, changed, derived, followed and delivered as one on this machine; what goes wrong."""

from __future__ import annotations

import itertools
import pickle
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from deltalake import CommitProperties

from datong.engine import face as engine
from datong.engine import places
from datong.engine.backends import keeping, lake, manifests
from datong.engine.backends.remote import web
from datong.engine.errors import BackendFailed, ChangesGone
from datong.engine.places import Remote, table
from datong.engine.plans.lookup import Access, RowRule
from datong.kernel.errors import Conflict, Unknown
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType as T
from factories import stores
from factories.obstructing import a_way
from factories.sheets import a_csv, a_schema, land

KINDS = {"id": T.C, "name": T.C, "region": T.C}
SCHEMA = engine.Schema(tuple(engine.Column(name, kind, key=name == "id") for name, kind in KINDS.items()))
COLUMNS = {name: name for name in KINDS}
ACCESS = Access(KINDS, ["id"], [], {"id": Mask("none"), "name": Mask.parse("partial:1:0")}, [RowRule("region", "prefix", ("33",))])
OTHERS = "".join(f"{number},周吴,320102\n" for number in range(5, 9))
FIRST = f"id,name,region\n1,赵一,330106\n2,钱二,320102\n3,孙三,330203\n,没有,330106\n{OTHERS}"
SECOND = f"id,name,region\n1,赵一,330106\n2,钱二,330102\n3,孙改,330203\n4,李四,330106\n{OTHERS}"
_numbers = itertools.count()


@pytest.fixture(scope="module")
def bucket():
    with stores.a_bucket() as found:
        yield found


@pytest.fixture(scope="module")
def opened(bucket):
    with a_way(bucket) as found:
        yield found


@pytest.fixture
def way(opened):
    yield opened
    opened.refuse("", times=0)


@pytest.fixture
def place(bucket, tmp_path):
    """A table that was never landed in."""
    return table(tmp_path / "lake", tmp_path / "kept", bucket.lake(f"省 node/{next(_numbers)}"), "330-1")


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """A store is asked again after a moment, not after seconds."""
    monkeypatch.setattr(places, "TRIES", 2)
    monkeypatch.setattr(web, "PAUSES", (0.01, 0.01))


def collect(tmp_path, text, place, batch):
    return engine.collect(a_csv(tmp_path, text), SCHEMA, COLUMNS, place, batch=batch)


def shown(made: Path, place: Remote | Path):
    """Rows of a derived table, wherever its files are."""
    held, found = manifests.derived(made), []
    for one in held.filled:
        path = made / one.path if not held.at else keeping.brought(Remote(place.bucket, held.at, made.parents[1] / "brought"), [one.path])[0]
        found += pq.read_table(path).to_pylist()
    return sorted(map(tuple, (row.values() for row in found)))


def whole_way(tmp_path, place, folder, store=None):
    """Everything that becomes of a table; what can be told of it."""
    first = collect(tmp_path, FIRST, place, "b1")
    one = engine.derive(place, SCHEMA, ACCESS, folder, store=store)
    before = shown(one, place)
    engine.build_index(place, SCHEMA, ["region"], tmp_path / "1.sqlite")
    second = collect(tmp_path, SECOND, place, "b2")
    two = engine.derive(place, SCHEMA, ACCESS, folder, history=True, store=store)
    renewed = engine.renew_index(tmp_path / "1.sqlite", place, SCHEMA, ["region"], tmp_path / "2.sqlite", version=second.delta_version)
    changes = engine.changes(place, SCHEMA, ACCESS, first.delta_version, second.delta_version).read_all()
    with engine.outflow(place, SCHEMA, ACCESS, second.delta_version, beside=tmp_path / "out") as rows:
        csv, counted = b"".join(sorted(piece for piece, _ in rows.csv(guard=False))), rows.sum()
    return {
        "first": (first.rows_good, first.rows_bad, first.inserted, first.digest),
        "second": (second.rows_good, second.inserted, second.updated, second.deleted, second.anew),
        "quarantine": [(row["line"], row["field"]) for row in engine.quarantine(place, "b1")],
        "before": before,
        "after": shown(two, place),
        "told": sum(change.rows for change in manifests.derived(two).changes),
        "changes": changes.drop_columns(["_commit_timestamp"]).to_pylist(),
        "rows": renewed.rows if renewed else engine.build_index(place, SCHEMA, [], tmp_path / "3.sqlite").rows,
        "fingerprint": engine.fingerprint(place, SCHEMA),
        "csv": sorted(csv.splitlines()),
        "sum": counted,
        "held": engine.rows_of(place),
    }


def test_the_whole_way_is_the_same_in_a_store_as_on_this_machine(place, tmp_path):
    here = whole_way(tmp_path, tmp_path / "here" / "330-1", tmp_path / "derived-here")
    store = Remote(place.bucket, "derived/330-1", tmp_path / "kept-derived")
    there = whole_way(tmp_path, place, tmp_path / "derived", store)
    assert there == here
    assert here["before"] == [("1", "赵*"), ("3", "孙*")]
    held = keeping.listed(Remote(place.bucket, "lake", tmp_path))
    assert any(one.startswith("330-1/_delta_log/") for one in held), "the log lies in the store"
    assert not list((tmp_path / "lake").glob("*")), "and nothing of it where it would lie without"
    assert not list((tmp_path / "derived").rglob("*.parquet"))
    assert here["second"] == (8, 1, 2, 0, False)


def test_a_file_is_brought_once_and_in_a_process_of_its_own_as_well(way, bucket, tmp_path):
    there = table(tmp_path / "lake", tmp_path / "kept", bucket.lake("once", endpoint=way.endpoint), "x")
    assert land(a_csv(tmp_path, FIRST), a_schema(id="C", name="C", region="C"), there).rows_good == 7
    engine.build_index(there, SCHEMA, [], tmp_path / "x.sqlite")
    engine.apart(engine.build_index, there, SCHEMA, [], tmp_path / "x.sqlite")
    assert len([path for method, path in way.seen if method == "GET" and "/once/" in path and path.endswith(".parquet")]) == 1
    assert stores.SECRET not in repr(there)
    assert pickle.loads(pickle.dumps(there)) == there


def test_of_two_that_commit_at_once_the_store_takes_one(place, tmp_path):
    collect(tmp_path, FIRST, place, "b1")
    late = lake.handle(place)
    collect(tmp_path, SECOND, place, "b2")
    with pytest.raises(Conflict), lake.writing(place):
        late.delete("id = '1'", commit_properties=CommitProperties(max_commit_retries=0))
    assert engine.rows_of(place) == 8


def test_what_was_put_back_is_put_back_there(place, tmp_path):
    first = collect(tmp_path, FIRST, place, "b1")
    collect(tmp_path, SECOND, place, "b2")
    assert engine.put_back(place, first.delta_version, batch="b2") is True
    assert engine.rows_of(place) == 7


def test_changes_whose_files_are_gone_are_said_to_be_gone(place, tmp_path):
    first = collect(tmp_path, FIRST, place, "b1")
    second = collect(tmp_path, SECOND, place, "b2")
    gone = [one for one in keeping.listed(place) if one.startswith("_change_data")]
    assert keeping.remove(place, gone)
    with pytest.raises(ChangesGone):
        engine.changes(place, SCHEMA, ACCESS, first.delta_version, second.delta_version).read_all()


@pytest.mark.parametrize("changed", [{"secret": "wrong"}, {"name": "no-such-bucket"}, {"endpoint": "http://127.0.0.1:9"}])
def test_a_store_that_refuses_or_is_not_there_is_a_state_and_no_mystery(bucket, tmp_path, changed):
    place = table(tmp_path / "lake", tmp_path / "kept", bucket.lake("x", **changed), "330-1")
    for asked in (
        lambda: land(a_csv(tmp_path, FIRST), a_schema(id="C"), place),
        lambda: engine.rows_of(place),
        lambda: engine.build_index(place, SCHEMA, [], tmp_path / "x.sqlite"),
    ):
        with pytest.raises(BackendFailed) as told:
            asked()
        assert stores.SECRET not in str(told.value)
        assert "127.0.0.1" not in str(told.value)


def test_nothing_landed_is_told_as_on_this_machine(place):
    assert engine.rows_of(place) is None
    assert engine.quarantine(place, "b1") == []
    with pytest.raises(Unknown):
        lake.open_table(place)


def test_old_files_are_cleared_out_of_the_store(place, tmp_path):
    for number, text in enumerate((FIRST, SECOND, FIRST)):
        newest = collect(tmp_path, text, place, f"b{number}").delta_version
    held = len(keeping.listed(place))
    gone = engine.vacuum(place, newest, 0)
    assert gone > 0
    assert len(keeping.listed(place)) <= held - gone + 1, "a file of the quarantine may be among them"
    assert engine.rows_of(place) == 7
    assert engine.vacuum(place, newest, 0) == 0


def test_a_store_that_stumbles_at_a_commit_is_asked_again_and_one_that_falls_shows_nothing(way, bucket, tmp_path):
    place = table(tmp_path / "lake", tmp_path / "kept", bucket.lake("stumbling", endpoint=way.endpoint), "330-1")
    collect(tmp_path, FIRST, place, "b1")
    way.refuse("PUT", "_delta_log", times=2)
    assert collect(tmp_path, SECOND, place, "b2").rows_good == 8
    way.refuse("PUT", "_delta_log")
    with pytest.raises(BackendFailed):
        collect(tmp_path, FIRST, place, "b3")
    way.refuse("PUT", times=0)
    assert engine.rows_of(place) == 8
    assert collect(tmp_path, FIRST, place, "b3").rows_good == 7


def test_a_derived_table_whose_files_do_not_get_there_is_not_there(way, bucket, place, tmp_path):
    collect(tmp_path, FIRST, place, "b1")
    told = bucket.lake(place.bucket.prefix, endpoint=way.endpoint)
    way.refuse("PUT")
    with pytest.raises(BackendFailed):
        engine.derive(place, SCHEMA, ACCESS, tmp_path / "derived", store=Remote(told, "derived/330-1", tmp_path / "kept-derived"))
    assert not list((tmp_path / "derived").glob("*"))
    made = engine.derive(place, SCHEMA, ACCESS, tmp_path / "derived", store=Remote(place.bucket, "derived/330-1", tmp_path))
    assert len(shown(made, place)) == 2


def test_room_is_made_by_what_was_not_used_the_longest(tmp_path):
    for name, size in (("a/1.parquet", 10), ("a/2.parquet", 10), (".b.partial", 1)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * size)
    now = (tmp_path / "a/2.parquet").stat().st_mtime
    assert keeping.make_room(tmp_path, 0, now=now) == 0, "used a moment ago"
    assert keeping.make_room(tmp_path, 15, now=now + keeping.IN_USE + 1) == 2
    assert keeping.make_room(tmp_path, 15, now=now + keeping.IN_USE + 1) == 0
