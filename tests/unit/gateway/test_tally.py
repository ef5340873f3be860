# SPDX-License-Identifier: Apache-2.0
"""Calls counted by hour, resource and caller; nothing of strangers told apart; written so that it only grows."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.gateway import tally
from datong.gateway.calls import CallRecord
from datong.gateway.tally import Tally
from datong.wire import tallies

AT = 1_800_000_000.0


def a_record(**changes) -> CallRecord:
    facts = {
        "at": "", "request_id": "", "resource": "3330001001/1", "grant": "SQ-1", "client": "civil", "department": "D",
        "channel": "call", "code": "ok", "rows": 2, "status": 200,
    }  # fmt: skip
    return CallRecord(**(facts | changes))


def told(path, of="select resource, client, code, sum(calls), sum(rows), sum(bytes) from tallies group by 1, 2, 3 order by 1, 2, 3"):
    with closing(sqlite3.connect(path)) as book:
        return book.execute(of).fetchall()


@pytest.fixture
def path(tmp_path):
    return tmp_path / tallies.name_of(0)


def test_calls_alike_become_one_row_and_the_book_adds_up(path):
    counts = Tally(path)
    for size in (10, 20):
        counts.note(a_record(), AT, tally.clock(), size)
        assert counts.write(counts.taken())
    assert told(path) == [("3330001001/1", "civil", "ok", 2, 4, 30)]
    assert told(path, "select sum(calls), sum(rows), sum(bytes) from totals") == [(2, 4, 30)]


@pytest.mark.parametrize(
    ("changes", "counted"),
    [({}, 1), ({"calls": 300}, 300), ({"calls": 300, "code": "malformed", "status": 422}, 0), ({"status": 304}, 0),
     ({"kind": "why"}, 0), ({"code": "evidence_unavailable"}, 0)],
)  # fmt: skip
def test_it_is_told_as_how_many_calls_of_a_day_they_count(path, changes, counted):
    counts = Tally(path)
    counts.note(a_record(**changes), AT, tally.clock(), 0)
    counts.write(counts.taken())
    assert told(path, "select calls, counted from tallies") == [(1, counted)]


def test_a_book_of_before_goes_on(path):
    before = tallies.MADE.replace("counted integer not null default 0, ", "")
    assert before != tallies.MADE
    with closing(sqlite3.connect(path)) as book:
        book.executescript(before)
    counts = Tally(path)
    counts.note(a_record(calls=7), AT, tally.clock(), 0)
    assert counts.write(counts.taken())
    assert told(path, "select counted, stamp > 0 from tallies") == [(7, 1)]


def test_a_path_no_grant_covers_is_not_told_apart(path):
    counts = Tally(path)
    for number in range(500):
        counts.note(a_record(resource=f"3330001001/{number}", grant="", client="", code="unknown", rows=0), AT, tally.clock(), 0)
    counts.write(counts.taken())
    assert told(path) == [("", "", "unknown", 500, 0, 0)]


def test_beyond_the_bound_all_goes_into_one_row(path, monkeypatch):
    monkeypatch.setattr(tally, "MOST", 3)
    counts = Tally(path)
    for number in range(10):
        counts.note(a_record(client=f"app-{number}"), AT, -math.inf, 1)
    rows = counts.taken()
    assert len(rows) == 4
    assert sum(row[0] for row in rows.values()) == 10


def test_what_could_not_be_written_is_counted_again(tmp_path):
    counts = Tally(tmp_path / "nowhere" / "book")
    counts.note(a_record(), AT, tally.clock(), 5)
    rows = counts.taken()
    assert not counts.write(rows)
    counts.put_back(rows)
    assert [*counts.taken().values()] == [[1, 2, 5, 1]]
    assert counts.taken() == {}


@pytest.mark.parametrize("torn", [b"no book at all" * 400, None])
def test_a_torn_book_is_put_aside_and_begun_anew(path, torn):
    counts = Tally(path)
    counts.note(a_record(), AT, -math.inf, 5)
    assert counts.write(counts.taken())
    path.write_bytes(torn or path.read_bytes()[: path.stat().st_size // 2])
    counts.note(a_record(), AT, -math.inf, 7)
    rows = counts.taken()
    assert [counts.write(rows), counts.write(rows)] == [False, True]
    assert told(path) == [("3330001001/1", "civil", "ok", 1, 2, 7)]
    assert path.with_name(f"{path.name}.torn").is_file()


def test_it_is_written_every_few_seconds_only(path, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(tally, "clock", lambda: now[0])
    counts = Tally(path)
    assert counts.due() == {}
    counts.note(a_record(), AT, 100.0, 0)
    assert counts.due()
    counts.note(a_record(), AT, 100.0, 0)
    assert counts.due() == {}
    now[0] += tally.EVERY
    assert counts.due()


def test_hours_long_gone_leave_the_book_but_not_the_totals(path):
    counts = Tally(path)
    for days in (0, tally.KEPT_DAYS + 1):
        counts.note(a_record(), AT + days * 86_400, tally.clock(), 1)
        counts.write(counts.taken())
    assert told(path, "select count(*) from tallies") == [(1,)]
    assert told(path, "select sum(calls) from totals") == [(2,)]


def test_a_token_is_counted_without_a_resource(path):
    counts = Tally(path)
    counts.note_token("civil", "ok", AT, tally.clock())
    counts.write(counts.taken())
    assert told(path, "select channel, client, resource from tallies") == [("token", "civil", "")]


@given(st.floats(min_value=0, max_value=1e7))
def test_a_time_lies_below_the_edge_of_its_step_and_above_the_one_before(milliseconds):
    step = tallies.step_of(milliseconds)
    assert step == tallies.BEYOND or milliseconds <= tallies.STEPS[step]
    assert step == 0 or milliseconds > tallies.STEPS[step - 1]


@given(st.lists(st.floats(min_value=0, max_value=1e5), min_size=1), st.floats(min_value=0.01, max_value=1))
def test_a_share_of_the_calls_lies_at_or_below_its_edge_and_no_smaller_one_does(times, share):
    edge = tallies.edge_of(Counter(map(tallies.step_of, times)), share)
    exact = sorted(times)[math.ceil(share * len(times)) - 1]
    assert edge is not None
    assert exact <= edge
    assert tallies.step_of(exact) == (tallies.BEYOND if math.isinf(edge) else tallies.STEPS.index(edge))


def test_of_no_calls_nothing_is_told():
    assert tallies.edge_of({}, 0.99) is None
