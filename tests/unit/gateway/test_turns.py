# SPDX-License-Identifier: Apache-2.0
"""Turns: a flood of one grant waits behind itself, another grant gets its turn next; what is too much is refused at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.gateway.limits.turns import Turns
from datong.gateway.refusals import TooManyWaiting


def in_a_loop(test: Callable[[Turns, Event, list[str]], Awaitable[None]], **bounds: int) -> list[str]:
    """Run with one thread that is busy until the event is set; gives in which order work was done."""

    async def run() -> None:
        first = asyncio.ensure_future(turns.run("A", gate.wait))
        await asyncio.sleep(0)
        await test(turns, gate, order)
        assert await first

    turns, gate, order = Turns(1, "test", **bounds), Event(), []
    try:
        asyncio.run(run())
    finally:
        gate.set()
        turns.close()
    assert turns.waiting == 0
    return order


def test_a_flood_waits_behind_itself():
    async def flood(turns: Turns, gate: Event, order: list[str]) -> None:
        many = [asyncio.ensure_future(turns.run("A", order.append, f"A{number}")) for number in range(50)]
        await asyncio.sleep(0)
        other = [asyncio.ensure_future(turns.run("B", order.append, f"B{number}")) for number in range(2)]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*many, *other)

    order = in_a_loop(flood)
    assert order[:5] == ["A0", "B0", "A1", "B1", "A2"] and len(order) == 52


@given(st.lists(st.sampled_from("ABCD"), max_size=40))
def test_nobody_waits_for_more_than_one_of_each_other_in_a_round(asked: list[str]):
    async def work(turns: Turns, gate: Event, order: list[str]) -> None:
        todo = [asyncio.ensure_future(turns.run(whose, order.append, f"{whose}{number}")) for number, whose in enumerate(asked)]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*todo)

    order = in_a_loop(work)
    assert sorted(order) == sorted(f"{whose}{number}" for number, whose in enumerate(asked))
    for whose in set(asked):
        theirs = [place for place, one in enumerate(order) if one[0] == whose]
        numbers = [int(order[place][1:]) for place in theirs]
        assert numbers == sorted(numbers)
        assert all(after - before <= len(set(asked)) for before, after in zip([-1, *theirs], theirs, strict=False))


def test_so_many_may_wait_of_one_and_of_all():
    async def too_many(turns: Turns, gate: Event, order: list[str]) -> None:
        held = [asyncio.ensure_future(turns.run(whose, order.append, whose)) for whose in ("A", "A", "B")]
        await asyncio.sleep(0)
        for whose in ("A", "C"):
            with pytest.raises(TooManyWaiting, match=whose) as refusal:
                await turns.run(whose, order.append, whose)
            assert refusal.value.after >= 1 and refusal.value.remedy
        gate.set()
        await asyncio.gather(*held)

    assert in_a_loop(too_many, each=2, most=3) == ["A", "B", "A"]


def test_who_stops_waiting_is_passed_over_and_work_under_way_keeps_its_thread():
    async def leaving(turns: Turns, gate: Event, order: list[str]) -> None:
        gone, stays = (asyncio.ensure_future(turns.run(whose, order.append, whose)) for whose in ("B", "C"))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        assert turns.waiting == 2 and not stays.done()
        gate.set()
        await stays

    assert in_a_loop(leaving) == ["C"]


def test_a_failure_is_told_and_frees_the_thread():
    async def failing(turns: Turns, gate: Event, order: list[str]) -> None:
        gate.set()
        with pytest.raises(ZeroDivisionError):
            await turns.run("A", lambda: 1 // 0)
        await turns.run("A", order.append, "after")

    assert in_a_loop(failing) == ["after"]
