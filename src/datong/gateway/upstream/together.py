# SPDX-License-Identifier: Apache-2.0
"""A batch of verifications that a provider's interface answers: each question put by itself, a few at a time.

Kept here: all questions are judged before the first one leaves; questions about the same record are one. The batch is
answered whole or refused whole, as on landed rows: the first that is not answered ends it, no further one leaves, and the
refusal names its number. What goes out is paced as calls are, and a grant or source with a limit of calls at once is asked
one by one.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Final

import orjson

from datong.engine.plans.lookup import Access, Verification, Verify, compile_verify
from datong.engine.plans.values import Stored, as_stored
from datong.gateway.batches import joined, named
from datong.gateway.questions import Asked, check_asked
from datong.gateway.refusals import TooLarge
from datong.gateway.snapshot import Standing
from datong.gateway.upstream.refusals import UpstreamLate, told
from datong.kernel.errors import DatongError

MOST: Final = 100
"""Questions of one batch: each is a request to another system."""
AT_ONCE: Final = 8
"""Of one batch on their way at a time, so that others find places too."""
SECONDS: Final = 30.0
"""For the whole batch."""
Given = dict[str, Stored]


@dataclass(frozen=True, slots=True)
class Record:
    """One record asked about: its key, and the questions about it."""

    given: Given
    numbers: list[int]
    plans: list[Verify]


Put = Callable[[Record], Awaitable[list[Verification]]]


def check_few(standing: Standing, asked: Sized) -> None:
    """Check that a batch is not more than an interface is asked at once.

    Raises:
        TooLarge: It is.
    """
    if standing.resource.upstream is not None and len(asked) > MOST:
        raise TooLarge(
            f"本资源由提供部门的接口逐件应答，一批最多 {MOST} 个问题 (its provider's interface answers: at most {MOST} at once)",
            fields={"body": f"at most {MOST} questions"},
            remedy="分批核验 (verify in several batches)",
        )


def records_of(access: Access, asked: Iterable[Asked], case: str) -> list[Record]:
    """Compile the questions, those about one record together.

    Raises:
        ItemNotGranted, FilterNotAllowed, Malformed: As for a question alone; names its number, from 1.
    """
    made: dict[tuple[Stored, ...], Record] = {}
    for number, one in enumerate(asked):
        try:
            check_asked(one)
            plan = compile_verify(access, one.key, one.claims, case)
            given = {name: as_stored(access.columns[name], name, one.key[name]) for name in access.keys}
        except DatongError as refusal:
            raise named(refusal, number + 1) from None
        record = made.setdefault(tuple(given.values()), Record(given, [], []))
        record.numbers.append(number)
        record.plans.append(plan)
    return list(made.values())


def width_of(standing: Standing) -> int:
    """How many questions of a batch may be on their way at a time."""
    return 1 if standing.grant.pace.at_once or standing.resource.pace.at_once else AT_ONCE


class Together:
    """The questions of one batch on their way.

    Attributes:
        asked: How many were put.
        failed: The question, counted from 0, that ended the batch; None where none did.
    """

    def __init__(self, records: Sequence[Record], draw: Callable[[], float]) -> None:
        self._left, self._draw = deque(records), draw
        self._found: dict[int, Verification] = {}
        self.asked = 0
        self.failed: int | None = None

    async def through(self, put: Put, width: int, *, first_alone: bool) -> Mapping[int, Verification]:
        """Put all of them.

        Args:
            put: Asks about one record.
            width: How many may be on their way at a time.
            first_alone: Whether the others wait for the first, as where the interface is on trial.

        Raises:
            InterfaceFault: One was not answered, or all together took too long.
        """
        if first_alone and self._left:
            await self._one(put)
        works = [asyncio.create_task(self._work(put)) for _ in range(min(width, len(self._left)))]
        try:
            done, late = await asyncio.wait(works, timeout=SECONDS, return_when=asyncio.FIRST_EXCEPTION) if works else ((), ())
            for work in done:
                work.result()
            if late:
                raise told(UpstreamLate)
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)
        return self._found

    async def _work(self, put: Put) -> None:
        while self._left:
            await self._one(put)

    async def _one(self, put: Put) -> None:
        record = self._left.popleft()
        await self._turn()
        try:
            answers = await put(record)
        except DatongError:
            self.failed = record.numbers[0] if self.failed is None else self.failed
            raise
        self._found.update(zip(record.numbers, answers, strict=True))

    async def _turn(self) -> None:
        """Wait until one more may go out; the first was drawn with the call."""
        while self.asked:
            early = self._draw()
            if not early:
                break
            await asyncio.sleep(early)
        self.asked += 1


def written(found: Mapping[int, Verification], kind: str) -> bytes:
    """The body of the answer, in the order asked, in the form of a batch on landed rows."""
    lines = [orjson.dumps({"found": one.found, "matches": one.matches}) for _, one in sorted(found.items())]
    return joined(lines, kind)
