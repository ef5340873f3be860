# SPDX-License-Identifier: Apache-2.0
"""Interfaces that hand out their rows in pages: read on until a question is answered, and how far, for the caller to keep.

Kept here: a cursor is sealed under a key of the node and bound to grant, registration and question, so that it tells nothing
of the interface and opens nothing else. Rows of a page pass through the statement of landed rows page by page. A call reads
a bounded number of pages; where rules hide much of them, it gives few records, or none, and a cursor.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec

from datong.engine.backends.remote.misfits import misfit
from datong.engine.plans.lookup import Lookup, Page, Verification
from datong.engine.plans.values import Stored
from datong.gateway.cursors import Seals
from datong.gateway.refusals import CursorStale
from datong.gateway.snapshot import Standing

MOST: Final = 10
"""Pages that one call reads."""
PURPOSE: Final = "upstream cursors"
MARK: Final = 24
"""Characters of the hash of a page's rows."""
Row = tuple[Stored | None, ...]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page of an interface: its rows in their stored form, and where the next one begins; empty at the end."""

    rows: list[Row]
    following: str


class Reached(msgspec.Struct, frozen=True, array_like=True):
    """How far a caller has read: a page of the interface, the row reached in it, the mark of the rows read last."""

    position: str = ""
    row: int | None = None
    mark: str = ""


Fetch = Callable[[str], Awaitable[Fetched]]
Answer = Callable[[list[Row], int, int | None], Awaitable[Page]]
_decoder = msgspec.json.Decoder(Reached)


class Pages:
    """The pages of one question.

    Attributes:
        asked: How many were asked for.
    """

    def __init__(self) -> None:
        self.asked = 0

    def of(self, fetch: Fetch) -> Fetch:
        """The same, counted."""

        async def counted(position: str) -> Fetched:
            self.asked += 1
            return await fetch(position)

        return counted


class Cursors(Seals):
    """Seals how far callers have read, and opens it."""

    def __init__(self, key: Path) -> None:
        """Take the node's key."""
        super().__init__(key, PURPOSE)

    def written(self, reached: Reached, bound: bytes) -> str:
        """The cursor a caller gets."""
        return self.sealed(msgspec.json.encode(reached), bound)

    def read(self, text: str, bound: bytes) -> Reached:
        """How far its caller has read.

        Raises:
            Malformed: It is none of ours, or was given for another grant or question, or before a new registration.
        """
        return _decoder.decode(self.opened(text, bound)) if text else Reached()


def bound_of(standing: Standing, plan: Lookup) -> bytes:
    """What a cursor is bound to: grant, resource with its registration, and question, but for how many rows."""
    made = sha256(msgspec.json.encode([standing.grant.number, standing.resource.code, standing.resource.upstream]))
    made.update(repr((plan.sql, plan.params[:-2])).encode("utf-8", "surrogatepass"))
    return made.digest()


async def gathered(
    fetch: Fetch, answer: Answer, reached: Reached, limit: int, goes_on: Callable[[], bool]
) -> tuple[list[dict[str, Any]], Reached | None]:
    """Read on until there are enough records.

    Args:
        fetch: Gives the page at a position.
        answer: Puts its rows through the plan, for so many records behind a row.
        reached: How far the caller has read.
        limit: Of the records.
        goes_on: Whether another page may be asked for now.

    Returns:
        The records, and how far they reach; None at the end.

    Raises:
        InterfaceFault: A page did not come as it should, or is the one before.
        CursorStale: The page reached is another now.
    """
    records: list[dict[str, Any]] = []
    seen = {reached.position}
    for number in range(1, MOST + 1):
        fetched = await fetch(reached.position)
        mark = _mark(reached, fetched.rows)
        page = await answer(fetched.rows, limit - len(records), reached.row)
        records += page.records
        if page.next is not None:
            return records, Reached(reached.position, page.next, mark)
        if not fetched.following:
            return records, None
        reached = Reached(_onward(fetched.following, seen), None, mark)
        if len(records) >= limit or number == MOST or not goes_on():
            break
    return records, reached


async def sought(fetch: Fetch, answer: Callable[[list[Row]], Awaitable[list[Verification]]]) -> list[Verification]:
    """Read on until the record asked about is found, or the pages end.

    Raises:
        InterfaceFault: A page did not come as it should; or there are more than a record can be in.
    """
    reached, seen = Reached(), {""}
    for _ in range(MOST):
        fetched = await fetch(reached.position)
        mark = _mark(reached, fetched.rows)
        verdicts = await answer(fetched.rows)
        if not fetched.following or any(one.found for one in verdicts):
            return verdicts
        reached = Reached(_onward(fetched.following, seen), None, mark)
    raise misfit("endless")


def _onward(position: str, seen: set[str]) -> str:
    """The position of the next page, which no page of this call had."""
    if position in seen:
        raise misfit("back")
    seen.add(position)
    return position


def _mark(reached: Reached, rows: list[Row]) -> str:
    """A mark of the rows of a page: one begun is the same still, and another is another."""
    mark = sha256(repr(rows).encode("utf-8", "surrogatepass")).hexdigest()[:MARK]
    if reached.row is not None and reached.mark != mark:
        raise CursorStale("the data changed since this cursor was given", remedy="begin again without `after`")
    if reached.row is None and rows and reached.mark == mark:
        raise misfit("still")
    return mark
