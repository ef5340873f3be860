# SPDX-License-Identifier: Apache-2.0
"""A derived table kept up over a history equals one written at once, and its changes lead from each version to the next."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st

from datong.engine import face as engine
from datong.engine.backends import manifests, telling
from datong.engine.errors import ChangesGone
from datong.engine.plans.lookup import Access, RowRule
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType as T

KINDS = {"证号": T.C, "区划": T.C, "人数": T.I}
SCHEMA = engine.Schema(tuple(engine.Column(name, kind, key=name == "证号") for name, kind in KINDS.items()))
REGIONS = ("330106", "330203", "320102")

KEYS = st.integers(0, 9)
CONTENT = st.dictionaries(KEYS, st.tuples(st.sampled_from(REGIONS), st.integers(0, 3)), max_size=8)
HISTORIES = st.lists(CONTENT, min_size=1, max_size=2)
POLICIES = st.tuples(
    st.dictionaries(st.sampled_from(list(KINDS)), st.sampled_from(["none", "redact", "partial:2:0"]), min_size=1),
    st.sampled_from([(), (RowRule("区划", "prefix", ("33",)),), (RowRule("人数", "in", ("1", "2")),)]),
)


def access(granted, rows=()):
    return Access(KINDS, ["证号"], [], {name: Mask.parse(mask) for name, mask in granted.items()}, rows, b"k")


def arrow(content):
    rows = [{"证号": f"{key}", "区划": region, "人数": number} for key, (region, number) in sorted(content.items())]
    return pa.Table.from_pylist(rows, pa.schema([("证号", pa.string()), ("区划", pa.string()), ("人数", pa.int64())]))


def begun(folder, content):
    lake = folder / "lake"
    write_deltalake(str(lake), arrow(content), configuration={"delta.enableChangeDataFeed": "true"})
    return lake


def moved(lake, content):
    """Bring a lake table to a content as a collector would: what changed alone is written, in one commit each."""
    (
        DeltaTable(str(lake))
        .merge(arrow(content), "t.证号 = s.证号", source_alias="s", target_alias="t")
        .when_matched_update_all("t.区划 <> s.区划 or t.人数 <> s.人数")
        .when_not_matched_insert_all()
        .when_not_matched_by_source_delete()
        .execute()
    )


def rows(folder):
    return Counter(tuple(row.items()) for row in DeltaTable(str(folder)).to_pyarrow_table().to_pylist())


def replayed(before, made):
    """Rows of the version before, with the changes of a folder applied."""
    after = Counter(before)
    for one in manifests.derived(made).changes:
        for row in pq.read_table(made / one.path).to_pylist():
            kind = row.pop("_change_type")
            after[tuple(row.items())] += 1 if kind in ("insert", "update_postimage") else -1
    return +after


@settings(max_examples=5)
@given(CONTENT.filter(bool), HISTORIES, POLICIES)
def test_kept_up_equals_written_at_once(first, history, policy):
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        lake = begun(folder, first)
        made = engine.derive(lake, SCHEMA, access(*policy), folder / "kept", history=True)
        for content in history:
            before = rows(made)
            moved(lake, content)
            made = engine.derive(lake, SCHEMA, access(*policy), folder / "kept", history=True)
            assert rows(made) == rows(engine.derive(lake, SCHEMA, access(*policy), folder / "whole"))
            assert rows(made) == replayed(before, made)


@pytest.fixture
def two(tmp_path):
    """A lake of two files of which a commit changes one."""
    lake = begun(tmp_path, {0: ("330106", 1)})
    write_deltalake(str(lake), arrow({1: ("330106", 1), 2: ("320102", 2)}), mode="append")
    return lake


def test_what_did_not_change_is_not_written_again(two, tmp_path, monkeypatch):
    monkeypatch.setattr("datong.engine.plans.upkeep.plan.__kwdefaults__", {"pack": 1, "spread": 16})
    granted = access({"人数": "none"})
    first = engine.derive(two, SCHEMA, granted, tmp_path / "derived")
    DeltaTable(str(two)).update(updates={"人数": "9"}, predicate="证号 = '0'")
    second = engine.derive(two, SCHEMA, granted, tmp_path / "derived")
    files = [{one.id: (folder / one.path).stat().st_ino for one in manifests.derived(folder).files} for folder in (first, second)]
    shared = files[0].keys() & files[1].keys()
    assert len(shared) == 1
    assert all(files[0][one] == files[1][one] for one in shared)


def test_changes_are_those_the_policy_lets_out(two, tmp_path):
    granted = access({"人数": "none"}, [RowRule("区划", "prefix", ("33",))])
    engine.derive(two, SCHEMA, granted, tmp_path / "derived", history=True)
    moved(two, {0: ("320102", 1), 1: ("330106", 7), 2: ("330203", 2)})
    made = engine.derive(two, SCHEMA, granted, tmp_path / "derived", history=True)
    said = manifests.derived(made)
    (one,) = said.changes
    told = pq.read_table(made / one.path).to_pylist()
    assert (said.version, said.before, said.begins, one.version, one.rows) == (2, 1, False, 2, 4)
    assert sorted((row["_change_type"], row["人数"]) for row in told) == [
        ("delete", 1), ("insert", 2), ("update_postimage", 7), ("update_preimage", 1),
    ]  # fmt: skip
    assert {name for row in told for name in row} == {"_change_type", "人数"}
    assert one.timestamp == said.timestamp > manifests.derived(tmp_path / "derived" / f"1-{said.digest}").timestamp


def test_without_the_right_no_change_is_kept(two, tmp_path):
    for _ in range(2):
        made = engine.derive(two, SCHEMA, access({"人数": "none"}), tmp_path / "derived")
        moved(two, {0: ("330106", 8)})
    assert (manifests.derived(made).changes, manifests.derived(made).before) == ((), None)
    assert not (made / telling.FOLDER).exists()


def test_where_changes_cannot_be_told_the_history_begins_anew(two, tmp_path, monkeypatch):
    granted = access({"人数": "none"})
    engine.derive(two, SCHEMA, granted, tmp_path / "derived", history=True)
    moved(two, {0: ("330106", 8)})

    def gone(*_):
        raise ChangesGone("gone")

    monkeypatch.setattr(telling, "changes", gone)
    said = manifests.derived(engine.derive(two, SCHEMA, granted, tmp_path / "derived", history=True))
    assert (said.before, said.begins, said.changes, said.rows) == (None, False, (), 1)


def test_versions_that_are_there_whole(tmp_path):
    for name in ("2-aa", "10-aa", "1-bb", ".deriving-aa", "x-aa"):
        (tmp_path / name).mkdir()
        (tmp_path / name / manifests.MANIFEST).write_text("{}", "utf-8")
    (tmp_path / "3-aa").mkdir()
    assert manifests.versions(tmp_path, "aa") == [2, 10]


KILLED = """
import os, pickle, signal, sys
from datong.engine.backends import derived

setattr(derived, sys.argv[1], lambda *_: os.kill(os.getpid(), signal.SIGKILL))
derived.derive(**pickle.load(sys.stdin.buffer))
"""


@pytest.mark.parametrize("step", ["_logged", "_put"])
def test_one_killed_while_it_is_made_leaves_nothing_half_visible(step, two, tmp_path):
    granted, folder = access({"人数": "none"}), tmp_path / "derived"
    first = engine.derive(two, SCHEMA, granted, folder, history=True)
    moved(two, {0: ("330106", 8)})
    told = pickle.dumps({"lake_table": two, "schema": SCHEMA, "access": granted, "folder": folder, "history": True})
    done = subprocess.run([sys.executable, "-c", KILLED, step], input=told, check=False)
    assert done.returncode == -signal.SIGKILL
    assert manifests.versions(folder, first.name.partition("-")[2]) == [1]
    made = engine.derive(two, SCHEMA, granted, folder, history=True)
    assert rows(made) == rows(engine.derive(two, SCHEMA, granted, tmp_path / "whole"))
    assert rows(made) == replayed(rows(first), made)
