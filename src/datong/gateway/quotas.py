# SPDX-License-Identifier: Apache-2.0
"""What a grant and its source may still do: calls of a day, calls a second, calls at once; of all gateways together.

Kept here: the day is China's; a place is taken before the look-up and given back when the call is refused after all, so
that calls at the same instant cannot pass together. Counts stand on the board that all gateways of the node share; at the
start they are put right by today's own evidence, which has every answered call. A grant without limits costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final, NamedTuple, Self

from datong.gateway.limits.board import Board
from datong.gateway.refusals import QuotaExhausted, RateExceeded, TooManyAtOnce
from datong.gateway.snapshot import Standing
from datong.wire.policy import Pace

DAY: Final = 86_400
CHINA_AHEAD: Final = 8 * 3_600
TINY: Final = 1e-6
SOON: Final = 1
"""Seconds after which a place among the calls under way may be free."""


def day_of(now: float) -> int:
    """Number of the day in China that an instant falls on."""
    return int((now + CHINA_AHEAD) // DAY)


def midnight(day: int) -> float:
    """First instant of a numbered day, in seconds since 1970."""
    return float(day * DAY - CHINA_AHEAD)


@dataclass(frozen=True, slots=True)
class Bound:
    """The limits of one grant, or of one source, and where they are counted.

    Attributes:
        chinese: What the refusal calls it.
        english: The same.
        quota: Calls a day; None for any number.
        pace: Calls a second, at a burst and at once.
        row: On the board.
    """

    chinese: str
    english: str
    quota: int | None
    pace: Pace
    row: int


class Taken(NamedTuple):
    """What a call took: by which limits, on which day, as how many calls it counts."""

    bounds: tuple[Bound, ...]
    day: int
    calls: int


class Place:
    """A place that one call has taken; given back where the call is refused, left when it is over."""

    __slots__ = ("_held", "_quotas", "_taken")

    def __init__(self, quotas: Quotas, taken: Taken) -> None:
        self._quotas, self._taken, self._held = quotas, taken, True

    def give_back(self) -> None:
        """The call was refused: it counts no more. Twice, or after it was left, does nothing."""
        if self._held:
            self._held = False
            self._quotas.undo(self._taken)

    def leave(self) -> None:
        """The call is over. Twice, or after it was given back, does nothing."""
        if self._held:
            self._held = False
            self._quotas.settle(self._taken)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        (self.leave if kind is None else self.give_back)()


class Nothing(Place):
    """The place of a call that nothing limits."""

    __slots__ = ()

    def __init__(self) -> None:
        self._held = False


NOTHING: Final = Nothing()


class Quotas:
    """Gives places away, from one event loop."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def take(self, standing: Standing, now: float, calls: int = 1) -> Place:
        """Take one place under a grant and at its source.

        Args:
            standing: The grant.
            now: In seconds since 1970.
            calls: As how many it counts against the calls of the day; a batch is many, though it comes once.

        Raises:
            QuotaExhausted: So many are not left today.
            TooManyAtOnce: As many calls as are allowed are under way.
            RateExceeded: They come faster than is allowed.
            Unavailable: The board is full.
        """
        bounds: tuple[Bound, ...] | None = standing.made.get(self)
        if bounds is None:
            bounds = standing.made[self] = self._bounds_of(standing)
        if not bounds:
            return NOTHING
        board, taken = self._board, Taken(bounds, day_of(now), calls)
        board.hold()
        try:
            dues = [self._check(bound, taken, now) for bound in bounds]
            for bound, due in zip(bounds, dues, strict=True):
                self._count(bound, due, taken)
        finally:
            board.release()
        return Place(self, taken)

    def draw(self, standing: Standing, now: float) -> float:
        """Draw once more on the buckets of a call under way: each further question that it puts to an interface is paced so.

        Returns:
            0 where it was drawn; else for how many seconds to wait before drawing again.
        """
        paced = [bound for bound in standing.made.get(self, ()) if bound.pace.per_second]
        if not paced:
            return 0.0
        board = self._board
        with board.locked():
            drawn = [_drawn(bound.pace, board.due(bound.row), now) for bound in paced]
            early = max(early for early, _ in drawn)
            if early > TINY:
                return early
            for bound, (_, due) in zip(paced, drawn, strict=True):
                board.set_due(bound.row, due)
        return 0.0

    def settle(self, taken: Taken) -> None:
        """End a call that was answered: free its place among those under way."""
        engaged = [bound.row for bound in taken.bounds if bound.pace.at_once]
        if engaged:
            with self._board.locked():
                for row in engaged:
                    self._board.engage(row, -1)

    def undo(self, taken: Taken) -> None:
        """End a call that was refused: all that it took is given back."""
        board = self._board
        with board.locked():
            for bound in taken.bounds:
                if bound.pace.at_once:
                    board.engage(bound.row, -1)
                if bound.quota is not None:
                    board.use(bound.row, taken.day, -taken.calls)
                if bound.pace.per_second:
                    board.set_due(bound.row, board.due(bound.row) - 1 / bound.pace.per_second)

    def _check(self, bound: Bound, taken: Taken, now: float) -> float:
        """See that a call may pass; gives until when its bucket will be drawn on then, 0 where it has none."""
        pace, board = bound.pace, self._board
        if bound.quota is not None and board.used(bound.row, taken.day) + taken.calls > bound.quota:
            raise exhausted(bound, now)
        if pace.at_once and board.busy(bound.row) >= pace.at_once:
            raise at_once(bound)
        if not pace.per_second:
            return 0.0
        early, next_due = _drawn(pace, board.due(bound.row), now)
        if early > TINY:
            raise too_fast(bound, early)
        return next_due

    def _count(self, bound: Bound, due: float, taken: Taken) -> None:
        if bound.quota is not None:
            self._board.use(bound.row, taken.day, taken.calls)
        if bound.pace.at_once:
            self._board.engage(bound.row, 1)
        if due:
            self._board.set_due(bound.row, due)

    def _bounds_of(self, standing: Standing) -> tuple[Bound, ...]:
        """What limits the calls of a grant: its own limits, and those of its source over all grants."""
        grant, resource = standing.grant, standing.resource
        made = []
        with self._board.locked():
            if grant.quota_per_day is not None or grant.pace.limits:
                row, number = self._board.row(grant.number), grant.number
                made.append(Bound(f"授权 {number}", f"grant {number}", grant.quota_per_day, grant.pace, row))
            if resource.pace.limits:
                row = self._board.row(f"source {resource.code}")
                made.append(Bound("该资源的数据源", "the source of this resource", None, resource.pace, row))
        return tuple(made)


def _drawn(pace: Pace, due: float, now: float) -> tuple[float, float]:
    """How many seconds a call comes early, and until when its bucket is drawn on once it has passed."""
    if due > now + pace.most / pace.per_second + TINY:
        due = now  # longer than it ever can take: the clock was set back since
    return due - now - (pace.most - 1) / pace.per_second, max(due, now) + 1 / pace.per_second


def exhausted(bound: Bound, now: float) -> QuotaExhausted:
    """The refusal where the calls of a day are used up."""
    refusal = QuotaExhausted(
        f"{bound.chinese}每日可调用 {bound.quota} 次，今日已用完 ({bound.english} allows {bound.quota} calls a day)",
        rule="授权的每日调用次数 (quota of the grant)",
        remedy="次日零时（北京时间）后再调用，或者申请更多次数 (call again after midnight in Shanghai, or request more)",
    )
    refusal.after = max(1, ceil(midnight(day_of(now) + 1) - now))
    return refusal


def at_once(bound: Bound) -> TooManyAtOnce:
    """The refusal where too many calls are under way."""
    most = bound.pace.at_once
    refusal = TooManyAtOnce(
        f"{bound.chinese}同时最多处理 {most} 次调用 ({bound.english} allows {most} calls at once)",
        rule="同时调用次数上限 (calls at once)",
        remedy="等前面的调用返回后再调用 (call again when an earlier call has been answered)",
    )
    refusal.after = SOON
    return refusal


def too_fast(bound: Bound, early: float) -> RateExceeded:
    """The refusal of a call that came some seconds early."""
    rate = bound.pace.per_second
    refusal = RateExceeded(
        f"{bound.chinese}每秒最多调用 {rate} 次 ({bound.english} allows {rate} calls a second)",
        rule="每秒调用次数上限 (calls a second)",
        remedy="放慢调用，按 Retry-After 再试 (slow down, call again after Retry-After)",
    )
    refusal.after = max(1, ceil(early))
    return refusal
