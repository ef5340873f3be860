# SPDX-License-Identifier: Apache-2.0
"""Calls of a day, a second and at once, on the board that gateways share; two never give one place away."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datong.gateway.limits.board import SEATS, Board, seats
from datong.gateway.limits.turns import Turns
from datong.gateway.quotas import DAY, Place, Quotas, day_of
from datong.gateway.refusals import Limited, QuotaExhausted, RateExceeded, TooManyAtOnce
from datong.kernel.errors import Unavailable
from datong.wire.policy import Pace
from factories.gateways import PLACE, POLICE, Node, a_grant, a_resource, lawful, started
from factories.limits import NOON as NOW
from factories.limits import a_standing, call_until_refused, hold

FEW = settings(max_examples=25)


@contextmanager
def gateways(count: int = 2) -> Iterator[list[Quotas]]:
    """Several gateways at one board."""
    with TemporaryDirectory() as folder:
        boards = [Board(Path(folder) / "board", seat) for seat in range(count)]
        try:
            yield [Quotas(board) for board in boards]
        finally:
            for board in boards:
                board.close()


@FEW
@given(st.integers(0, 6), st.lists(st.tuples(st.integers(0, 2), st.integers(1, 3), st.booleans()), max_size=25))
def test_a_day_allows_its_quota_over_all_gateways_and_failures_cost_nothing(most: int, fates: list[tuple[int, int, bool]]):
    standing, answered = a_standing(quota_per_day=most), 0
    with gateways(3) as three:
        for seat, calls, fails in fates:
            try:
                place = three[seat].take(standing, NOW, calls)
            except QuotaExhausted as refusal:
                assert answered + calls > most
                assert refusal.after == DAY / 2
                continue
            if fails:
                place.give_back()
                place.leave()
            else:
                place.leave()
                answered += calls
            assert answered <= most
        left = most - answered
        for _ in range(left):
            three[0].take(standing, NOW)
        with pytest.raises(QuotaExhausted):
            three[1].take(standing, NOW)
        three[2].take(a_standing(quota_per_day=1), NOW + DAY)


@FEW
@given(
    st.integers(1, 5), st.integers(0, 8),
    st.lists(st.tuples(st.sampled_from([0.0, 0.05, 0.2, 0.5, 1.0, 3.0]), st.booleans()), max_size=40),
)  # fmt: skip
def test_a_rate_is_a_bucket_that_fills_evenly(rate: int, burst: int, asked: list[tuple[float, bool]]):
    """Against the plain bucket: so many in it at most, refilled by the second, one taken for each call answered."""
    standing, most = a_standing(pace=Pace(per_second=rate, burst=burst)), burst or rate
    held, now = float(most), NOW
    with gateways() as two:
        for number, (pause, fails) in enumerate(asked):
            now, held = now + pause, min(float(most), held + pause * rate)
            try:
                place = two[number % 2].take(standing, now)
            except RateExceeded as refusal:
                assert held < 1 - 1e-5 and refusal.after >= 1
                continue
            assert held > 1 - 1e-5
            if fails:
                place.give_back()
            else:
                held -= 1


def test_a_clock_set_back_closes_nobody_out():
    standing = a_standing(pace=Pace(per_second=1))
    with gateways() as two:
        two[0].take(standing, NOW + DAY)
        two[1].take(standing, NOW)
        with pytest.raises(RateExceeded):
            two[0].take(standing, NOW)


def test_calls_at_once_are_those_of_all_gateways_and_of_all_grants_on_a_source():
    first, second = (a_standing(number, source=Pace(at_once=3), pace=Pace(at_once=2)) for number in ("SQ-1", "SQ-2"))
    with gateways() as two:
        places = [two[0].take(first, NOW), two[1].take(first, NOW)]
        with pytest.raises(TooManyAtOnce, match="SQ-1") as refusal:
            two[0].take(first, NOW)
        assert refusal.value.after == 1
        places.append(two[1].take(second, NOW))
        with pytest.raises(TooManyAtOnce, match="source"):
            two[0].take(second, NOW)
        places[0].leave()
        two[0].take(second, NOW)


def test_what_is_refused_takes_nothing_of_the_other_limits():
    standing = a_standing(quota_per_day=5, source=Pace(per_second=1))
    with gateways(1) as [quotas]:
        quotas.take(standing, NOW).leave()
        for _ in range(9):
            with pytest.raises(RateExceeded):
                quotas.take(standing, NOW)
        for later in range(1, 5):
            quotas.take(standing, NOW + later).leave()
        with pytest.raises(QuotaExhausted):
            quotas.take(standing, NOW + 9)


def test_a_grant_without_limits_is_not_counted():
    with gateways(1) as [quotas]:
        assert quotas.take(a_standing(), NOW) is quotas.take(a_standing("SQ-2"), NOW)


def test_a_successor_puts_the_column_of_its_seat_right_and_no_other(tmp_path: Path):
    standing, day = a_standing(quota_per_day=10, pace=Pace(at_once=2)), day_of(NOW)
    first, second = Board(tmp_path / "board", 0), Board(tmp_path / "board", 1)
    killed, lives = Quotas(first), Quotas(second)
    assert isinstance(killed.take(standing, NOW), Place)  # under way as it is killed, and not in its evidence
    for _ in range(3):
        lives.take(standing, NOW).leave()
    successor = Board(tmp_path / "board", 0)
    successor.take_over(day, {0: {"SQ-1": 4}, 1: {"SQ-1": 2}, 2: {"SQ-1": 1}})
    with successor.locked():
        row = successor.row("SQ-1")
        assert (successor.used(row, day), successor.due(row), successor.busy(row)) == (4 + 3 + 1, 0.0, 0)
        assert successor.used(row, day + 1) == 0
    for board in (first, second, successor):
        board.close()


def test_a_board_of_another_form_is_begun_anew_and_there_are_so_many_seats(tmp_path: Path):
    (tmp_path / "board").write_bytes(b"another form")
    board = Board(tmp_path / "board", 1)
    board.sign(7, NOW + 60, evidence=True, at=NOW)
    first, second = seats(tmp_path / "board", 2)
    assert first is None
    assert (second.policy_version, second.pid, second.ready(NOW)) == (7, os.getpid(), True)
    assert not second.ready(NOW + 6) and not second.ready(NOW + 61)
    board.close()
    board.close()
    assert seats(tmp_path / "board", 2) == [None, None] == seats(tmp_path / "nowhere", 2)
    with pytest.raises(Unavailable):
        Board(tmp_path / "board", SEATS)
    with pytest.raises(Unavailable):
        Board(tmp_path / "board" / "below", 0)


def test_processes_at_once_give_away_exactly_the_quota_and_a_killed_one_holds_nobody_up(tmp_path: Path):
    path, most, context = str(tmp_path / "board"), 3_000, multiprocessing.get_context("spawn")
    ready, told = context.Event(), context.Queue()
    stuck = context.Process(target=hold, args=(path, ready))
    stuck.start()
    assert ready.wait(30)
    runs = [context.Process(target=call_until_refused, args=(path, seat, most, seat + 5, told)) for seat in range(2)]
    for run in runs:
        run.start()
    stuck.kill()
    counts = [told.get(timeout=60) for _ in runs]
    for run in (*runs, stuck):
        run.join(30)
    assert sum(counts) == most, counts


@pytest.mark.parametrize(
    ("grant", "source", "code"),
    [
        ({"quota_per_day": 1}, Pace(), "quota_exhausted"),
        ({"pace": Pace(per_second=1)}, Pace(), "rate_exceeded"),
        ({}, Pace(per_second=1), "rate_exceeded"),
    ],
)  # fmt: skip
def test_a_refusal_says_why_in_both_languages_what_to_do_and_when(node: Node, grant: dict, source: Pace, code: str):
    with started(node, policy=False) as gateway:
        gateway.offer(a_grant(**grant), resources=[a_resource(pace=source)])
        token = gateway.token(node.civil)
        assert gateway.records(token, "income=1").status == 422  # refused calls take no place
        assert gateway.records(token).status == 200
        reply = gateway.records(token)
        assert (reply.status, reply.code) == (429, code)
        wait = int(reply.headers["retry-after"])
        assert wait >= 1
        assert "次" in reply.json["detail"] and "(" in reply.json["detail"] and reply.json["rule"] and reply.json["remedy"]
        gateway.clock.now += wait
        gateway.offer(a_grant(**grant), resources=[a_resource(pace=source)])
        assert gateway.records(gateway.token(node.civil)).status == 200
    assert [one["code"] for one in node.evidence() if one["kind"] == "call"] == ["filter_not_allowed", "ok", code, "ok"]


def test_every_refusal_over_limits_says_when_to_come_again():
    assert {one.status for one in Limited.__subclasses__()} == {429}


def test_a_flood_of_broad_questions_starves_no_other_grant(node: Node, monkeypatch: pytest.MonkeyPatch):
    """The threads of look-ups serve the grants in turns: the other's question is among the first, not behind forty."""
    asked: list[str] = []
    through = Turns.run

    async def noted(self: Turns, whose: str, work: Callable, *args: object, **named: object) -> object:
        def done() -> object:
            asked.append(whose)
            return work(*args, **named)

        return await through(self, whose, done)

    monkeypatch.setattr(Turns, "run", noted)
    flooding, other = a_grant(), a_grant("SQ-2", client_id="police-app", department=POLICE)
    with started(node, flooding, other) as gateway:
        tokens = [gateway.token(caller) for caller in (node.civil, node.police)]
        questions = [*[tokens[0]] * 40, tokens[1]]

        async def all_at_once() -> list[int]:
            calls = [gateway.asking("GET", f"{PLACE}/records?region=330106", headers=lawful(token)) for token in questions]
            return [reply.status for reply in await asyncio.gather(*calls)]

        assert asyncio.run(all_at_once()) == [200] * 41
    assert len(asked) == 41 and "SQ-2" in asked[:6]
