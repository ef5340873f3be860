# SPDX-License-Identifier: Apache-2.0
"""/v1/subscriptions/…/events: the changes under a grant, page by page, by long poll or as a stream of server-sent events.

Kept here: policy, token, grant, purpose and stage are looked up anew before each page, however long one has waited; each
page is evidence before it leaves, and tallied then, without the time it was waited for. Whoever follows the cursor gets
each event once; one that reads a page again gets the same events under the same ids. Nothing is read but the stream that
the policy names for the grant.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from datong.gateway import asking
from datong.gateway.answers import CAREFUL, Answer, Receive, Scope, Send, give, refused
from datong.gateway.asking import Ask, shown_path
from datong.gateway.callers import Callers
from datong.gateway.config import Limits
from datong.gateway.events.record import EventRecord, Noted
from datong.gateway.events.streams import Streams
from datong.gateway.evidence import Evidence
from datong.gateway.granting import check_purpose, choose
from datong.gateway.policy import PolicyHolder
from datong.gateway.quotas import Quotas
from datong.gateway.refusals import (
    EvidenceUnavailable,
    MethodNotAllowed,
    SubscriptionEnded,
    SubscriptionPaused,
    failed,
    unknown,
)
from datong.gateway.snapshot import Standing
from datong.gateway.tally import Tally
from datong.kernel.errors import DatongError, Malformed, Throttled, Unauthenticated
from datong.kernel.sharing import Channel
from datong.wire import events

log = logging.getLogger("datong.gateway")

PREFIX: Final = b"/v1/subscriptions/"
SUFFIX: Final = b"/events"
LONGEST_NUMBER: Final = 24
LONGEST_WAIT: Final = 30
HEARTBEAT: Final = 15.0
MOST_OPEN: Final = 4
"""Requests of one subscription that may wait at once."""
MOST_WAITING: Final = 3_000
"""Requests of all subscriptions; what is left of the server's connections is for calls."""
FEED: Final = b"text/event-stream"
ANSWERED: Final = 200
_STAGES: Final = {"paused": SubscriptionPaused, "ended": SubscriptionEnded}


@dataclass(slots=True)
class Following:
    """One request under way: which subscription, after which cursor, how many at a time, how long it may wait."""

    number: str
    ask: Ask
    scope: Scope
    noted: Noted
    after: str
    limit: int
    wait: float
    feed: bool
    mark: str = ""


class EventDesk:
    """Gives change events out."""

    def __init__(
        self,
        holder: PolicyHolder,
        callers: Callers,
        quotas: Quotas,
        evidence: Evidence,
        streams: Streams,
        *,
        limits: Limits,
        clock: Callable[[], float],
        tally: Tally,
    ) -> None:
        self._holder, self._callers, self._quotas = holder, callers, quotas
        self._evidence, self._streams = evidence, streams
        self._limits, self._clock, self._tally = limits, clock, tally
        self._open: Counter[str] = Counter()
        self._closing = False

    def close(self) -> None:
        """Let those who wait go."""
        self._closing = True
        self._streams.wake_all()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under /v1/subscriptions/."""
        path = shown_path(scope)
        noted = Noted(path + b"?" + scope["query_string"] if scope["query_string"] else path)
        record = noted.record(self._clock(), "")
        try:
            following = self._read(scope, path, noted)
            record.subscription = following.number
            await self._serve(following, record, receive, send)
        except DatongError as refusal:
            await self._close(noted, record, refused(refusal, noted.request_id), send)
        except Exception:
            log.exception("events request %s failed", noted.request_id)
            fault = failed()
            await self._close(noted, record, refused(fault, noted.request_id), send)

    def _read(self, scope: Scope, path: bytes, noted: Noted) -> Following:
        number = path[len(PREFIX) : -len(SUFFIX)]
        if not path.endswith(SUFFIX) or not 0 < len(number) <= LONGEST_NUMBER or not number.replace(b"-", b"").isalnum():
            raise unknown()
        if scope["method"] != "GET":
            raise MethodNotAllowed("events are read by GET", fields={"method": "GET"})
        ask = Ask(scope["headers"])
        said = asking.query(scope["query_string"], self._limits)
        strange = [name for name in said if name not in ("after", "limit", "wait")]
        if strange:
            raise Malformed("a parameter is unknown here", fields={asking.shown(strange[0]): "one of: after, limit, wait"})
        headers = dict(scope["headers"])
        feed = FEED in headers.get(b"accept", b"")
        last = headers.get(b"last-event-id", b"")[:100].decode("ascii", "replace") if feed else ""
        limit = asking.whole(said, "limit", 100, self._limits.max_rows)
        return Following(number.decode(), ask, scope, noted, last or said.get("after", ""), limit, _wait(said), feed)

    async def _serve(self, following: Following, record: EventRecord, receive: Receive, send: Send) -> None:
        self._standing(following, record)
        if self._open.total() >= MOST_WAITING:
            raise Throttled("too many subscribers wait", remedy="read again soon, without waiting")
        if self._open[following.number] >= MOST_OPEN:
            raise Throttled("too many requests of this subscription wait", fields={"subscription": f"at most {MOST_OPEN}"})
        self._open[following.number] += 1
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            await (self._feed if following.feed else self._answer)(following, record, gone, send)
        finally:
            gone.cancel()
            self._open[following.number] -= 1

    async def _answer(self, following: Following, record: EventRecord, gone: asyncio.Future[None], send: Send) -> None:
        """One page, waited for as long as was asked."""
        loop = asyncio.get_running_loop()
        until = loop.time() + following.wait
        while True:
            standing = self._standing(following, record)
            page = await self._page(following, standing)
            left = until - loop.time()
            if page.lines or left <= 0 or gone.done() or self._closing:
                break
            await self._wait(standing, page, left, gone)
            record = following.noted.record(self._clock(), following.number)
        if gone.done():
            return
        body = b'{"events":[' + b",".join(page.lines) + b'],"next":"' + str(page.next).encode() + b'"}'
        if page.lines:
            self._quotas.take(standing, self._clock()).leave()
            record.gives(page)
        await self._close(following.noted, record, Answer(200, body), send)

    async def _feed(self, following: Following, record: EventRecord, gone: asyncio.Future[None], send: Send) -> None:
        """Page after page, until the caller leaves, its token ends, or it may not go on."""
        await self._page(following, self._standing(following, record))
        receipt = await self._evidence.keep(following.noted.closed(record, b""))
        self._tally.note(record, self._clock(), following.noted.began, 0)
        await send({"type": "http.response.start", "status": 200, "headers": self._heads(following.noted, record, receipt, FEED)})
        while not gone.done() and not self._closing:
            record = following.noted.record(self._clock(), following.number)
            try:
                piece = await self._piece(following, record, gone)
            except Unauthenticated:
                break
            except DatongError as refusal:
                piece = await self._parting(following, record, refusal)
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                break
            if not gone.done():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        if not gone.done():
            await send({"type": "http.response.body", "body": b""})

    async def _piece(self, following: Following, record: EventRecord, gone: asyncio.Future[None]) -> bytes:
        """The next events as they are sent, their evidence kept; a sign of life where there are none for a while."""
        standing = self._standing(following, record)
        page = await self._page(following, standing)
        if not page.lines:
            await self._wait(standing, page, HEARTBEAT, gone)
            return b": \n\n"
        self._quotas.take(standing, self._clock()).leave()
        record.gives(page)
        body = b"".join(b"id: %b\nevent: change\ndata: %b\n\n" % (_id(line), line) for line in page.lines)
        receipt = await self._evidence.keep(following.noted.closed(record, body))
        self._tally.note(record, self._clock(), following.noted.began, len(body))
        following.after = str(page.next)
        return body + b"event: receipt\ndata: %b\n\n" % receipt

    async def _parting(self, following: Following, record: EventRecord, refusal: DatongError) -> bytes:
        answer = refused(refusal, following.noted.request_id)
        record.status, record.code = answer.status, answer.code
        await self._evidence.keep(following.noted.closed(record, answer.body))
        self._tally.note(record, self._clock(), following.noted.began, 0)
        return b"event: problem\ndata: %b\n\n" % answer.body

    def _standing(self, following: Following, record: EventRecord) -> Standing:
        """The grant of the subscription, were it the caller's and in force now."""
        now = self._clock()
        snapshot = self._holder.current(now)
        record.policy_version = snapshot.version
        client = self._callers.client(following.ask, snapshot, now)
        record.asked(client, following.ask)
        self._callers.check(client, following.scope, snapshot, following.ask.authorization)
        if client.signed:
            following.mark = following.mark or self._callers.signatures.check(client, following.scope, snapshot, now)
            record.signature = following.mark
        standing = snapshot.subscriptions.get(following.number)
        if standing is None or standing.grant.client_id != client.client_id:
            raise unknown()
        record.of(standing)
        choose([standing], Channel.SUBSCRIPTION.value, following.ask.grant, now)
        check_purpose(standing.grant, following.ask)
        told = snapshot.followings[following.number]
        if told.stage in _STAGES:
            raise _STAGES[told.stage](f"订阅 {told.number} 已暂停或者结束 (this subscription is {told.stage})")
        following.after = following.after or told.start
        return standing

    async def _page(self, following: Following, standing: Standing) -> events.Page:
        limit = min(following.limit, standing.grant.max_rows)
        return await self._streams.page(standing.grant.events, events.Cursor.parse(following.after), limit)

    async def _wait(self, standing: Standing, empty: events.Page, seconds: float, gone: asyncio.Future[None]) -> None:
        grown = asyncio.ensure_future(self._streams.grown(standing.grant.events, empty.next, seconds))
        await asyncio.wait({grown, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not grown.cancel():
            grown.result()

    async def _close(self, noted: Noted, record: EventRecord, answer: Answer, send: Send) -> None:
        record.status, record.code = answer.status, answer.code
        try:
            receipt = await self._evidence.keep(noted.closed(record, answer.body))
        except EvidenceUnavailable as refusal:
            record.code, record.rows = refusal.code, 0
            self._tally.note(record, self._clock(), noted.began, 0)
            extra = [(b"datong-request-id", noted.request_id.encode())]
            await give(send, refused(refusal, noted.request_id), head=False, extra=extra)
            return
        self._tally.note(record, self._clock(), noted.began, len(answer.body) if record.status == ANSWERED else 0)
        await give(send, answer, head=False, extra=self._proofs(noted, record, receipt))

    def _heads(self, noted: Noted, record: EventRecord, receipt: bytes, kind: bytes) -> list[tuple[bytes, bytes]]:
        return [(b"content-type", kind), *CAREFUL, *self._proofs(noted, record, receipt)]

    def _proofs(self, noted: Noted, record: EventRecord, receipt: bytes) -> list[tuple[bytes, bytes]]:
        said = [(b"datong-request-id", noted.request_id.encode()), (b"datong-receipt", receipt)]
        said.append((b"datong-salt", noted.salt.hex().encode()))
        return [*said, (b"datong-grant", record.grant.encode())] if record.grant else said


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _wait(said: dict[str, str]) -> float:
    text = said.get("wait", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LONGEST_WAIT)) and int(text) <= LONGEST_WAIT):
        raise Malformed("wait is out of bounds", fields={"wait": f"a whole number of seconds from 0 to {LONGEST_WAIT}"})
    return float(text)


def _id(line: bytes) -> bytes:
    """The id of an event: what stands first in it."""
    return line.split(b'"', 4)[3]
