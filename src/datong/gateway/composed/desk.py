# SPDX-License-Identifier: Apache-2.0
"""Composed services (组合服务): several resources by key in one call, each part a call of its own.

Kept here: a part stands under its own grant with every check a single call meets, and has its own record, salt and
receipt; a part that is refused is refused in its place and hinders no other. All parts see one policy. Nothing leaves
before every record is durable: the records are handed in together. Parts that interfaces of providers answer run beside
each other and end together. A call that is refused whole has one record, like any other call that is refused.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import quote

import orjson

from datong.gateway import bodies, formats
from datong.gateway.answers import Answer, Receive, Scope, Send, allowing, give, refused
from datong.gateway.asking import Ask
from datong.gateway.calls import Call, UpstreamAsked
from datong.gateway.composed.reading import Single, read
from datong.gateway.config import Limits
from datong.gateway.evidence import Evidence
from datong.gateway.granting import check_purpose
from datong.gateway.plane import REFUSED, DataPlane, compressed, permit
from datong.gateway.refusals import EvidenceUnavailable, check_method, failed
from datong.gateway.serving import Services
from datong.gateway.snapshot import Snapshot
from datong.gateway.tally import Tally
from datong.gateway.upstream.refusals import UpstreamLate, told
from datong.kernel.errors import DatongError, Malformed
from datong.wire.policy import Client

log = logging.getLogger("datong.gateway")

PATH: Final = b"/v1/composed"
METHODS: Final = ("POST", "OPTIONS")
KIND: Final = "application/json"
SHARED: Final = frozenset({b"datong-purpose", b"datong-case", b"datong-user"})
"""Headers of the whole that hold for every part."""
AFTER: Final = b"retry-after"


class ComposedDesk:
    """Answers composed calls."""

    def __init__(
        self,
        plane: DataPlane,
        services: Services,
        evidence: Evidence,
        clock: Callable[[], float],
        limits: Limits,
        *,
        tally: Tally,
    ) -> None:
        self._plane, self._services, self._evidence = plane, services, evidence
        self._clock, self._limits, self._tally = clock, limits, tally

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one composed call."""
        whole = Call(self._clock(), scope)
        try:
            ask = Ask(whole.headers)
            snapshot, client, receive = await self._plane.admit(whole, ask, receive)
            if whole.method == "OPTIONS":
                await self._plane.close(whole, allowing(METHODS), send)
                return
            singles = await self._read(whole, ask, receive)
        except DatongError as refusal:
            await self._plane.close(whole, refused(refusal, whole.record.request_id), send)
            return
        except Exception:
            log.exception("call %s failed", whole.record.request_id)
            await self._plane.close(whole, refused(failed(), whole.record.request_id), send)
            return
        parts = [self._part(whole, one, client, ask, snapshot) for one in singles]
        try:
            await self._answer(whole, singles, parts, snapshot, client, send)
        finally:
            for part in parts:
                part.held.leave()

    async def _read(self, whole: Call, ask: Ask, receive: Receive) -> list[Single]:
        check_method(whole.method, METHODS)
        if ask.grant:
            raise Malformed(
                "a composed call stands under a grant for each part", fields={"datong-grant": "name it in the part, as `grant`"}
            )
        formats.choose(ask.accept, (formats.JSON,))
        bodies.check_kind(ask.content_type, KIND)
        whole.body = await bodies.read(receive, ask.content_length, self._limits)
        return read(whole.body, self._limits)

    def _part(self, whole: Call, single: Single, client: Client, ask: Ask, snapshot: Snapshot) -> Call:
        """The call that a part is: the headers that name the purpose are the whole's, everything else its own."""
        headers = [(name, value) for name, value in whole.headers if name in SHARED]
        headers += [(b"datong-grant", quote(single.grant, safe="").encode())] if single.grant else []
        headers += [(b"content-type", KIND.encode())] if single.body else []
        asked = {"method": single.method, "raw_path": single.path, "query_string": single.query, "headers": headers}
        part = Call(whole.now, {**whole.scope, **asked})
        part.body = single.body
        part.caller(client, ask)
        part.record.policy_version, part.record.composed = snapshot.version, whole.record.request_id
        part.record.signature = whole.record.signature
        return part

    async def _answer(
        self, whole: Call, singles: Sequence[Single], parts: Sequence[Call], snapshot: Snapshot, client: Client, send: Send
    ) -> None:  # fmt: skip
        ends = asyncio.get_running_loop().time() + self._limits.composed_seconds
        answers = await asyncio.gather(*(self._one(part, snapshot, client, ends) for part in parts))
        extra = [(b"datong-request-id", whole.record.request_id.encode())]
        try:
            records = [part.close(one.status, one.code, one.body) for part, one in zip(parts, answers, strict=True)]
            receipts = await self._evidence.keep_all(records)
        except EvidenceUnavailable as refusal:
            self._undo(parts, refusal)
            await give(send, refused(refusal, whole.record.request_id), head=False, extra=extra)
            return
        for part, one in zip(parts, answers, strict=True):
            self._tally.note(part.record, part.now, part.began, 0 if one.status >= REFUSED else len(one.body))
        shown = [_shown(*one) for one in zip(singles, parts, answers, receipts, strict=True)]
        answer, encoding = await compressed(Answer(200, orjson.dumps({"parts": shown})), whole.encodings)
        await give(send, answer, head=False, extra=extra + encoding)

    def _undo(self, parts: Sequence[Call], refusal: EvidenceUnavailable) -> None:
        for part in parts:
            part.held.give_back()
            part.record.code, part.record.rows = refusal.code, 0
            self._tally.note(part.record, part.now, part.began, 0)

    async def _one(self, part: Call, snapshot: Snapshot, client: Client, ends: float) -> Answer:
        """Answer a part, or refuse it in its place."""
        try:
            return await self._said(part, snapshot, client, ends)
        except DatongError as refusal:
            answer = refused(refusal, part.record.request_id)
        except Exception:
            log.exception("call %s failed", part.record.request_id)
            answer = refused(failed(), part.record.request_id)
        part.held.give_back()
        return answer

    async def _said(self, part: Call, snapshot: Snapshot, client: Client, ends: float) -> Answer:
        ask = Ask(part.headers)
        standing = permit(part, snapshot.standings(client.client_id, part.record.resource), ask)
        check_purpose(standing.grant, ask)
        receive = bodies.again(part.body)
        if standing.resource.upstream is None:
            return await self._services.answer(part, standing, ask, receive)
        try:
            async with asyncio.timeout_at(ends):
                return await self._services.answer(part, standing, ask, receive)
        except TimeoutError:
            took = int(self._limits.composed_seconds * 1000)
            part.record.upstream = UpstreamAsked(ms=took, outcome=UpstreamLate.code)
            raise told(UpstreamLate) from None


def _shown(single: Single, part: Call, answer: Answer, receipt: bytes) -> dict[str, Any]:
    """A part as it is answered; the texts of `request` and `body` are what the hashes of its record cover."""
    shown: dict[str, Any] = {
        "name": single.name, "status": answer.status, "code": answer.code, "body": answer.body.decode(),
        "request": part.request.decode(), "request_id": part.record.request_id, "salt": part.salt.hex(),
        "receipt": receipt.decode(),
    }  # fmt: skip
    if part.record.grant:
        shown["grant"] = part.record.grant
    after = dict(answer.headers).get(AFTER)
    return shown if after is None else shown | {"retry_after": int(after)}
