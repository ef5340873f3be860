# SPDX-License-Identifier: Apache-2.0
"""The breaker of an interface: closed, open, half-open; and answers kept for a moment."""

from __future__ import annotations

import pytest

from datong.gateway.snapshot import Standing
from datong.gateway.upstream.breaker import FAILURES, FIRST_PAUSE, LONGEST_PAUSE, Breaker
from datong.gateway.upstream.kept import MOST, Kept
from datong.gateway.upstream.refusals import WORDS, UpstreamResting, told
from factories.gateways import Clock, a_grant, a_resource


@pytest.fixture
def clock() -> Clock:
    return Clock(100.0)


@pytest.fixture
def broken(clock: Clock) -> Breaker:
    made = Breaker(clock)
    for _ in range(FAILURES):
        made.enter()
        made.failed()
    return made


def test_it_opens_after_failures_one_after_another(clock: Clock):
    made = Breaker(clock)
    for _ in range(3):
        for _ in range(FAILURES - 1):
            made.failed()
        made.succeeded()
    made.enter()
    assert not made.open


def test_open_it_lets_one_try_after_its_pause(broken: Breaker, clock: Clock):
    with pytest.raises(UpstreamResting):
        broken.enter()
    clock.now += FIRST_PAUSE
    broken.enter()
    with pytest.raises(UpstreamResting):
        broken.enter()
    broken.succeeded()
    broken.enter()
    broken.enter()


def test_a_failed_trial_doubles_the_pause_up_to_a_bound(broken: Breaker, clock: Clock):
    pause = FIRST_PAUSE
    for _ in range(8):
        clock.now += pause - 0.001
        with pytest.raises(UpstreamResting):
            broken.enter()
        clock.now += 0.001
        broken.enter()
        broken.failed()
        pause = min(2 * pause, LONGEST_PAUSE)


def test_a_trial_that_was_left_lets_another_try(broken: Breaker, clock: Clock):
    clock.now += FIRST_PAUSE
    broken.enter()
    broken.left()
    broken.enter()


def test_answers_end_with_their_time_their_grant_and_their_number(clock: Clock):
    kept = Kept(clock)
    mine, other = (Standing(a_grant(), a_resource(), 0.0, 1.0) for _ in range(2))
    kept.keep(mine, "q", "a", 5)
    kept.keep(mine, "never", "a", 0)
    assert (kept.get(mine, "q"), kept.get(other, "q"), kept.get(mine, "never")) == ("a", None, None)
    clock.now += 5
    assert kept.get(mine, "q") is None
    for number in range(MOST + 1):
        kept.keep(mine, number, number, 5)
    assert (kept.get(mine, 0), kept.get(mine, 1)) == (None, 1)


@pytest.mark.parametrize("kind", WORDS)
def test_a_caller_learns_nothing_of_the_other_system(kind):
    refusal = told(kind)
    assert refusal.fields == {}
    assert refusal.remedy
