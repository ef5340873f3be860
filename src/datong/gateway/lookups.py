# SPDX-License-Identifier: Apache-2.0
"""Look-ups: questions run on the serving indexes.

Kept here: what a grant may see is made once per grant and policy (`Access`, with the SQL it compiled); each thread has
its own open indexes, taken up anew when a landing has put another file in their place. A look-up by whole key runs
where it is asked, for it takes microseconds; any other runs beside the event loop, so that one broad question never
holds up the others; there the grants take turns.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import local
from time import monotonic
from typing import Final, NamedTuple, ParamSpec, TypeVar

from datong.crypto.keys import load_secret
from datong.engine.backends.index import ServingIndex
from datong.engine.plans.aggregating import Groups, compile_aggregate, told
from datong.engine.plans.lookup import (
    Access,
    Lookup,
    LookupRequest,
    Page,
    RowRule,
    Verification,
    Verify,
    compile_lookup,
    compile_verify,
)
from datong.gateway import batches
from datong.gateway.columns import Questions
from datong.gateway.config import GatewayConfig
from datong.gateway.cursors import RowCursors
from datong.gateway.limits.turns import Turns
from datong.gateway.questions import AggregateQuestion, RecordsQuestion, VerifyQuestion
from datong.gateway.refusals import CursorStale, GrantUnusable, NotLanded
from datong.gateway.snapshot import Standing
from datong.gateway.tags import PURPOSE as TAGS
from datong.gateway.tags import Tags
from datong.kernel.errors import Malformed
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType

log = logging.getLogger("datong.gateway")
P = ParamSpec("P")
T = TypeVar("T")

OPEN_INDEXES: Final = 256
REMEMBERED_SHAPES: Final = 512
THREADS: Final = 2
GLANCE: Final = 0.1
"""Seconds for which a file seen is taken to lie there still; a file replaced stays whole under whoever has it open."""


class OpenIndex:
    """An index with the mark of its file: number, time and size, which no two landings share."""

    __slots__ = ("index", "mark", "seen")

    def __init__(self, path: Path, mark: str, seen: float) -> None:
        self.index = ServingIndex(path)
        self.mark = mark
        self.seen = seen


class Shelf(local):
    """The indexes one thread has open, the longest unused closed first."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, OpenIndex] = OrderedDict()

    def take(self, path: str) -> OpenIndex:
        """Give the index that lies at a path, or lay there a moment ago.

        Raises:
            NotLanded: none does.
            IndexMissing: what lies there is no index.
        """
        now, held = monotonic(), self._open.get(path)
        if held is not None and now - held.seen < GLANCE:
            return held
        mark = _mark(path)
        if held is not None and held.mark == mark:
            held.seen = now
            self._open.move_to_end(path)
            return held
        fresh = self._open[path] = OpenIndex(Path(path), mark, now)
        if held is not None:
            held.index.close()
        elif len(self._open) > OPEN_INDEXES:
            self._open.popitem(last=False)[1].index.close()
        return fresh

    def close(self) -> None:
        """Close what this thread has open."""
        while self._open:
            self._open.popitem()[1].index.close()


def _mark(path: str) -> str:
    try:
        found = Path(path).stat()
    except OSError:
        raise not_landed() from None
    return f"{found.st_ino:x}.{found.st_mtime_ns:x}.{found.st_size:x}"


def not_landed() -> NotLanded:
    """The refusal for a resource whose data are not here."""
    return NotLanded("the data of this resource have not landed here yet", remedy="ask its provider to attach them")


class Found(NamedTuple):
    """A page, the cursor of the next one as the caller gets it, and the mark of the data it is from, empty for none."""

    page: Page
    after: str | None
    mark: str = ""


class Desk:
    """Answers questions from the serving indexes of one node."""

    def __init__(self, config: GatewayConfig) -> None:
        self._config, self._folder = config, str(config.node_dir)
        self._tags = Tags(load_secret(config.signing_key, TAGS))
        self._cursors = RowCursors(config.signing_key)
        self._shelf = Shelf()
        self._turns = Turns(THREADS, "lookup")

    async def records(self, standing: Standing, question: RecordsQuestion, case: str = "") -> Found:
        """Look records up.

        Raises:
            ItemNotGranted, FilterNotAllowed, Malformed: the question is outside the grant, or does not fit.
            NotLanded, IndexMissing: there is nothing to look into.
            CursorStale: the data changed since the cursor was given.
        """
        access = self.access(standing)
        after, mark = self._cursors.read(standing, question.after)
        request = LookupRequest(access, question.filters, ordered(access, question.items), question.limit, after, case)
        plan = compile_lookup(request)
        path = self._path(standing)
        if access.keys and question.filters.keys() >= access.whole_key:
            return self._page(standing, path, plan, mark)
        return await self.beside(standing, self._page, standing, path, plan, mark)

    def verify(self, standing: Standing, question: VerifyQuestion, case: str = "") -> Verification:
        """Say whether the record is there and which claims hold.

        Raises:
            ItemNotGranted, FilterNotAllowed, Malformed: the question is outside the grant, or does not fit.
            NotLanded, IndexMissing: there is nothing to look into.
        """
        plan: Verify = compile_verify(self.access(standing), question.key, question.claims, case)
        return plan.answer(self._shelf.take(self._path(standing)).index.fetch(plan))

    async def verify_all(self, standing: Standing, asked: Questions, kind: str, case: str = "") -> tuple[bytes, int]:
        """Answer a batch of verifications beside the event loop.

        Returns:
            The body, and how many records were found.

        Raises:
            ItemNotGranted, FilterNotAllowed, Malformed: a question is outside the grant, or does not fit; names its number.
            NotLanded, IndexMissing: there is nothing to look into.
        """
        access, path = self.access(standing), self._path(standing)

        def run() -> tuple[bytes, int]:
            compiled = batches.compiled(access, asked, case)
            return batches.answered(self._shelf.take(path).index, compiled, len(asked), kind)

        return await self.beside(standing, run)

    async def aggregate(self, standing: Standing, question: AggregateQuestion, case: str = "") -> Groups:
        """Count and measure beside the event loop, small groups hidden.

        Raises:
            ItemNotGranted, FilterNotAllowed, Malformed: the question is outside the grant, or does not fit.
            TooBroad: it makes too many groups, or takes too long.
            NotLanded, IndexMissing: there is nothing to look into.
        """
        plan = compile_aggregate(self.access(standing), question.by, question.measures, question.filters, case)
        path = self._path(standing)

        def run() -> Groups:
            rows = self._shelf.take(path).index.aggregate(plan, self._config.limits.aggregate_seconds)
            return told(plan, rows, standing.grant.smallest_group)

        return await self.beside(standing, run)

    async def beside(self, standing: Standing, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Do work beside the event loop, in the threads of look-ups, when it is the turn of the grant.

        Raises:
            TooManyWaiting: as many wait as may.
        """
        return await self._turns.run(standing.grant.number, work, *args, **named)

    def items(self, standing: Standing, question: RecordsQuestion) -> tuple[str, ...]:
        """Items that the records of a question show, in order."""
        access = self.access(standing)
        return ordered(access, question.items) or access.readable

    def tag(self, standing: Standing, mark: str, *question: bytes) -> str:
        """The entity tag of an answer; empty where its data have no mark."""
        return self._tags.of(standing, mark, *question) if mark else ""

    def access(self, standing: Standing) -> Access:
        """What a grant may see; made once, and anew only when it remembers too many shapes of questions."""
        known: Access | None = standing.made.get(self)
        if known is None or len(known.compiled) > REMEMBERED_SHAPES:
            try:
                known = standing.made[self] = self._made(standing)
            except Malformed as error:
                log.warning("grant %s cannot be used: %s", standing.grant.number, error)
                raise GrantUnusable(
                    "this grant does not fit its resource", remedy="tell the provider: the grant has to be written anew"
                ) from error
        return known

    def close(self) -> None:
        """Let go of the indexes; those of other threads go with their threads."""
        self._turns.close()
        self._shelf.close()

    def _made(self, standing: Standing) -> Access:
        grant, resource = standing.grant, standing.resource
        masks = {item.field: Mask.parse(item.mask) for item in grant.items}
        keyed = any(mask.keyed for mask in masks.values())
        return Access(
            columns={item.field: ItemType(item.type) for item in resource.items},
            keys=resource.keys,
            queries=resource.queries,
            granted=masks,
            rows=[RowRule(rule.field, rule.op, tuple(rule.values)) for rule in grant.rows],
            mask_key=mask_key(self._config.signing_key, grant.number) if keyed else b"",
        )

    def _path(self, standing: Standing) -> str:
        if not standing.resource.index:
            raise not_landed()
        return f"{self._folder}/{standing.resource.index}"

    def _page(self, standing: Standing, path: str, plan: Lookup, mark: str) -> Found:
        held = self._shelf.take(path)
        if mark and mark != held.mark:
            raise CursorStale("the data changed since this cursor was given", remedy="begin again without `after`")
        page = plan.page(held.index.fetch(plan))
        return Found(page, self._cursors.written(standing, page.next, held.mark), held.mark)


def mask_key(signing_key: Path, grant: str) -> bytes:
    """Secret of a grant's hash and format masks: the same on every channel and day, another for each grant."""
    return load_secret(signing_key, f"mask {grant}")


def ordered(access: Access, items: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Items in the resource's order, so that questions alike but for order share their SQL; strange ones go last."""
    if items is None:
        return None
    wanted = set(items)
    known = [name for name in access.readable if name in wanted]
    return (*known, *(name for name in items if name not in known))
