# SPDX-License-Identifier: Apache-2.0
"""The hot routes: what is asked of a resource under a grant, as raw ASGI.

Kept here: the one order of every call (DESIGN section 4): policy, token, grant, purpose and case, question, quota,
look-up, evidence, answer. Nothing leaves before its record is durable, refusals included; when no evidence can be
kept, the caller learns only that.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from datong.gateway import describing, why
from datong.gateway.answers import Answer, Receive, Scope, Send, allowing, give, refused
from datong.gateway.asking import Ask
from datong.gateway.callers import Callers
from datong.gateway.calls import DESCRIPTION, REASONS, REPORTS, Call
from datong.gateway.evidence import Evidence
from datong.gateway.granting import check_purpose, choose
from datong.gateway.packing import packed
from datong.gateway.policy import PolicyHolder
from datong.gateway.refusals import EvidenceUnavailable, Hindered, check_method, failed, unknown
from datong.gateway.reporting import Reports
from datong.gateway.serving import METHODS, Services
from datong.gateway.snapshot import Snapshot, Standing
from datong.gateway.tally import Tally
from datong.kernel.errors import DatongError
from datong.wire.policy import Client

log = logging.getLogger("datong.gateway")

PREFIX: Final = b"/v1/resources/"
OK: Final = 200
REFUSED: Final = 400
TELLING: Final = frozenset({REASONS, DESCRIPTION})
READING: Final = ("GET", "HEAD", "OPTIONS")


class DataPlane:
    """Answers what is asked under a resource."""

    def __init__(
        self,
        holder: PolicyHolder,
        callers: Callers,
        evidence: Evidence,
        services: Services,
        reports: Reports,
        clock: Callable[[], float],
        *,
        tally: Tally,
        server: str = "",
    ) -> None:
        self._holder, self._callers, self._evidence = holder, callers, evidence
        self._services, self._reports, self._tally, self._clock, self._server = services, reports, tally, clock, server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call under /v1/resources/."""
        call = Call(self._clock(), scope)
        try:
            answer = await self._answer(call, receive)
        except DatongError as refusal:
            answer = refused(refusal, call.record.request_id)
        except Exception:
            log.exception("call %s failed", call.record.request_id)
            answer = refused(failed(), call.record.request_id)
        if answer.status >= REFUSED:
            call.held.give_back()
        try:
            await self.close(call, answer, send)
        finally:
            call.held.leave()

    async def close(
        self, call: Call, answer: Answer, send: Send, refuse: Callable[[DatongError, str], Answer] = refused
    ) -> None:
        """Make the record of a call durable, then give its answer with the receipt, or refuse it in the caller's tongue."""
        record, head = call.record, call.method == "HEAD"
        extra = [(b"datong-request-id", record.request_id.encode())]
        try:
            receipt = await self._evidence.keep(call.close(answer.status, answer.code, answer.body))
        except EvidenceUnavailable as refusal:
            call.held.give_back()
            record.code, record.rows = refusal.code, 0
            self._tally.note(record, call.now, call.began, 0)
            await give(send, refuse(refusal, record.request_id), head=head, extra=extra)
            return
        self._tally.note(record, call.now, call.began, 0 if head or answer.status >= REFUSED else len(answer.body))
        answer, encoding = await compressed(answer, call.encodings)
        extra += encoding
        extra.append((b"datong-receipt", receipt))
        extra.append((b"datong-salt", call.salt.hex().encode()))
        if record.grant:
            extra.append((b"datong-grant", _shown(record.grant)))
        await give(send, answer, head=head, extra=extra)

    async def _answer(self, call: Call, receive: Receive) -> Answer:
        ask = Ask(call.headers)
        snapshot, client, receive = await self.admit(call, ask, receive)
        standings = snapshot.standings(client.client_id, call.record.resource)
        if call.record.channel == REPORTS:
            return await self._reports.answer(call, standings, ask, receive)
        if call.record.channel in TELLING:
            return self._tell(call, standings, ask, client)
        standing = permit(call, standings, ask)
        if call.method == "OPTIONS":
            return allowing(METHODS[call.place])
        check_purpose(standing.grant, ask)
        return await self._services.answer(call, standing, ask, receive)

    def _tell(self, call: Call, standings: Sequence[Standing], ask: Ask, client: Client) -> Answer:
        """Tell a caller of its grants on a resource, without any data."""
        check_place(call, standings, READING)
        if call.method == "OPTIONS":
            return allowing(READING)
        if call.record.channel == REASONS:
            return why.answer(call, standings, ask)
        return describing.answer(chosen(call, standings, "", ask), client, self._server)

    async def admit(self, call: Call, ask: Ask, receive: Receive) -> tuple[Snapshot, Client, Receive]:
        """Note in a call who makes it and what for, under the policy in force.

        Returns:
            The policy, the application, and from where its body is to be read.

        Raises:
            PolicyStale: There is no fresh one.
            Unauthenticated, AddressNotAllowed: The caller may not call, or not so.
        """
        call.encodings = ask.accept_encoding
        snapshot = self._holder.current(call.now)
        call.record.policy_version = snapshot.version
        client = self._callers.client(ask, snapshot, call.now)
        call.caller(client, ask)
        self._callers.check(client, call.scope, snapshot, ask.authorization)
        if client.signed:
            call.record.signature = self._callers.signatures.check(client, call.scope, snapshot, call.now)
            receive = await self._callers.signatures.body(call.scope, receive)
        return snapshot, client, receive


async def compressed(answer: Answer, accepted: str) -> tuple[Answer, list[tuple[bytes, bytes]]]:
    """Compress a long answer that was given; what the evidence has the hash of is the answer before."""
    if answer.status != OK:
        return answer, []
    body, name = await packed(answer.body, accepted)
    return (replace(answer, body=body), [(b"content-encoding", name.encode())]) if name else (answer, [])


@lru_cache(maxsize=4_096)
def _shown(grant: str) -> bytes:
    return quote(grant).encode()


def check_place(call: Call, standings: Sequence[Standing], methods: Sequence[str]) -> None:
    """See that a caller has any grant on the resource, and that the place takes the method.

    Raises:
        Unknown: There is none.
        MethodNotAllowed: The place knows no such method.
    """
    if not standings:
        raise unknown()
    check_method(call.method, methods)


def permit(call: Call, standings: Sequence[Standing], ask: Ask) -> Standing:
    """Find the grant of a call.

    Raises:
        Unknown, Hindered, GrantAmbiguous: None answers, or several would.
        MethodNotAllowed: The place knows no such method.
    """
    check_place(call, standings, METHODS.get(call.place, ()))
    return chosen(call, standings, call.record.channel, ask)


def chosen(call: Call, standings: Sequence[Standing], channel: str, ask: Ask) -> Standing:
    """Choose the grant of a call for a channel, any for an empty one; the record says which it is, or which one hinders.

    Raises:
        Unknown, Hindered, GrantAmbiguous: None answers, or several would.
    """
    try:
        standing = choose(standings, channel, ask.grant, call.now)
    except Hindered as why:
        call.record.grant = why.grant
        raise
    call.record.grant, call.record.version = standing.grant.number, standing.resource.version
    return standing
