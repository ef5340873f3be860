# SPDX-License-Identifier: Apache-2.0
"""Beats run when they should, and one that fails stops no other."""

from __future__ import annotations

import pytest

from datong.config.node.worker import Conductor
from datong.config.wiring import Beat


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("datong.config.node.worker.time.monotonic", lambda: now[0])
    return now


def test_a_beat_runs_in_its_period_and_on_acts(clock):
    runs = []
    conductor = Conductor((Beat("follows", lambda: runs.append("a"), 60, on_act=True), Beat("waits", lambda: runs.append("b"), 60)))
    conductor.run_due()
    conductor.run_due()
    assert runs == ["a", "b"]
    conductor.noticed()
    conductor.run_due()
    assert runs == ["a", "b", "a"]
    clock[0] += 61
    conductor.run_due()
    assert runs == ["a", "b", "a", "a", "b"]


def test_a_beat_that_fails_waits_longer_each_time_and_the_others_go_on(clock):
    runs = []

    def fails():
        runs.append("fails")
        raise ValueError("no")

    conductor = Conductor((Beat("fails", fails, 1, on_act=True), Beat("works", lambda: runs.append("works"), 1)))
    pauses = []
    for _ in range(8):
        conductor.run_due()
        pauses.append(conductor.rhythms[0].due - clock[0])
        conductor.noticed()
        clock[0] = conductor.rhythms[0].due
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]
    assert runs.count("fails") == runs.count("works") == 8


def test_the_pause_is_never_nothing(clock):
    assert Conductor((Beat("x", lambda: None, 1),)).pause() == 0.05
