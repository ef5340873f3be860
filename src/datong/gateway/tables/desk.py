# SPDX-License-Identifier: Apache-2.0
"""/delta-sharing/: a grant as a table, for the released clients of that protocol.

Kept here: the bearer token is of one grant, and all it sees is that grant's derived table; token, address, stage, channel
and time of the grant are looked up in the policy at every request, reads of files included. Every answer is evidence before
it leaves, refusals too. An unknown table and another's look alike. Nothing is read from the lake itself.
"""

import logging
from collections.abc import Callable
from typing import Final
from urllib.parse import quote, unquote

import orjson

from datong.gateway import bodies
from datong.gateway.answers import Answer, Receive, Scope, Send, give
from datong.gateway.asking import Ask, origin_of, query, shown_path
from datong.gateway.calls import new_id
from datong.gateway.config import GatewayConfig
from datong.gateway.evidence import Evidence
from datong.gateway.granting import choose
from datong.gateway.policy import PolicyHolder
from datong.gateway.quotas import Quotas
from datong.gateway.refusals import CaseRequired, EvidenceUnavailable, failed, not_signed_in, unknown
from datong.gateway.snapshot import Reader, Snapshot, Standing
from datong.gateway.tables import files, listings
from datong.gateway.tables.reading import TableReader
from datong.gateway.tables.record import TableRecord
from datong.gateway.tables.request import JSON, Request, held
from datong.gateway.tables.stored import Stored
from datong.gateway.tally import Tally
from datong.gateway.tally import clock as timer
from datong.kernel.addresses import inside as is_within
from datong.kernel.errors import DatongError, Unauthenticated
from datong.kernel.sharing import Channel
from datong.wire.delta_sharing import errors, profile
from datong.wire.instants import text_of

log = logging.getLogger("datong.gateway")

PREFIX: Final = b"/delta-sharing/"
LONGEST_PATH: Final = 1_024
TABLE: Final = Channel.TABLE.value


class TableDesk:
    """Answers the Delta Sharing protocol."""

    def __init__(
        self,
        config: GatewayConfig,
        holder: PolicyHolder,
        quotas: Quotas,
        evidence: Evidence,
        tally: Tally,
        *,
        secret: bytes,
        clock: Callable[[], float],
    ) -> None:
        self._config, self._holder = config, holder
        self._evidence, self._tally, self._secret, self._clock = evidence, tally, secret, clock
        self._reader = TableReader(config, quotas, secret)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under /delta-sharing/."""
        now, began = self._clock(), timer()
        record = TableRecord(at=text_of(now), request_id=new_id())
        try:
            answer = await self._answer(record, now, scope, receive)
        except DatongError as refusal:
            answer = _refused(refusal)
        except Exception:
            log.exception("table request %s failed", record.request_id)
            answer = _refused(failed())
        stored = answer.stored if isinstance(answer, files.Delivery) else None
        record.status = answer.status
        record.code = answer.code if isinstance(answer, Answer) else "ok"
        extra = [(b"datong-request-id", record.request_id.encode())]
        try:
            extra.append((b"datong-receipt", await self._evidence.keep(record.encoded())))
        except EvidenceUnavailable as refusal:
            answer = _refused(refusal)
            record.code, record.rows, record.size = refusal.code, 0, 0
        self._tally.note(record, now, began, record.size or _length(answer))
        head = scope["method"] == "HEAD"
        try:
            if isinstance(answer, Answer):
                await give(send, answer, head=head, extra=extra)
            else:
                await files.deliver(send, answer, head=head, extra=extra, scope=scope, inside=self._inside(scope, answer))
        finally:
            if stored is not None:
                await stored.close()

    async def _answer(
        self, record: TableRecord, now: float, scope: Scope, receive: Receive
    ) -> Answer | files.Delivery:
        snapshot = self._holder.current(now)
        record.policy_version = snapshot.version
        raw = shown_path(scope)
        if len(raw) > LONGEST_PATH:
            raise unknown()
        parts = _parts(raw[len(PREFIX) :].decode("ascii", "replace"))
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        said = query(scope["query_string"], self._config.limits)
        request = Request(now, scope["method"], parts, said, given, record, origin_of(scope, self._config.proxies))
        if parts[0] == "files":
            return await _opened(self._file(request, snapshot, raw.decode("ascii", "replace")), head=request.method == "HEAD")
        standing = self._standing(request, snapshot, Ask(scope["headers"]).authorization)
        asked = request.of_table()
        if asked is None:
            return listings.answer(request, standing, self._secret)
        record.asked = asked[0] if asked in _READ else "table"
        if asked == ("query",):
            request.allow("POST")
            body = await bodies.read(receive, given.get("content-length", ""), self._config.limits)
            return self._reader.query(request, standing, body)
        return self._of_table(request, standing, asked)

    def _of_table(self, request: Request, standing: Standing, asked: tuple[str, ...]) -> Answer:
        """Answer what is asked of a table by its path alone."""
        if asked == ("version",) or (not asked and request.method == "HEAD"):
            return self._reader.version(request, standing)
        if asked == ("metadata",):
            return self._reader.metadata(request, standing)
        if asked == ("changes",):
            return self._reader.changes(request, standing)
        held(request, standing, self._config.node_dir)
        if asked == ("temporary-table-credentials",):
            request.allow("POST")
            raise errors.NotSupported(
                "Temporary table credentials are not supported: files are read by the addresses a query gives",
                remedy="改用 query 给出的文件地址 (read with accessModes url)",
            )
        raise unknown()

    def _standing(self, request: Request, snapshot: Snapshot, authorization: str) -> Standing:
        """The grant of a bearer token, were it in force for tables."""
        kind, _, token = authorization.partition(" ")
        hashed = profile.token_hash(token.strip())
        reader = snapshot.reader(hashed, request.now) if kind.lower() == "bearer" else None
        if reader is None:
            raise _strange()
        request.recipient, request.limited = reader.mark, bool(reader.networks)
        return _in_force(reader, request)

    def _inside(self, scope: Scope, answer: files.Delivery) -> str:
        """Where a proxy of ours finds the file, were it to send it."""
        peer = scope.get("client")
        if not self._config.accel or answer.stored is not None or not peer or not is_within(str(peer[0]), self._config.proxies):
            return ""
        return f"{self._config.accel}/{quote(answer.path.relative_to(self._config.node_dir).as_posix())}"

    def _file(self, request: Request, snapshot: Snapshot, path: str) -> files.Delivery:
        """A file by its address, or a part of it."""
        request.allow("GET", "HEAD")
        record, said = request.record, request.said
        record.asked = "file"
        place = files.PLACE.fullmatch(path)
        signature = said.get(files.SIGNATURE, "")
        if place is None or not files.is_signed(self._secret, path, said.get("ends", ""), signature, request.now):
            raise _strange()
        reader = snapshot.reader(place[1], request.now)
        if reader is None:
            raise _strange()
        standing = _in_force(reader, request)
        own = self._config.node_dir / standing.grant.table
        if not standing.grant.table or own.name.partition("-")[2] != place[2].partition("-")[2]:
            raise unknown()
        record.table, record.file = place[2], place[3]
        folder = own.with_name(place[2])
        file, key = files.file_of(folder, place[3])
        stored = Stored(self._config.lake, key) if key else None
        wanted = files.span(request.headers.get("range", ""), file.size)
        delivery = files.Delivery(folder / file.path, file.size, wanted, stored=stored)
        if delivery.wanted is not None and request.method == "GET":
            record.size = delivery.wanted.end - delivery.wanted.start
        return delivery


def _parts(path: str) -> list[str]:
    """The parts of a path, each decoded once where it is a name; the words between the names have one spelling."""
    return [unquote(part) if place % 2 else part for place, part in enumerate(path.split("/"))]


_READ: Final = frozenset({("version",), ("metadata",), ("query",), ("changes",)})


async def _opened(delivery: files.Delivery, *, head: bool) -> files.Delivery:
    """Have the store open what is asked for, so that what it refuses is refused before anything is said.

    Raises:
        StoreAway: The object store is not reached or refuses.
    """
    if delivery.stored is not None and delivery.wanted is not None and not head:
        await delivery.stored.open(delivery.wanted.start, delivery.wanted.end)
    return delivery


def _in_force(reader: Reader, request: Request) -> Standing:
    """Check the grant as a call would, and the address; one that wants the case of each call cannot be read as a table."""
    standing = reader.standing
    request.record.of(reader)
    reader.check_address(request.origin)
    choose([standing], TABLE, "", request.now)
    if standing.grant.by_case:
        raise CaseRequired(f"grant {standing.grant.number} wants a case number at each call", remedy="call by the interface")
    return standing


def _length(answer: Answer | files.Delivery) -> int:
    """Bytes of an answer that is no file and no refusal."""
    return len(answer.body) if isinstance(answer, Answer) and answer.code == "ok" else 0


def _strange() -> Unauthenticated:
    refusal = not_signed_in("the bearer token or address does not hold, or has ended")
    refusal.remedy = "take a new profile file from the page of the grant"
    return refusal


def _refused(refusal: DatongError) -> Answer:
    more = ((b"www-authenticate", b'Bearer realm="datong"'),) if refusal.status == 401 else ()
    return Answer(errors.status(refusal), orjson.dumps(errors.body(refusal)), JSON, refusal.code, more)
