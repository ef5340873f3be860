# SPDX-License-Identifier: Apache-2.0
"""Readers follow a log in order, and never see what could still be taken back."""

import os

import pytest

from datong.kernel.errors import Unknown
from datong.ledger import frames
from datong.ledger.read import records
from datong.ledger.recovery import Damaged
from factories.evidence import a_log, some_records


@pytest.fixture
def folder(tmp_path):
    """A closed log of ten records in several segments."""
    with a_log(tmp_path, segment_bytes=150) as opened:
        for _ in range(5):
            opened.append(some_records(2, opened.size))
    assert len(frames.segments(tmp_path)) > 2
    return tmp_path


@pytest.mark.parametrize("start", [-1, 0, 1, 3, 4, 9, 10, 11, 100])
def test_reading_begins_anywhere(folder, start):
    wanted = list(enumerate(some_records(10)))
    assert list(records(folder, start)) == wanted[max(start, 0) :]


def test_a_follower_misses_nothing_and_sees_nothing_twice(tmp_path):
    seen = []
    with a_log(tmp_path, segment_bytes=100) as opened:
        for size in (1, 0, 3, 2, 5):
            opened.append(some_records(size, opened.size))
            seen += records(tmp_path, len(seen))
            assert seen == list(enumerate(some_records(opened.size)))


def test_a_reader_stops_where_the_log_stood_when_it_began(tmp_path):
    with a_log(tmp_path) as opened:
        opened.append(some_records(2))
        reading = records(tmp_path)
        opened.append(some_records(2, 2))
        assert len(list(reading)) == 2


def test_an_empty_and_a_missing_log(tmp_path):
    a_log(tmp_path / "log").close()
    assert list(records(tmp_path / "log")) == []
    with pytest.raises(Unknown):
        records(tmp_path / "missing")


@pytest.mark.parametrize(
    "damage",
    [
        lambda found: found[0].path.unlink(),
        lambda found: found[1].path.unlink(),
        lambda found: os.truncate(found[1].path, 20),
        lambda found: os.truncate(found[-1].path, 0),
        lambda found: found[1].path.write_bytes(found[0].path.read_bytes()),
    ],
)
def test_damage_on_the_way_is_said(folder, damage):
    damage(frames.segments(folder))
    with pytest.raises(Damaged):
        list(records(folder))


def test_damage_before_the_beginning_is_said(folder):
    os.truncate(frames.segments(folder)[0].path, 20)
    with pytest.raises(Damaged):
        list(records(folder, 1))
