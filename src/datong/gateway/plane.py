# SPDX-License-Identifier: Apache-2.0
"""The hot routes: records and verify, as raw ASGI.

Kept here: the one order of every call (DESIGN section 4): policy, token, grant, purpose and case, question, quota,
look-up, evidence, answer. Nothing leaves before its record is durable, refusals included; when no evidence can be
kept, the caller learns only that.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final
from urllib.parse import quote

import orjson

from datong.gateway import bodies
from datong.gateway.answers import Answer, Receive, Scope, Send, give, refused
from datong.gateway.asking import Ask
from datong.gateway.calls import REPORTS, Call
from datong.gateway.config import Limits
from datong.gateway.evidence import Evidence
from datong.gateway.granting import check_purpose, choose
from datong.gateway.lookups import Desk
from datong.gateway.policy import PolicyHolder
from datong.gateway.questions import RecordsQuestion, VerifyQuestion, records_question, verify_question
from datong.gateway.quotas import Quotas
from datong.gateway.refusals import EvidenceUnavailable, Hindered, InternalFault, MethodNotAllowed, unknown
from datong.gateway.reporting import Reports
from datong.gateway.snapshot import Standing
from datong.gateway.tokens import Tokens
from datong.kernel.errors import DatongError
from datong.kernel.sharing import Channel
from datong.ledger.persons import BlindIndex

log = logging.getLogger("datong.gateway")

PREFIX: Final = b"/v1/resources/"
CALL: Final = Channel.CALL.value
METHODS: Final = {CALL: ("GET", "HEAD", "OPTIONS"), Channel.VERIFY.value: ("POST", "OPTIONS")}


class DataPlane:
    """Answers records and verify."""

    def __init__(
        self,
        holder: PolicyHolder,
        tokens: Tokens,
        quotas: Quotas,
        evidence: Evidence,
        desk: Desk,
        reports: Reports,
        *,
        persons: BlindIndex,
        limits: Limits,
        clock: Callable[[], float],
    ) -> None:
        self._holder, self._tokens, self._quotas = holder, tokens, quotas
        self._evidence, self._desk, self._reports = evidence, desk, reports
        self._persons, self._limits, self._clock = persons, limits, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call under /v1/resources/."""
        call = Call(self._clock(), scope)
        try:
            answer = await self._answer(call, receive)
        except DatongError as refusal:
            answer = refused(refusal, call.record.request_id)
        except Exception:
            log.exception("call %s failed", call.record.request_id)
            answer = refused(InternalFault("the gateway failed; the operator can find out why"), call.record.request_id)
        await self._close(call, answer, send)

    async def _close(self, call: Call, answer: Answer, send: Send) -> None:
        record, head = call.record, call.method == "HEAD"
        extra = [(b"datong-request-id", record.request_id.encode())]
        try:
            receipt = await self._evidence.keep(call.close(answer.status, answer.code, answer.body))
        except EvidenceUnavailable as refusal:
            await give(send, refused(refusal, record.request_id), head=head, extra=extra)
            return
        extra.append((b"datong-receipt", receipt))
        extra.append((b"datong-salt", call.salt.hex().encode()))
        if record.grant:
            extra.append((b"datong-grant", _shown(record.grant)))
        await give(send, answer, head=head, extra=extra)

    async def _answer(self, call: Call, receive: Receive) -> Answer:
        ask = Ask(call.headers)
        snapshot = self._holder.current(call.now)
        call.record.policy_version = snapshot.version
        client = self._tokens.client(ask.authorization, snapshot, call.now)
        call.caller(client, ask)
        standings = snapshot.standings(client.client_id, call.record.resource)
        if call.record.channel == REPORTS:
            return await self._reports.answer(call, standings, ask, receive)
        standing, channel = _permit(call, standings, ask)
        if call.method == "OPTIONS":
            return Answer(204, b"", headers=((b"allow", ", ".join(METHODS[channel]).encode()),))
        check_purpose(standing.grant, ask)
        if channel == CALL:
            question = records_question(call.query, standing.grant.max_rows, self._limits)
            return await self._records(call, standing, question)
        bodies.check_kind(ask.content_type, "application/json")
        call.body = await bodies.read(receive, ask.content_length, self._limits)
        return await self._verify(call, standing, verify_question(call.body))

    async def _records(self, call: Call, standing: Standing, question: RecordsQuestion) -> Answer:
        call.record.items = _known(standing, question.items)
        call.record.persons = self._persons.tags(question.filters.values())
        self._quotas.take(standing.grant, call.now)
        try:
            page, after = await self._desk.records(standing, question, call.record.case)
        except BaseException:
            self._quotas.give_back(standing.grant, call.now)
            raise
        call.record.rows = len(page.records)
        shown = (record.values() for record in page.records)
        call.record.persons = self._persons.tags(chain(question.filters.values(), *shown))
        return Answer(200, orjson.dumps({"records": page.records, "next": after}))

    async def _verify(self, call: Call, standing: Standing, question: VerifyQuestion) -> Answer:
        call.record.items = _known(standing, question.claims)
        call.record.persons = self._persons.tags((*question.key.values(), *question.claims.values()))
        self._quotas.take(standing.grant, call.now)
        try:
            verified = self._desk.verify(standing, question, call.record.case)
        except BaseException:
            self._quotas.give_back(standing.grant, call.now)
            raise
        call.record.rows = int(verified.found)
        return Answer(200, orjson.dumps({"found": verified.found, "matches": verified.matches}))


@lru_cache(maxsize=4_096)
def _shown(grant: str) -> bytes:
    return quote(grant).encode()


def _permit(call: Call, standings: Sequence[Standing], ask: Ask) -> tuple[Standing, str]:
    """Find the grant and the channel of a call."""
    if not standings:
        raise unknown()
    channel = call.record.channel
    if call.method not in METHODS[channel]:
        raise MethodNotAllowed(f"{call.method[:20]} is not for this place", fields={"method": ", ".join(METHODS[channel])})
    try:
        standing = choose(standings, channel, ask.grant, call.now)
    except Hindered as why:
        call.record.grant = why.grant
        raise
    call.record.grant, call.record.version = standing.grant.number, standing.resource.version
    return standing, channel


def _known(standing: Standing, wanted: Iterable[str] | None) -> list[str]:
    """Items asked for, as far as the resource has them: a caller's own words never enter the record."""
    if wanted is None:
        return standing.fields
    asked = set(wanted)
    return [item.field for item in standing.resource.items if item.field in asked]
