# SPDX-License-Identifier: Apache-2.0
"""The full-text index on disk: commits, rebuilds, other processes, questions of every kind."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from datong.engine.backends.text import index as index_module
from datong.engine.backends.text.index import TextIndex
from datong.engine.errors import IndexBusy
from datong.engine.plans.seeking import (
    Always,
    Band,
    Both,
    Either,
    Entry,
    Kind,
    Layout,
    Like,
    Most,
    Question,
    Starts,
    Term,
    Weighted,
)

FIELDS = {"name": "words", "head": "edges", "whole": "whole", "sorted": "order", "kind": "label", "day": "number"}
LAYOUT = Layout({name: Kind(kind) for name, kind in FIELDS.items()}, edition=1)


def entry(row, name, *, kind="a", day=0):
    texts = {"name": name, "head": name.replace(" ", ""), "whole": name, "sorted": name}
    return Entry(f"k{row}", row, texts, {"kind": kind}, {"day": day})


ENTRIES = [
    entry(1, "red apple", kind="fruit", day=3), entry(2, "green apple", kind="fruit", day=1),
    entry(3, "red car", kind="thing", day=2), entry(4, "apple apple", kind="", day=9),
]  # fmt: skip


@pytest.fixture
def index(tmp_path):
    made = TextIndex(tmp_path / "search", LAYOUT)
    assert made.reader() is None
    assert made.rebuild(ENTRIES, {"seq": 7}) == 4
    return made


def rows(index, *must, **more):
    return set(index.reader().ask(Question(must=must, **more), limit=10).rows)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (Term("name", "apple"), {1, 2, 4}), (Term("name", "app"), set()), (Starts("name", "app"), {1, 2, 4}), (Starts("name", ".*"), set()),
        (Like("name", "aple"), {1, 2, 4}), (Term("head", "redap"), {1}), (Term("whole", "red car"), {3}),
        (Both((Term("name", "red"), Term("name", "apple"))), {1}), (Either((Term("name", "car"), Term("name", "green"))), {2, 3}),
        (Most((Term("name", "red"), Term("name", "apple"), Term("name", "car")), 2), {1, 3}),
        (Weighted(Term("name", "car"), 3.0), {3}), (Always(Term("kind", "fruit"), 3.0), {1, 2}),
    ],
)  # fmt: skip
def test_each_kind_of_part(index, part, expected):
    assert rows(index, part) == expected


def test_everything_without_the_note(index):
    answer = index.reader().ask(
        Question(counted={"kind": 9}, banded={"day": (Band("late", low=3), Band("early", high=3))}), limit=10
    )
    assert (set(answer.rows), answer.total, len(index.reader())) == ({1, 2, 3, 4}, 4, 4)
    assert answer.counts["kind"] == (("fruit", 2), ("thing", 1))
    assert dict(answer.counts["day"]) == {"late": 2, "early": 2}


def test_order_pages_and_ranges(index):
    ask = index.reader().ask
    assert ask(Question(order="day", rising=True), limit=10).rows == (2, 3, 1, 4)
    assert ask(Question(order="day"), limit=2, offset=1).rows == (1, 3)
    assert rows(index, within={"day": Band("x", low=2, high=4)}) == {1, 3}
    assert ask(Question(order="sorted", rising=True), limit=10).rows == (4, 2, 1, 3)
    assert rows(index, Term("sorted", "red car")) == set()  # sorted by, never looked up
    assert ask(Question(), limit=0).rows == ()


def test_narrowing_does_not_rank(index):
    first = index.reader().ask(Question(must=(Term("name", "apple"),), only=(Term("kind", "thing"),)), limit=10)
    assert first.rows == ()
    assert rows(index, Term("name", "red"), only=(Term("kind", "thing"),)) == {3}


def test_what_ranks_comes_first(index):
    asked = Question(must=(Term("name", "apple"),), should=(Always(Term("whole", "green apple"), 100.0),))
    assert index.reader().ask(asked, limit=10).rows[0] == 2


def test_a_commit_is_seen_with_its_note_by_another_reader(index, tmp_path):
    other = TextIndex(tmp_path / "search", LAYOUT)
    assert other.reader().note == {"seq": 7}
    with index.writing() as writer:
        writer.put(entry(1, "blue apple"))
        writer.drop("k3")
        writer.drop("nothing")
        assert other.reader().note == {"seq": 7}
        writer.commit({"seq": 8})
    assert other.reader().note == {"seq": 8}
    assert rows(other, Term("name", "blue")) == {1}
    assert rows(other, Term("name", "red")) == set()
    assert len(other.reader()) == 3


def test_what_is_not_committed_is_gone(index):
    with index.writing() as writer:
        writer.put(entry(9, "lost"))
    assert rows(index, Term("name", "lost")) == set()


def test_a_rebuild_that_fails_leaves_the_index_as_it_was(index):
    def broken():
        yield ENTRIES[0]
        raise RuntimeError("out of rows")

    with pytest.raises(RuntimeError):
        index.rebuild(broken(), {"seq": 9})
    assert index.reader().note == {"seq": 7}
    assert len([one for one in index.folder.iterdir() if one.is_dir()]) == 1


def test_a_reader_outlives_a_rebuild(index):
    before = index.reader()
    index.rebuild(ENTRIES[:1], {"seq": 8})
    assert before.ask(Question(), limit=10).total == 4
    assert index.reader().ask(Question(), limit=10).total == 1


def test_an_index_of_another_layout_is_none(index, tmp_path):
    other = TextIndex(tmp_path / "search", Layout(LAYOUT.fields, edition=2))
    assert other.reader() is None
    with pytest.raises(IndexBusy), other.writing():
        pass


@pytest.mark.parametrize("harm", ["current", "meta"])
def test_a_damaged_folder_is_no_index(index, harm):
    name = (index.folder / "current").read_text()
    if harm == "current":
        (index.folder / "current").write_bytes(b"\xff../../etc")
    else:
        shutil.rmtree(index.folder / name)
    assert TextIndex(index.folder, LAYOUT).reader() is None


HOLD = """
import sys
from pathlib import Path
from datong.engine.backends.text.index import TextIndex
from datong.engine.plans.seeking import Kind, Layout
fields = {"name": "words", "head": "edges", "whole": "whole", "sorted": "order", "kind": "label", "day": "number"}
layout = Layout({name: Kind(kind) for name, kind in fields.items()}, edition=1)
with TextIndex(Path(sys.argv[1]), layout).writing():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_one_process_writes_at_a_time(index):
    command = [sys.executable, "-c", HOLD, str(index.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(IndexBusy), index.writing():
            pass
        with pytest.raises(IndexBusy):
            index.rebuild(ENTRIES, {}, wait=0.05)
        assert len(index.reader()) == 4
        holder.kill()
    with index.writing() as writer:
        writer.commit({"seq": 9})


def test_a_rebuild_takes_memory_by_what_it_has_to_hold_and_by_what_is_free(monkeypatch, tmp_path):
    monkeypatch.setattr(index_module, "LIMIT", tmp_path / "max")
    monkeypatch.setattr(index_module, "TAKEN", tmp_path / "current")
    (tmp_path / "current").write_text("1000000000\n")
    (tmp_path / "max").write_text("2500000000\n")
    few, many = index_module.heap_for(0), index_module.heap_for(10**9)
    assert few == index_module.LARGE_HEAP
    assert few <= many <= 500_000_000
    (tmp_path / "max").write_text("max\n")
    assert few <= index_module.heap_for(10**9) <= index_module.MOST_HEAP


def test_counts_of_much_are_kept_until_the_next_commit(index, monkeypatch):
    monkeypatch.setattr("datong.engine.backends.text.reading.BROAD", 2)
    asked = Question(must=(Term("name", "apple"),), counted={"kind": 9})
    reader = index.reader()
    first = reader.ask(asked, limit=1)
    assert reader.ask(asked, limit=1, offset=1).counts is first.counts
    assert reader.ask(Question(must=(Term("name", "apple"),), only=(Term("kind", "fruit"),), counted={"kind": 9}), limit=1).total == 2
    with index.writing() as writer:
        writer.put(entry(5, "apple pie", kind="fruit"))
        writer.commit({"seq": 8})
    assert dict(index.reader().ask(asked, limit=1).counts["kind"])["fruit"] == dict(first.counts["kind"])["fruit"] + 1


@pytest.mark.parametrize(("most", "told"), [(1, ("fruit",)), (2, ("fruit", "thing")), (9, ("fruit", "thing"))])
def test_the_most_frequent_values_are_told_and_none_is_no_value(index, most, told):
    with index.writing() as writer:
        for row in range(5, 9):
            writer.put(entry(row, "pear", kind=""))
        writer.commit({"seq": 8})
    counts = index.reader().ask(Question(counted={"kind": most}), limit=1).counts["kind"]
    assert tuple(value for value, _count in counts) == told


def test_nothing_found_counts_nothing(index):
    asked = Question(must=(Term("name", "nothing"),), counted={"kind": 9}, banded={"day": (Band("early", high=3),)})
    assert index.reader().ask(asked, limit=10).counts == {"kind": (), "day": ()}


def test_numbers_and_terms(index):
    reader = index.reader()
    assert sorted(zip(*reader.numbers("day"), strict=True)) == [(1, 3), (2, 1), (3, 2), (4, 9)]
    assert reader.terms("name", "re", 5) == ["red"]
    assert reader.holds("name", "apple") == 3
    assert reader.has("k1")
    assert not reader.has("k9")


def test_an_empty_index_answers(tmp_path):
    index = TextIndex(tmp_path / "search", LAYOUT)
    assert index.rebuild([], {"seq": 0}) == 0
    assert index.reader().ask(Question(counted={"kind": 9}), limit=10).total == 0
    assert index.reader().numbers("day") == ([], [])
