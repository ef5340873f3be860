# SPDX-License-Identifier: Apache-2.0
"""Beats run when they should, and one that fails stops no other."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import pytest

from datong.config.node.worker import Conductor, or_end
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


def test_a_process_whose_work_fails_ends_though_other_work_does_not_let_go(monkeypatch):
    left = threading.Event()
    monkeypatch.setattr("datong.config.node.worker.LEAVES_WITHIN", 0.01)
    monkeypatch.setattr("datong.config.node.worker.os._exit", lambda status: left.set() if status == 1 else None)

    async def lost() -> None:
        raise OSError("the database is gone")

    async def holds_on() -> None:
        while not left.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)

    async def work() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(or_end(lost()))
            group.create_task(or_end(holds_on()))

    with pytest.raises(ExceptionGroup):
        asyncio.run(work())
    assert left.is_set()
