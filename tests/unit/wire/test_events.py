# SPDX-License-Identifier: Apache-2.0
"""Streams on disk: following the cursor gives each event once, whatever the pages; what is let go of is said."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datong.kernel.errors import Malformed
from datong.wire import events
from datong.wire.events import Cursor, Manifest, ResyncRequired, Segment

DIGEST = "ab" * 16
NAME = DIGEST[:16]


def told(folder: Path, counts: list[int], *, at: float = 0.0) -> Manifest:
    """A stream of some versions; one without events has no segment."""
    segments = []
    for version, count in enumerate(counts, 1):
        lines = [
            events.event(Cursor(NAME, version, index), "insert", "t", {"after": {"n": "王" * index}})
            for index in range(1, count + 1)
        ]
        if events.write(folder, version, lines):
            segments.append(Segment(version, count, at + version))
    held = Manifest(digest=DIGEST, since=0, newest=len(counts), segments=tuple(segments))
    events.publish(folder, held)
    return held


@settings(max_examples=25)
@given(st.lists(st.integers(0, 230), max_size=4), st.integers(1, 150))
def test_following_gives_each_event_once(counts, limit):
    folder = Path(tempfile.mkdtemp())
    try:
        told(folder, counts)
        held = events.manifest(folder)
        seen, after = [], Cursor(NAME, 1)
        while page := events.page(folder, held, after, limit):
            assert held.behind(after) == sum(counts) - len(seen)
            seen += [json.loads(line)["id"] for line in page.lines]
            assert len(page.lines) <= limit
            if not page.lines:
                break
            after = page.next
        assert seen == [f"{NAME}-{version}-{index}" for version, count in enumerate(counts, 1) for index in range(1, count + 1)]
        assert page.next == held.end
    finally:
        shutil.rmtree(folder)


def test_a_page_is_bounded_in_bytes(tmp_path, monkeypatch):
    held = told(tmp_path, [9])
    monkeypatch.setattr(events, "LARGEST_PAGE", 1)
    assert [len(events.page(tmp_path, held, Cursor(NAME, 1, place), 100).lines) for place in range(9)] == [1] * 9


def test_what_is_let_go_of_is_said(tmp_path):
    held = told(tmp_path, [3, 3, 0, 3], at=100)
    left = events.kept(held, 10, now=112.5)
    events.publish(tmp_path, left)
    assert (left.since, left.passed, [one.version for one in left.segments]) == (2, 3, [4])
    assert not (tmp_path / "1.ndjson").exists() and (tmp_path / "4.ndjson").exists()
    for good in (Cursor(NAME, 2, 3), Cursor(NAME, 3), Cursor(NAME, 4, 2), left.end, Cursor(NAME, 99)):
        assert left.checked(good) == good
    for bad in (Cursor(NAME, 2, 2), Cursor(NAME, 1, 3), Cursor("0" * 16, 4, 1), Cursor(NAME, 6, 1)):
        with pytest.raises(ResyncRequired) as refused:
            left.checked(bad)
        assert refused.value.fields == {"after": str(left.end)}
    assert events.kept(left, 10, now=112.5) is left
    assert left.after(3) == Cursor(NAME, 4)


def test_nothing_is_named_before_it_is_whole(tmp_path):
    assert events.manifest(tmp_path / "none") is None
    (tmp_path / "7.ndjson").write_bytes(b"half")
    (tmp_path / "8.new").write_bytes(b"half")
    held = told(tmp_path, [0])
    assert sorted(path.name for path in tmp_path.iterdir()) == [events.MANIFEST]
    assert events.page(tmp_path, held, Cursor(NAME, 1), 10).lines == ()
    (tmp_path / events.MANIFEST).write_text("{")
    with pytest.raises(msgspec.DecodeError):
        events.manifest(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "x", f"{NAME}-1", f"{NAME}-1-x", f"{NAME}--1-1", f"{NAME}-1-1\n", f"{'g' * 16}-1-1", "1" * 99]
)
def test_cursors_that_were_never_given(text):
    with pytest.raises(Malformed):
        Cursor.parse(text)


def test_cursors_read_as_they_were_written():
    assert str(Cursor.parse(f"{NAME}-12-3")) == f"{NAME}-12-3"
    assert Cursor.parse(f"{NAME}-12-3") > Cursor.parse(f"{NAME}-9-30")
