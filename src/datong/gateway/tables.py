# SPDX-License-Identifier: Apache-2.0
"""/delta-sharing/: a grant as a table, for the released clients of that protocol.

Kept here: the bearer token is of one grant, and all it sees is that grant's derived table; token, address, stage, channel
and time of the grant are looked up in the policy at every request, reads of files included. Every answer is evidence before
it leaves, refusals too. An unknown table and another's look alike. Nothing is read from the lake itself.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import orjson

from datong.engine.backends.manifests import Derived
from datong.gateway import bodies, tablefiles
from datong.gateway.answers import CAREFUL, Answer, Receive, Scope, Send, give
from datong.gateway.asking import Ask, origin_of, query, shown_path
from datong.gateway.calls import new_id
from datong.gateway.config import GatewayConfig
from datong.gateway.evidence import Evidence
from datong.gateway.granting import choose, own_cases
from datong.gateway.policy import PolicyHolder
from datong.gateway.quotas import Quotas
from datong.gateway.refusals import (
    CaseRequired,
    EvidenceUnavailable,
    InternalFault,
    MethodNotAllowed,
    TableNotReady,
    not_signed_in,
    unknown,
)
from datong.gateway.snapshot import Reader, Snapshot, Standing
from datong.gateway.tablerecord import TableRecord
from datong.kernel.errors import DatongError, Unauthenticated
from datong.kernel.sharing import Channel
from datong.wire.delta_sharing import asking, errors, lines, paging, profile
from datong.wire.instants import text_of

log = logging.getLogger("datong.gateway")

PREFIX: Final = b"/delta-sharing/"
SCHEMA: Final = "data"
JSON: Final = b"application/json; charset=utf-8"
LONGEST_PATH: Final = 1_024
TABLE: Final = Channel.TABLE.value


@dataclass(slots=True)
class Request:
    """One request under way, and the address it comes from."""

    now: float
    method: str
    parts: list[str]
    said: dict[str, str]
    capabilities: str
    record: TableRecord
    origin: str = ""
    recipient: str = ""

    def count(self) -> tuple[int, str | None]:
        """Most items of a page, and the token of the page."""
        return paging.max_results(self.said.get("maxResults")), self.said.get("pageToken")


@dataclass(slots=True)
class Delivery:
    """A file, or a part of one, as an answer."""

    path: Path
    size: int
    wanted: tablefiles.Span | None

    @property
    def status(self) -> int:
        """200 for the whole, 206 for a part, 416 where there is no such part."""
        return 416 if self.wanted is None else 206 if self.wanted.part else 200

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Headers of the file."""
        found = [(b"content-type", b"application/octet-stream"), (b"accept-ranges", b"bytes"), *CAREFUL]
        if self.wanted is None:
            return [*found, (b"content-range", b"bytes */%d" % self.size), (b"content-length", b"0")]
        found.append((b"content-length", b"%d" % (self.wanted.end - self.wanted.start)))
        if self.wanted.part:
            found.append((b"content-range", b"bytes %d-%d/%d" % (self.wanted.start, self.wanted.end - 1, self.size)))
        return found


class TableDesk:
    """Answers the Delta Sharing protocol."""

    def __init__(
        self,
        config: GatewayConfig,
        holder: PolicyHolder,
        quotas: Quotas,
        evidence: Evidence,
        *,
        secret: bytes,
        clock: Callable[[], float],
    ) -> None:
        self._config, self._holder, self._quotas = config, holder, quotas
        self._evidence, self._secret, self._clock = evidence, secret, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under /delta-sharing/."""
        now = self._clock()
        record = TableRecord(at=text_of(now), request_id=new_id())
        try:
            answer = await self._answer(record, now, scope, receive)
        except DatongError as refusal:
            answer = _refused(refusal)
        except Exception:
            log.exception("table request %s failed", record.request_id)
            answer = _refused(InternalFault("the gateway failed; the operator can find out why"))
        record.status = answer.status
        record.code = answer.code if isinstance(answer, Answer) else "ok"
        extra = [(b"datong-request-id", record.request_id.encode())]
        try:
            extra.append((b"datong-receipt", await self._evidence.keep(record.encoded())))
        except EvidenceUnavailable as refusal:
            answer = _refused(refusal)
        await _send(send, answer, head=scope["method"] == "HEAD", extra=extra)

    async def _answer(self, record: TableRecord, now: float, scope: Scope, receive: Receive) -> Answer | Delivery:
        snapshot = self._holder.current(now)
        record.policy_version = snapshot.version
        raw = shown_path(scope)
        if len(raw) > LONGEST_PATH:
            raise unknown()
        parts = [unquote(part) for part in raw[len(PREFIX) :].decode("ascii", "replace").split("/")]
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        said = query(scope["query_string"], self._config.limits)
        request = Request(now, scope["method"], parts, said, given.get(lines.CAPABILITIES_HEADER, ""), record)
        request.origin = origin_of(scope, self._config.proxies)
        if parts[0] == "files":
            return self._file(request, snapshot, raw.decode("ascii", "replace"), given.get("range", ""))
        standing = self._standing(request, snapshot, Ask(scope["headers"]).authorization)
        if len(parts) == 7 and parts[6] == "query":
            _allow(request, "POST")
            body = await bodies.read(receive, given.get("content-length", ""), self._config.limits)
            return self._query(request, standing, body)
        _allow(request, "GET", "HEAD")
        return self._listing(request, standing)

    def _standing(self, request: Request, snapshot: Snapshot, authorization: str) -> Standing:
        """The grant of a bearer token, were it in force for tables."""
        kind, _, token = authorization.partition(" ")
        hashed = profile.token_hash(token.strip())
        reader = snapshot.reader(hashed, request.now) if kind.lower() == "bearer" else None
        if reader is None:
            raise _strange()
        request.recipient = reader.mark
        return _in_force(reader, request)

    def _listing(self, request: Request, standing: Standing) -> Answer:
        parts, share = request.parts, standing.grant.number
        record = request.record
        record.asked = parts[-1] if parts[-1] in _ASKED else "share"
        if parts == ["shares"]:
            return self._page(request, "shares", {"name": share})
        if parts[0] != "shares" or parts[1].lower() != share.lower():
            raise unknown()
        rest = tuple(parts[2:])
        if not rest:
            return _json({"share": {"name": share}})
        if rest == ("schemas",):
            return self._page(request, "schemas", {"name": SCHEMA, "share": share})
        named = {"name": table_name(standing), "schema": SCHEMA, "share": share}
        if rest == ("all-tables",):
            return self._page(request, "all-tables", named)
        if rest[0] != "schemas" or rest[1].lower() != SCHEMA or rest[2:3] != ("tables",):
            raise unknown()
        if len(rest) == 3:
            return self._page(request, "tables", named)
        return self._table(request, standing, rest[4:])

    def _table(self, request: Request, standing: Standing, rest: tuple[str, ...]) -> Answer:
        """Version and metadata of the table."""
        held, _ = self._held(request, standing)
        if rest not in {("version",), ("metadata",)} and (rest or request.method != "HEAD"):
            raise unknown()
        if {"version", "timestamp", "startingTimestamp"} & request.said.keys():
            asking.query(b'{"version":0}', _full(standing))
        if rest != ("metadata",):
            return Answer(200, b"", JSON, headers=_version(held))
        asking.response_format(request.capabilities)
        return _lines(held, _metadata(held))

    def _query(self, request: Request, standing: Standing, body: bytes) -> Answer:
        """The files of the table."""
        record, parts = request.record, request.parts
        record.as_query()
        if parts[0] != "shares" or parts[1].lower() != standing.grant.number.lower() or parts[2:5:2] != ["schemas", "tables"]:
            raise unknown()
        if parts[3].lower() != SCHEMA:
            raise unknown()
        held, folder = self._held(request, standing)
        wanted = asking.query(body, _full(standing))
        asking.response_format(request.capabilities)
        self._quotas.take(standing.grant, request.now)
        ends = int(request.now) + tablefiles.LIFE
        files = []
        for one in held.files:
            if wanted.limit is not None and record.rows >= wanted.limit:
                break
            url = tablefiles.address(self._secret, self._base(), request.recipient, folder.name, one.id, ends)
            files.append(lines.SharedFile(url, one.id, one.size, ends * 1_000))
            record.rows += one.rows
        record.items = standing.fields
        return _lines(held, [*_metadata(held), *lines.listed(files)])

    def _file(self, request: Request, snapshot: Snapshot, path: str, header: str) -> Delivery:
        """A file by its address, or a part of it."""
        _allow(request, "GET", "HEAD")
        record, said = request.record, request.said
        record.asked = "file"
        place = tablefiles.PLACE.fullmatch(path)
        signature = said.get(tablefiles.SIGNATURE, "")
        if place is None or not tablefiles.is_signed(self._secret, path, said.get("ends", ""), signature, request.now):
            raise _strange()
        reader = snapshot.reader(place[1], request.now)
        if reader is None:
            raise _strange()
        standing = _in_force(reader, request)
        own = self._config.node_dir / standing.grant.table
        if not standing.grant.table or own.name.partition("-")[2] != place[2].partition("-")[2]:
            raise unknown()
        record.table, record.file = place[2], place[3]
        file, where = tablefiles.file_of(own.with_name(place[2]), place[3])
        delivery = Delivery(where, file.size, tablefiles.span(header, file.size))
        if delivery.wanted is not None and request.method == "GET":
            record.size = delivery.wanted.end - delivery.wanted.start
        return delivery

    def _held(self, request: Request, standing: Standing) -> tuple[Derived, Path]:
        """The derived table, were it the one named and ready."""
        if request.parts[5].lower() != table_name(standing).lower():
            raise unknown()
        folder = self._config.node_dir / standing.grant.table
        held = tablefiles.manifest(folder) if standing.grant.table else None
        if held is None:
            raise TableNotReady("这张表正在生成 (the table of this grant is being made)", remedy="稍后再读 (read it again soon)")
        request.record.table = folder.name
        return held, folder

    def _base(self) -> str:
        if not self._config.public_url:
            raise TableNotReady("this gateway was not told its own address", remedy="the operator sets gateway_url")
        return self._config.public_url.rstrip("/")

    def _page(self, request: Request, listing: str, item: Mapping[str, str]) -> Answer:
        most, token = request.count()
        begin = paging.start(self._secret, request.recipient, listing, token)
        following = paging.token(self._secret, request.recipient, listing, begin + most)
        return _json(paging.page([dict(item)], begin, most, following))


_ASKED: Final = frozenset({"shares", "schemas", "tables", "all-tables", "version", "metadata"})


def table_name(standing: Standing) -> str:
    """Name of the table: the code of the resource, without the slash that no client could write."""
    return standing.resource.code.replace("/", "-")


def _full(standing: Standing) -> str:
    return f"{standing.grant.number}.{SCHEMA}.{table_name(standing)}"


def _in_force(reader: Reader, request: Request) -> Standing:
    """Check the grant as a call would, and the address; one that wants the case of each call cannot be read as a table."""
    standing = reader.standing
    request.record.of(reader)
    reader.check_address(request.origin)
    choose([standing], TABLE, "", request.now)
    if standing.grant.require_case or own_cases(standing.grant):
        raise CaseRequired(f"grant {standing.grant.number} wants a case number at each call", remedy="call by the interface")
    return standing


def _allow(request: Request, *methods: str) -> None:
    if request.method not in methods:
        raise MethodNotAllowed("this method is not for this place", fields={"method": ", ".join(methods)})


def _strange() -> Unauthenticated:
    refusal = not_signed_in("the bearer token or address does not hold, or has ended")
    refusal.remedy = "take a new profile file from the page of the grant"
    return refusal


def _metadata(held: Derived) -> list[dict[str, Any]]:
    return lines.metadata(held.digest, held.schema, size=held.size, files=len(held.files))


def _version(held: Derived) -> tuple[tuple[bytes, bytes], ...]:
    return ((lines.VERSION_HEADER.encode(), str(held.version).encode()),)


def _lines(held: Derived, said: list[dict[str, Any]]) -> Answer:
    spoken = ((lines.CAPABILITIES_HEADER.encode(), lines.CAPABILITIES.encode()),)
    return Answer(200, lines.encode(said), lines.KIND.encode(), headers=(*_version(held), *spoken))


def _json(said: dict[str, Any]) -> Answer:
    return Answer(200, orjson.dumps(said), JSON)


def _refused(refusal: DatongError) -> Answer:
    more = ((b"www-authenticate", b'Bearer realm="datong"'),) if refusal.status == 401 else ()
    return Answer(errors.status(refusal), orjson.dumps(errors.body(refusal)), JSON, refusal.code, more)


async def _send(send: Send, answer: Answer | Delivery, *, head: bool, extra: list[tuple[bytes, bytes]]) -> None:
    if isinstance(answer, Answer):
        await give(send, answer, head=head, extra=extra)
        return
    await send({"type": "http.response.start", "status": answer.status, "headers": [*answer.headers(), *extra]})
    if head or answer.wanted is None or answer.wanted.start == answer.wanted.end:
        await send({"type": "http.response.body", "body": b""})
        return
    await tablefiles.send_bytes(send, answer.path, answer.wanted)
