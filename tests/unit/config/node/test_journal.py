# SPDX-License-Identifier: Apache-2.0
"""The journal keeps what processes say, whatever they say."""

from __future__ import annotations

import io
import json
import time
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.config.node import journal
from datong.config.node.children import Child


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_whatever_a_child_writes_becomes_lines_of_the_journal(lines):
    for value in journal.parse("worker", lines):
        assert {"event", "process"} <= value.keys()
        json.dumps(value)


def test_a_traceback_is_one_entry_told_by_its_last_line():
    lines = ["Traceback (most recent call last):", '  File "x.py"', "ValueError: no", '{"event": "go on"}', "plain"]
    told = journal.parse("control", lines)
    assert [one["event"] for one in told] == ["ValueError: no", "go on", "plain"]
    assert told[0]["level"] == "error" and told[0]["exception"].startswith("Traceback")


def test_files_hold_json_and_the_terminal_is_readable(tmp_path):
    terminal = io.StringIO()
    with closing(journal.Journal(tmp_path, terminal)) as book:
        book.say("info", "ready", seconds=1.5)
        book.say("debug", "detail")
    assert [json.loads(line)["event"] for line in (tmp_path / "node.log").read_text("utf-8").splitlines()] == ["ready", "detail"]
    assert "ready seconds=1.5" in terminal.getvalue() and "detail" not in terminal.getvalue()


def test_files_are_turned_over_and_the_oldest_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "LARGEST", 200)
    with closing(journal.Journal(tmp_path, None)) as book:
        for number in range(60):
            book.say("info", "x" * 50, number=number)
    files = sorted(file.name for file in tmp_path.iterdir())
    assert files == ["node.log", *(f"node.log.{number}" for number in range(1, journal.KEPT + 1))]


def test_a_file_held_open_by_another_is_cut_down(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "LARGEST", 100)
    file = tmp_path / "postgres.log"
    with file.open("ab") as held:
        held.write(b"x" * 200)
        held.flush()
        journal.cut_down(file)
        held.write(b"after")
    assert file.read_bytes() == b"after"
    assert (tmp_path / "postgres.log.1").stat().st_size == 200


def test_a_closed_terminal_does_not_end_the_node(tmp_path):
    terminal = io.StringIO()
    terminal.close()
    with closing(journal.Journal(tmp_path, terminal)) as book:
        book.say("error", "still here")
    assert "still here" in (tmp_path / "node.log").read_text("utf-8")


@given(st.binary(max_size=300), st.integers(1, 50))
def test_lines_are_whole_however_the_pipe_cuts_them(data, step):
    child = Child("worker", {})
    lines = [line for start in range(0, len(data), step) for line in child.lines(data[start : start + step])]
    lines += child.lines(b"\n")
    assert lines == [line.decode("utf-8", "replace") for line in data.split(b"\n") if line.strip()]


def test_the_pause_before_a_restart_doubles_while_it_never_was_ready_and_is_bounded():
    child = Child("worker", {})
    pauses = [child.buried() for _ in range(10)]
    assert pauses[:4] == [0.25, 0.5, 1.0, 2.0] and pauses[-1] == 30.0


def test_one_that_died_for_want_of_postgresql_is_started_soon_after_that_is_back():
    child = Child("worker", {})
    for _ in range(10):
        child.buried()
    child.forgive()
    assert child.start_due < time.monotonic() + 1 and child.buried() == 0.25


@pytest.fixture
def clock(monkeypatch):
    """Time as the supervisor sees it, to be moved by hand."""
    now = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_one_that_was_ready_is_back_at_once_though_it_is_killed_every_second(clock):
    child = Child("gateway", {}, pause=30.0)
    for _ in range(1_000):
        child.is_ready()
        clock[0] += 1.0
        assert child.buried() == 0.0 and not child.well and not child.ready
    assert child.buried() == 0.25


def test_one_that_dies_whenever_it_is_ready_waits_longer_each_time(clock):
    child, pauses = Child("gateway", {}), []
    for _ in range(45):
        child.is_ready()
        pauses.append(child.buried())
        clock[0] += pauses[-1]
    assert pauses[:32] == [0.0] * 30 + [0.25, 0.5] and pauses[-5:] == [30.0] * 5
