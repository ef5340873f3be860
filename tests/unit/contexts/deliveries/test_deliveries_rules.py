# SPDX-License-Identifier: Apache-2.0
"""Rules of deliveries: when a schedule is due, whose order a file shows."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.deliveries.domain import timing, tracing
from datong.contexts.deliveries.domain.stages import ENDED, MOVES, UNFINISHED, DeliveryStage
from datong.kernel.sharing import UpdateCycle

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))
SOMETIMES = [cycle for cycle in UpdateCycle if timing.stretch(cycle, date(2026, 5, 5)) is None]


def test_every_stage_ends_or_goes_on():
    assert {stage for stage, then in MOVES.items() if not then} == set(ENDED)
    assert all(MOVES[stage] for stage in UNFINISHED)
    assert set(DeliveryStage) - set(ENDED) - set(UNFINISHED) == {DeliveryStage.READY}


@given(st.sampled_from(list(UpdateCycle)), DAYS, st.integers(0, 800))
def test_the_same_version_is_never_due_twice_and_the_first_always(cycle, last, days):
    today = last + timedelta(days)
    assert timing.is_due(cycle, today=today, version=3, last_on=None, last_version=None)
    assert not timing.is_due(cycle, today=today, version=3, last_on=last, last_version=3)


@given(st.sampled_from([UpdateCycle.DAILY, UpdateCycle.WEEKLY, *timing.MONTHS]), DAYS, st.integers(0, 800))
def test_a_new_version_is_due_once_in_each_stretch(cycle, last, days):
    today = last + timedelta(days)
    due = timing.is_due(cycle, today=today, version=4, last_on=last, last_version=3)
    assert due == (timing.stretch(cycle, last) != timing.stretch(cycle, today))
    assert timing.stretch(cycle, today) <= today


def test_what_has_no_stretch_is_due_with_each_version():
    assert set(SOMETIMES) == {UpdateCycle.REALTIME, UpdateCycle.IRREGULAR, UpdateCycle.NEVER}
    for cycle in (*SOMETIMES, ""):
        assert timing.is_due(cycle, today=date(2026, 1, 1), version=4, last_on=date(2026, 1, 1), last_version=3)


@pytest.mark.parametrize("kept", [1, 2, 5])
def test_the_right_key_shows_in_a_sample_and_others_do_not(kept):
    rows = [tracing.row_text([f"{place:05}", None]) for place in range(1000)]
    keys = [bytes([number] * 32) for number in range(20)]
    mine = sorted(rows, key=lambda row: tracing.hashlib.sha256((keys[7].hex() + row).encode()).hexdigest()[:16])
    sample = [row for row in mine if random.Random(row).randrange(kept) == 0]
    scores = [tracing.score(key, sample) for key in keys]
    assert scores[7] > tracing.SURE and all(score < tracing.SURE for place, score in enumerate(scores) if place != 7)


def test_thirty_rows_are_enough_and_none_prove_nothing():
    assert tracing.score(b"k", []) == tracing.score(b"k", ["a"]) == 0.0
    rows = sorted((str(place) for place in range(30)), key=lambda row: tracing.hashlib.sha256(("6b" + row).encode()).hexdigest()[:16])
    assert tracing.score(b"k", rows) > tracing.SURE


def test_row_texts_differ_when_rows_do():
    assert tracing.row_text(["a", "b"]) != tracing.row_text(["ab", None]) != tracing.row_text(["ab"])
