# SPDX-License-Identifier: Apache-2.0
"""Questions answered by the provider's own interface, under the same grant as landed data.

Kept here: a question is compiled before anybody is asked, so what the grant refuses never leaves; the rows that come
back pass through the very statement that serves landed rows: conditions, row rules, masks, claims and paging are one
code. Rows of another system live in memory for one question; the log names resource and item, never a value.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar

from datong.engine.backends.passing import PassingRows
from datong.engine.errors import InterfaceFault, InterfaceRefuses
from datong.engine.plans.lookup import (
    Access,
    Lookup,
    LookupRequest,
    Page,
    Verification,
    Verify,
    compile_lookup,
    compile_verify,
)
from datong.engine.plans.values import Stored, as_stored
from datong.gateway.batches import named
from datong.gateway.calls import Call, UpstreamAsked
from datong.gateway.config import GatewayConfig
from datong.gateway.cursors import RowCursors
from datong.gateway.lookups import not_landed, ordered
from datong.gateway.questions import Asked, RecordsQuestion, VerifyQuestion
from datong.gateway.refusals import CursorStale
from datong.gateway.snapshot import Standing
from datong.gateway.upstream.kept import Kept
from datong.gateway.upstream.paged import Cursors, Fetch, Fetched, Pages, Reached, Row, bound_of, gathered, sought
from datong.gateway.upstream.refusals import told
from datong.gateway.upstream.together import Record, Together, records_of, width_of
from datong.kernel.errors import DatongError
from datong.kernel.sharing import ItemType

if TYPE_CHECKING:
    from datong.gateway.upstream.line import Line

log = logging.getLogger("datong.gateway")

THREADS: Final = 2
MARK: Final = 24
"""Characters of the mark of an answer that its cursors carry."""
KEPT_ROWS: Final = 100
"""Most rows of an answer that is kept."""
T = TypeVar("T")
Draw = Callable[[float], float]


class UpstreamDesk:
    """Answers questions by the interfaces of providers."""

    def __init__(
        self, config: GatewayConfig, access: Callable[[Standing], Access], clock: Callable[[], float] = monotonic
    ) -> None:  # fmt: skip
        self._config, self._access, self._clock = config, access, clock
        self._lines: dict[str, Line] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._kept = Kept(clock)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="upstream")

    async def records(
        self, call: Call, standing: Standing, question: RecordsQuestion, draw: Draw
    ) -> tuple[Page, str | None]:  # fmt: skip
        """Look records up.

        Args:
            call: The call.
            standing: Its grant.
            question: What it asks.
            draw: Paces further pages: given seconds since the call came, gives for how many to wait, 0 for none.

        Returns:
            The page, and the cursor of the next one as the caller gets it.

        Raises:
            ItemNotGranted, FilterNotAllowed, Malformed: The question is outside the grant, or lacks what is needed.
            InterfaceFault: The interface did not answer as it should.
            CursorStale: The answer is another than when the cursor was given.
        """
        access = self._access(standing)
        if standing.resource.upstream is not None and standing.resource.upstream.paging is not None:
            return await self._paged(call, standing, question, draw)
        after, mark = self._rows_read.read(standing, question.after)
        items = ordered(access, question.items)
        plan = compile_lookup(
            LookupRequest(access, question.filters, items, question.limit, after, call.record.case)
        )  # fmt: skip
        held = self._held(call, standing, (plan.sql, plan.params, mark))
        if held is not None:
            page: tuple[Page, str | None] = held
            return page
        asked = {name: as_stored(access.columns[name], name, value) for name, value in question.filters.items()}
        found = await self._asked(call, standing, self._single(call, standing, asked, partial(self._page, standing, plan, mark)))
        if len(found[0].records) <= KEPT_ROWS:
            self._keep(standing, (plan.sql, plan.params, mark), found)
        return found

    async def _paged(
        self, call: Call, standing: Standing, question: RecordsQuestion, draw: Draw
    ) -> tuple[Page, str | None]:  # fmt: skip
        """The same of an interface that hands out pages."""
        access, began = self._access(standing), self._clock()
        items = ordered(access, question.items)

        def plan_of(limit: int, after: int | None) -> Lookup:
            return compile_lookup(LookupRequest(access, question.filters, items, limit, after, call.record.case))

        plan = plan_of(question.limit, None)
        bound = bound_of(standing, plan)
        reached = self._cursors.read(question.after, bound)
        held = self._held(call, standing, (plan.sql, plan.params, question.after))
        if held is not None:
            page: tuple[Page, str | None] = held
            return page
        asked = {name: as_stored(access.columns[name], name, value) for name, value in question.filters.items()}
        pages = Pages()

        def goes_on() -> bool:
            passed = self._clock() - began
            return passed < _patience(standing) / 2 and not draw(passed)

        async def through(line: "Line") -> tuple[list[dict[str, Any]], Reached | None]:
            async def answer(rows: list[Row], limit: int, after: int | None) -> Page:
                return await self._beside(_looked_up, access, plan_of(limit, after), rows)

            fetch = pages.of(self._fetching(call, standing, line, asked))
            return await gathered(fetch, answer, reached, question.limit, goes_on)

        records, then = await self._counted(call, pages, self._asked(call, standing, through))
        found = Page(records, None), None if then is None else self._cursors.written(then, bound)
        if len(records) <= KEPT_ROWS:
            self._keep(standing, (plan.sql, plan.params, question.after), found)
        return found

    async def verify(self, call: Call, standing: Standing, question: VerifyQuestion) -> Verification:
        """Say whether the record is there and which claims hold.

        Raises:
            ItemNotGranted, FilterNotAllowed, Malformed: The question is outside the grant, or lacks what is needed.
            InterfaceFault: The interface did not answer as it should.
        """
        access = self._access(standing)
        plan = compile_verify(access, question.key, question.claims, call.record.case)
        held = self._held(call, standing, (plan.sql, plan.params, ""))
        if held is not None:
            verified: Verification = held
            return verified
        asked = {name: as_stored(access.columns[name], name, value) for name, value in question.key.items()}
        pages = Pages()
        ask = self._verifying(call, standing, [plan], asked, pages)
        found = await self._counted(call, pages, self._asked(call, standing, ask))
        self._keep(standing, (plan.sql, plan.params, ""), found[0])
        return found[0]

    async def verify_all(
        self, call: Call, standing: Standing, asked: Iterable[Asked], draw: Draw
    ) -> Mapping[int, Verification]:
        """Answer a batch of verifications, by number from 0; all of them or none.

        Args:
            call: The call.
            standing: Its grant.
            asked: The questions.
            draw: Paces what goes out: given seconds since the call came, gives for how many to wait, 0 for none.

        Raises:
            ItemNotGranted, FilterNotAllowed, Malformed: A question is outside the grant, or lacks what is needed; names it.
            InterfaceFault: One was not answered as it should; names it.
        """
        access, began = self._access(standing), self._clock()
        records = records_of(access, asked, call.record.case)
        batch = Together(records, lambda: draw(self._clock() - began))

        async def through(line: "Line") -> Mapping[int, Verification]:
            self._check_each(line, records, _ruled(standing, call))

            async def put(record: Record) -> list[Verification]:
                return await self._verifying(call, standing, record.plans, record.given, Pages())(line)

            return await batch.through(put, width_of(standing), first_alone=line.breaker.open)

        try:
            return await self._asked(call, standing, through)
        except DatongError as refusal:
            raise (refusal if batch.failed is None else named(refusal, batch.failed + 1)) from None
        finally:
            if isinstance(call.record.upstream, UpstreamAsked):
                call.record.upstream.asked = batch.asked

    def _check_each(self, line: "Line", records: Sequence[Record], ruled: dict[str, Stored]) -> None:
        """Check that the interface could be asked each question, before it is asked any."""
        for record in records:
            try:
                line.interface.question(record.given, ruled)
            except DatongError as refusal:
                raise named(refusal, record.numbers[0] + 1) from None

    def _verifying(
        self, call: Call, standing: Standing, plans: Sequence[Verify], asked: dict[str, Stored], pages: Pages
    ) -> Callable[["Line"], Awaitable[list[Verification]]]:  # fmt: skip
        """Ask about one record, on whichever page it is."""
        access, upstream = self._access(standing), standing.resource.upstream
        if upstream is None or upstream.paging is None:
            return self._single(call, standing, asked, partial(_verified, access, plans))

        async def ask(line: "Line") -> list[Verification]:
            async def answer(rows: list[Row]) -> list[Verification]:
                return await self._beside(_verdicts, access, plans, rows)

            return await sought(pages.of(self._fetching(call, standing, line, asked)), answer)

        return ask

    def _fetching(self, call: Call, standing: Standing, line: "Line", asked: dict[str, Stored]) -> Fetch:
        ruled = _ruled(standing, call)

        async def fetch(position: str) -> Fetched:
            said = await line.ask(asked, ruled, call.record.request_id, self.along(), position)
            return await self._beside(line.read, said, position, line.where(asked, ruled, position))

        return fetch

    async def _counted(self, call: Call, pages: Pages, work: Awaitable[T]) -> T:
        """Do it; the record says then how many pages were asked for, where there were any."""
        try:
            return await work
        finally:
            if pages.asked and isinstance(call.record.upstream, UpstreamAsked):
                call.record.upstream.asked = pages.asked

    async def _beside(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(work, *args))

    @cached_property
    def _cursors(self) -> Cursors:
        return Cursors(self._config.signing_key)

    @cached_property
    def _rows_read(self) -> RowCursors:
        return RowCursors(self._config.signing_key)

    def _page(self, standing: Standing, plan: Lookup, mark: str, line: "Line", said: bytes | None) -> tuple[Page, str | None]:
        found = sha256(said or b"").hexdigest()[:MARK]
        if mark and mark != found:
            raise CursorStale("the data changed since this cursor was given", remedy="begin again without `after`")
        page = _looked_up(self._access(standing), plan, _rows(line, said))
        return page, self._rows_read.written(standing, page.next, found)

    def along(self) -> Mapping[str, str]:
        """Headers that go along with a question, beside the id of its call: none, but where calls are traced."""
        return {}

    async def close(self) -> None:
        """Let go of every connection."""
        for line in self._lines.values():
            await line.close()
        self._lines.clear()
        self._threads.shutdown()

    def _single(
        self, call: Call, standing: Standing, asked: dict[str, Stored], answer: Callable[["Line", bytes | None], T]
    ) -> Callable[["Line"], Awaitable[T]]:
        """Ask one question, and have the answer read and put through the plan beside the event loop."""

        async def ask(line: "Line") -> T:
            said = await line.ask(asked, _ruled(standing, call), call.record.request_id, self.along())
            return await self._beside(answer, line, said)

        return ask

    async def _asked(self, call: Call, standing: Standing, ask: Callable[["Line"], Awaitable[T]]) -> T:
        """Have the interface asked; the record says for how long, and what came of it."""
        began, outcome = self._clock(), "failed"
        try:
            found = await ask(self._line(standing))
            outcome = "answered"
        except InterfaceFault as fault:
            outcome = fault.code
            _tell(call, standing, fault)
            raise told(type(fault)) from None
        except DatongError as refusal:
            outcome = refusal.code
            raise
        finally:
            call.record.upstream = UpstreamAsked(ms=int((self._clock() - began) * 1000), outcome=outcome)
        return found

    def _line(self, standing: Standing) -> "Line":
        """The line to the interface of a resource; another registration gets another line, and a fresh breaker."""
        resource = standing.resource
        upstream, line = resource.upstream, self._lines.get(resource.code)
        if upstream is None:
            raise not_landed()
        if line is not None and line.upstream == upstream and line.items == resource.items:
            return line
        try:
            from datong.gateway.upstream.line import Line  # noqa: PLC0415  an HTTP client for who has an interface alone

            fresh = self._lines[resource.code] = Line(resource, upstream, self._config, self._clock)
        except DatongError as error:
            raise InterfaceRefuses(f"the line is not made: {error}", fields={"connection": upstream.connection}) from error
        if line is not None:
            closing = asyncio.get_running_loop().create_task(line.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        return fresh

    def _held(self, call: Call, standing: Standing, question: tuple[object, ...]) -> Any:
        held = self._kept.get(standing, question)
        if held is not None:
            call.record.upstream = UpstreamAsked(ms=0, outcome="kept")
        return held

    def _keep(self, standing: Standing, question: tuple[object, ...], answer: object) -> None:
        if standing.resource.upstream is not None:
            self._kept.keep(standing, question, answer, standing.resource.upstream.cache)


def _verified(access: Access, plans: Sequence[Verify], line: "Line", said: bytes | None) -> list[Verification]:
    return _verdicts(access, plans, _rows(line, said))


def _verdicts(access: Access, plans: Sequence[Verify], found: list[Row]) -> list[Verification]:
    with PassingRows(access.columns, found) as rows:
        return [plan.answer(rows.fetch(plan)) for plan in plans]


def _looked_up(access: Access, plan: Lookup, found: list[Row]) -> Page:
    with PassingRows(access.columns, found) as rows:
        return plan.page(rows.fetch(plan))


def _patience(standing: Standing) -> int:
    """Seconds a call of the interface may take."""
    return 0 if standing.resource.upstream is None else standing.resource.upstream.timeout


def _rows(line: "Line", said: bytes | None) -> list[tuple[Stored | None, ...]]:
    return [] if said is None else line.interface.read(said)


def _ruled(standing: Standing, call: Call) -> dict[str, Stored]:
    """Items that a rule of the grant fixes to one value: told to an interface that takes them, checked on return anyway."""
    kinds = {one.field: one.type for one in standing.resource.items}
    fixed: dict[str, Stored] = {}
    for rule in standing.grant.rows:
        if rule.op == "case":
            fixed[rule.field] = call.record.case
        elif rule.op == "eq":
            fixed[rule.field] = as_stored(ItemType(kinds[rule.field]), rule.field, rule.values[0])
    return fixed


def _tell(call: Call, standing: Standing, fault: InterfaceFault) -> None:
    """Say in the log what was wrong, for the provider: item and reason, never a value, an address or a secret."""
    number = standing.resource.upstream.connection if standing.resource.upstream is not None else ""
    log.warning(
        "call %s: interface of resource %s (connection %s): %s %s",
        call.record.request_id, standing.resource.code, number, fault.code, fault.fields,
    )  # fmt: skip
