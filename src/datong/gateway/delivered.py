# SPDX-License-Identifier: Apache-2.0
"""/v1/deliveries/: delivered files by signed addresses, whole or in part, for people's browsers and for programs.

Kept here: an address is good for one file until its end, and only while its grant is in force for files: that is looked up
in the policy at every read, and a delivery that was withdrawn has no file any more. Every read is evidence before its
first byte; one from the beginning of a file counts as a use of the grant with its rows, others continue it.
"""

import base64
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

import msgspec

from datong.gateway.answers import Answer, Receive, Scope, Send, give, refused
from datong.gateway.asking import query, shown_path
from datong.gateway.calls import new_id
from datong.gateway.config import GatewayConfig
from datong.gateway.evidence import Evidence
from datong.gateway.granting import choose
from datong.gateway.policy import PolicyHolder
from datong.gateway.quotas import Quotas
from datong.gateway.refusals import EvidenceUnavailable, Hindered, MethodNotAllowed, failed, not_signed_in, unknown
from datong.gateway.tables import files
from datong.gateway.tally import Tally
from datong.gateway.tally import clock as timer
from datong.kernel.errors import DatongError
from datong.kernel.sharing import Channel
from datong.wire import deliveries as wire
from datong.wire.instants import text_of

log = logging.getLogger("datong.gateway")

PREFIX: Final = wire.PREFIX.encode()
LONGEST_PATH: Final = 1_024
_encoder = msgspec.json.Encoder()


class FileRecord(msgspec.Struct, kw_only=True):
    """One read of a delivered file, in alphabetical order: the encoder's bytes are canonical JSON."""

    at: str
    channel: str = Channel.FILE.value
    client: str = ""
    code: str = ""
    delivery: str = ""
    department: str = ""
    file: str = ""
    grant: str = ""
    items: list[str] = []
    kind: str = "file"
    policy_version: int = 0
    purpose: str = ""
    request_id: str
    resource: str = ""
    rows: int = 0
    sha256: str = ""
    size: int = 0
    start: int = 0
    status: int = 0
    version: int = 0


@dataclass(slots=True)
class Read(files.Delivery):
    """A delivered file, or a part of one, as an answer."""

    file: wire.File

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Headers of the file: its digest is also its entity tag, so that a part can only continue the same bytes."""
        file = self.file
        bare = [one for one in files.Delivery.headers(self) if one[0] != b"content-type"]
        return [
            *bare,
            (b"content-type", file.kind.encode()),
            (b"etag", f'"{file.sha256}"'.encode()),
            (b"content-disposition", f'attachment; filename="{file.name}"'.encode()),
            (b"repr-digest", b"sha-256=:" + base64.b64encode(bytes.fromhex(file.sha256)) + b":"),
            (b"datong-sm3", file.sm3.encode()),
        ]


class FileDesk:
    """Gives delivered files out."""

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
        self._config, self._holder, self._quotas = config, holder, quotas
        self._evidence, self._tally, self._secret, self._clock = evidence, tally, secret, clock

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Serve one request under /v1/deliveries/."""
        now, began = self._clock(), timer()
        record = FileRecord(at=text_of(now), request_id=new_id())
        answer: Answer | Read
        try:
            answer = self._answer(record, now, scope)
        except DatongError as refusal:
            if isinstance(refusal, Hindered):
                record.grant = refusal.grant
            answer = refused(refusal, record.request_id)
        except Exception:
            log.exception("read %s of a delivered file failed", record.request_id)
            answer = refused(failed(), record.request_id)
        record.status = answer.status
        record.code = answer.code if isinstance(answer, Answer) else "ok"
        extra = [(b"datong-request-id", record.request_id.encode())]
        try:
            extra.append((b"datong-receipt", await self._evidence.keep(_encoder.encode(record))))
        except EvidenceUnavailable as refusal:
            answer = refused(refusal, record.request_id)
            record.code, record.rows, record.size = refusal.code, 0, 0
        self._tally.note(record, now, began, record.size)
        head = scope["method"] == "HEAD"
        if isinstance(answer, Answer):
            await give(send, answer, head=head, extra=extra)
        else:
            await files.deliver(send, answer, head=head, extra=extra, scope=scope)

    def _answer(self, record: FileRecord, now: float, scope: Scope) -> Read:
        snapshot = self._holder.current(now)
        record.policy_version = snapshot.version
        if scope["method"] not in ("GET", "HEAD"):
            raise MethodNotAllowed("this method is not for this place", fields={"method": "GET, HEAD"})
        path = shown_path(scope).decode("ascii", "replace")
        said = query(scope["query_string"], self._config.limits)
        parts = [unquote(part) for part in path[len(PREFIX) :].split("/")] if len(path) <= LONGEST_PATH else []
        place = wire.place_of(parts)
        if place is None or not wire.is_signed(self._secret, path, said.get("ends", ""), said.get("signature", ""), now):
            raise _strange()
        record.delivery, record.file, record.resource = place.delivery, place.file, place.resource
        standing = choose(snapshot.standings(place.client, place.resource), Channel.FILE.value, place.grant, now)
        grant = standing.grant
        record.client, record.department, record.grant = grant.client_id, grant.department, grant.number
        record.purpose, record.version, record.items = grant.purpose, standing.resource.version, standing.fields
        folder = self._config.node_dir / wire.FOLDER / place.delivery
        held = wire.read(folder)
        file = held.file(place.file) if held is not None and held.grant == place.grant else None
        if file is None or not (folder / file.name).is_file():
            raise unknown()
        read = Read(folder / file.name, file.size, files.span(_range(scope, file), file.size), file)
        if read.wanted is not None and scope["method"] == "GET":
            record.size, record.start, record.sha256 = read.wanted.end - read.wanted.start, read.wanted.start, file.sha256
            if not read.wanted.start and file.rows:
                self._quotas.take(standing, now).leave()
                record.kind, record.rows = "call", file.rows
        return read


def _range(scope: Scope, file: wire.File) -> str:
    """The range asked for, unless what it was to continue is another file by now (RFC 9110 13.1.5)."""
    given = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    condition = given.get("if-range", "")
    return "" if condition and condition != f'"{file.sha256}"' else given.get("range", "")


def _strange() -> DatongError:
    refusal = not_signed_in("the address does not hold, or has ended")
    refusal.remedy = "take a new address from the page of the delivery"
    return refusal
