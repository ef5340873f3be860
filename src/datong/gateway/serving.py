# SPDX-License-Identifier: Apache-2.0
"""What a grant is asked on landed data: records, aggregates, and verifications one by one or in batches.

Kept here: one room for each place below a resource. By then the call is known to be under a grant that covers it, for the
granted purpose; here the question is read, the quota taken (and given back where nothing is answered), and the indexes
are asked. Nothing is sent from here.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import orjson

from datong.gateway import batches, bodies, formats
from datong.gateway.answers import Answer, Receive
from datong.gateway.asking import Ask
from datong.gateway.calls import Call
from datong.gateway.columns import Questions
from datong.gateway.config import Limits
from datong.gateway.lookups import Desk, Found
from datong.gateway.questions import RecordsQuestion, aggregate_question, records_question, verify_question
from datong.gateway.quotas import Quotas
from datong.gateway.snapshot import Standing
from datong.gateway.tags import matches
from datong.gateway.upstream.desk import UpstreamDesk
from datong.gateway.upstream.refusals import check_landed
from datong.gateway.upstream.together import check_few, written
from datong.ledger.persons import BlindIndex

Room = Callable[[Call, Standing, Ask, Receive], Awaitable[Answer]]
METHODS: Final = {
    "records": ("GET", "HEAD", "OPTIONS"),
    "aggregate": ("GET", "HEAD", "OPTIONS"),
    "verify": ("POST", "OPTIONS"),
    "verify:batch": ("POST", "OPTIONS"),
}


class Services:
    """Answers what is asked under a grant."""

    def __init__(self, desk: Desk, upstreams: UpstreamDesk, quotas: Quotas, persons: BlindIndex, limits: Limits) -> None:
        self._desk, self._upstreams, self._quotas = desk, upstreams, quotas
        self._persons, self._limits = persons, limits
        self._rooms: dict[str, Room] = {
            "records": self._records,
            "aggregate": self._aggregate,
            "verify": self._verify,
            "verify:batch": self._batch,
        }

    async def answer(self, call: Call, standing: Standing, ask: Ask, receive: Receive) -> Answer:
        """Answer a call in the room of its place; whom it is about stands in its record then, also where it is refused.

        Raises:
            DatongError: it is refused.
        """
        try:
            return await self._rooms[call.place](call, standing, ask, receive)
        finally:
            if call.about:
                call.record.persons = self._persons.tags(call.about)

    async def _records(self, call: Call, standing: Standing, ask: Ask, _receive: Receive) -> Answer:
        form = formats.choose(ask.accept, formats.TABLES)
        question = records_question(call.query, standing.grant.max_rows, self._limits)
        call.record.items = _known(standing, question.items)
        call.about += question.filters.values()
        call.held = self._quotas.take(standing, call.now)
        if standing.resource.upstream is None:
            found = await self._desk.records(standing, question, call.record.case)
        else:
            found = Found(*await self._upstreams.records(call, standing, question, self._paced(call, standing)))
        tag = self._desk.tag(standing, found.mark, call.query, form.encode(), call.record.case.encode())
        if ask.if_none_match and matches(tag, ask.if_none_match):
            call.held.give_back()
            return Answer(304, b"", headers=_marked(tag))
        return await self._shown(call, standing, question, found, form, tag)

    async def _shown(
        self, call: Call, standing: Standing, question: RecordsQuestion, found: Found, form: str, tag: str
    ) -> Answer:  # fmt: skip
        records, after = found.page.records, found.after
        call.record.rows = len(records)
        for record in records:
            call.about += record.values()
        if form == formats.JSON:
            return Answer(200, formats.written(form, records, after, standing, ()), headers=_marked(tag))
        names = list(records[0]) if records else self._desk.items(standing, question)
        body = await self._desk.beside(standing, formats.written, form, records, after, standing, names)
        more = ((formats.NEXT, after.encode()),) if after else ()
        return Answer(200, body, formats.told(form), headers=(*_marked(tag), *more))

    async def _verify(self, call: Call, standing: Standing, ask: Ask, receive: Receive) -> Answer:
        bodies.check_kind(ask.content_type, "application/json")
        call.body = await bodies.read(receive, ask.content_length, self._limits)
        question = verify_question(call.body)
        call.record.items = _known(standing, question.claims)
        call.about += (*question.key.values(), *question.claims.values())
        call.held = self._quotas.take(standing, call.now)
        if standing.resource.upstream is None:
            verified = self._desk.verify(standing, question, call.record.case)
        else:
            verified = await self._upstreams.verify(call, standing, question)
        call.record.rows = int(verified.found)
        return Answer(200, orjson.dumps({"found": verified.found, "matches": verified.matches}))

    async def _batch(self, call: Call, standing: Standing, ask: Ask, receive: Receive) -> Answer:
        kind = bodies.check_kind(ask.content_type, *batches.KINDS)
        call.body = await bodies.read(receive, ask.content_length, self._limits, self._limits.max_batch_body)
        asked, persons = await self._desk.beside(standing, self._read, call.body, kind)
        check_few(standing, asked)
        call.record.items = _known(standing, asked.claimed)
        call.record.calls = len(asked)
        call.record.persons = persons
        call.held = self._quotas.take(standing, call.now, len(asked))
        if standing.resource.upstream is None:
            body, call.record.rows = await self._desk.verify_all(standing, asked, kind, call.record.case)
            return Answer(200, body, kind.encode())
        found = await self._upstreams.verify_all(call, standing, asked.each(), self._paced(call, standing))
        call.record.rows = sum(one.found for one in found.values())
        return Answer(200, written(found, kind), kind.encode())

    def _read(self, body: bytes, kind: str) -> tuple[Questions, list[str]]:
        """The questions of a batch and whom they are about, in one turn: the values are at hand then."""
        asked = batches.read(body, kind, self._limits.max_batch)
        return asked, self._persons.tags_of(asked.columns())

    def _paced(self, call: Call, standing: Standing) -> Callable[[float], float]:
        return lambda passed: self._quotas.draw(standing, call.now + passed)

    async def _aggregate(self, call: Call, standing: Standing, ask: Ask, _receive: Receive) -> Answer:
        check_landed(standing.resource)
        formats.choose(ask.accept, (formats.JSON,))
        question = aggregate_question(call.query, self._limits)
        call.record.items = _known(standing, question.items)
        call.about += question.filters.values()
        call.held = self._quotas.take(standing, call.now)
        groups = await self._desk.aggregate(standing, question, call.record.case)
        call.record.rows = len(groups.told)
        least = standing.grant.smallest_group
        return Answer(200, orjson.dumps({"groups": groups.told, "suppressed": groups.suppressed, "smallest_group": least}))


def _marked(tag: str) -> tuple[tuple[bytes, bytes], ...]:
    """Headers that say of what an answer depends on, and its tag."""
    return ((b"vary", b"accept, accept-encoding"), *(((b"etag", tag.encode()),) if tag else ()))


def _known(standing: Standing, wanted: Iterable[str] | None) -> list[str]:
    """Items asked for, as far as the resource has them: a caller's own words never enter the record."""
    if wanted is None:
        return standing.fields
    asked = set(wanted)
    return [item.field for item in standing.resource.items if item.field in asked]
