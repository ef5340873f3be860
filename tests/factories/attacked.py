# SPDX-License-Identifier: Apache-2.0
"""A node that is attacked: every channel served, applications in every stage, and bytes sent to it as they are written.

Kept here: for each way in which a grant or an application may not call there is an application of its own, with grants on the
same data, so that one policy and one gateway meet every attack; and what is sent is sent, no client library mends a path.
"""

from __future__ import annotations

import select
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson

from datong.crypto import keys, messages
from datong.crypto.signing import Ed25519Signer
from datong.gateway.tables import files
from datong.gateway.tokens import Tokens
from datong.ledger import read
from datong.wire import deliveries
from datong.wire import policy as wire
from datong.wire.delta_sharing.profile import mark, token_hash
from datong.wire.instants import text_of
from factories import streams, tables
from factories.gateway_server import serving
from factories.gateways import (
    CIVIL,
    CODE,
    POLICE,
    Caller,
    Node,
    a_grant,
    a_resource,
    row,
)
from factories.upstreams import a_proxied_resource, an_interface

PROXIED: Final = "3330001001/2"
STRANGE: Final = "3330001002/1"
"""There, and granted to the police alone."""
NOWHERE: Final = "3339999999/1"
HELD, OUTSIDE, ABSENT = row(0)["id"], row(2)["id"], "330106999999999999"
SECONDS: Final = 1.5
"""A body has so long to arrive; headers have twice that. A server on a crowded machine may stand still for half a second."""
STAGES: Final[dict[str, dict[str, Any]]] = {
    "civil": {},
    "police": {"resource": STRANGE},
    "expired": {"not_after": "2026-02-01"},
    "over": {"stage": "expired"},
    "suspended": {"stage": "suspended"},
    "revoked": {"stage": "revoked"},
    "superseded": {"stage": "superseded"},
    "early": {"not_before": "2098-01-01"},
    "elsewhere": {"channels": ["none"]},
    "signing": {},
    "fenced": {},
    "gone": {},
    "rotated": {},
}
"""Application to how its grants differ from one that answers."""
CLIENTS: Final[dict[str, dict[str, Any]]] = {
    "signing": {"signed": True},
    "fenced": {"networks": ["10.0.0.0/8"]},
    "gone": {"active": False},
}
BULK: Final = {"channels": ["table", "file", "subscription"], "require_case": False, "delivery_mode": "incremental"}


@dataclass(frozen=True)
class Asked:
    """One request as it goes over the wire."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def told(self, **headers: str) -> Asked:
        """The same with other headers; an empty one is left out."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={name: value for name, value in (self.headers | named).items() if value})

    def at(self, path: str) -> Asked:
        """The same at another path."""
        _, mark_, query = self.target.partition("?")
        return replace(self, target=path + mark_ + query)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def raw(self, *, length: str | None = None, more: str = "") -> bytes:
        """Its bytes; `length` instead of the true one, `more` lines of headers besides."""
        lines = f"{self.method} {self.target} HTTP/1.1\r\nHost: h\r\n"
        lines += "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        if length is None and self.body is not None:
            length = f"Content-Length: {len(self.body)}\r\n"
        return (lines + (length or "") + more + "\r\n").encode() + (self.body or b"")


@dataclass
class Got:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def number(self) -> str:
        """The request id."""
        return self.headers.get("datong-request-id", "")

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


TOO_LARGE: Final = (400, 413)
"""Statuses after which the server may hang up, for it has not read what follows."""


class Line:
    """One keep-alive connection, taken up anew where the server hung up."""

    def __init__(self, port: int) -> None:
        self._port, self._link, self._rest = port, self._call(port), b""

    def _call(self, port: int) -> socket.socket:
        link = socket.create_connection(("127.0.0.1", port), 20)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return link

    def ask(self, asked: Asked) -> Got:
        return self.send(asked.raw(), head=asked.method == "HEAD")

    def send(self, raw: bytes, *, head: bool = False) -> Got:
        """Send bytes and read one answer; a server that refuses a body need not have read it."""
        if select.select([self._link], [], [], 0)[0] and not self._link.recv(1, socket.MSG_PEEK):
            self.anew()
        with suppress(ConnectionError):
            self._link.sendall(raw)
        return self.heard(head=head)

    def heard(self, *, head: bool = False) -> Got:
        """Read one answer."""
        text = self._until(b"\r\n\r\n")
        status, *lines = text.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        got = Got(int(status[9:12]), headers, b"")
        if not head and got.status not in (204, 304):
            got.body = (
                self._chunks()
                if "chunked" in headers.get("transfer-encoding", "")
                else self._bytes(int(headers["content-length"]))
            )
        if headers.get("connection") == "close" or got.status in TOO_LARGE:
            self.anew()
        return got

    def begin(self, raw: bytes) -> None:
        """Send bytes and wait for nothing."""
        self._link.sendall(raw)

    def rest(self) -> bytes:
        """Read until the server hangs up."""
        with suppress(ConnectionError):
            while True:
                self._more()
        return self._rest

    def ended(self) -> bool:
        """Wait until the server hangs up; tells whether it did so without a word."""
        return not self._link.recv(1)

    def anew(self) -> None:
        """Hang up and call again."""
        self._link.close()
        self._link, self._rest = self._call(self._port), b""

    def close(self) -> None:
        self._link.close()

    def _more(self) -> None:
        part = self._link.recv(262_144)
        if not part:
            raise ConnectionError("the server hung up")
        self._rest += part

    def _until(self, end: bytes) -> bytes:
        while end not in self._rest:
            self._more()
        text, _, self._rest = self._rest.partition(end)
        return text

    def _bytes(self, length: int) -> bytes:
        while len(self._rest) < length:
            self._more()
        body, self._rest = self._rest[:length], self._rest[length:]
        return body

    def _chunks(self) -> bytes:
        whole = b""
        while size := int(self._until(b"\r\n").split(b";")[0], 16):
            whole += self._bytes(size)
            self._until(b"\r\n")
        self._until(b"\r\n")
        return whole


class Attacked:
    """The node under attack, and what its applications hold."""

    def __init__(self, folder: Path, index: Path) -> None:
        self.node, self.lake = Node(folder, index), index.parents[1] / "lake" / "persons"
        self.callers = {name: Caller(f"{name}-app", POLICE if name == "police" else CIVIL) for name in STAGES}
        self.callers["civil"], self.callers["police"] = self.node.civil, self.node.police
        self.former = Caller("rotated-app", CIVIL)
        self.line: Line
        self.port = 0
        self._read = 0

    def lay_out(self, interface: str) -> None:
        """Write the policy, a table, a stream of events and a delivered file for each application."""
        table = tables.derived(self.lake, self.node.folder, tables.shared())
        streams.grow(self.node.folder, 4, 0)
        streams.grow(self.node.folder, 5, 3)
        grants = [one for name in STAGES for one in self._grants(name, table)]
        for one in grants:
            if "file" in one.channels or one.number.endswith("-B"):
                self._deliver(one)
        clients = [caller.client(**CLIENTS.get(name, {})) for name, caller in self.callers.items() if name != "rotated"]
        clients.append(self.callers["rotated"].client(former_key=self.former.pem, former_ends=text_of(time.time() - 60)))
        resources = [
            a_resource(provider=POLICE), a_resource(code=STRANGE, provider=POLICE),
            wire.Resource(**{**_fields(a_proxied_resource(interface)), "code": PROXIED, "provider": POLICE}),
        ]  # fmt: skip
        (self.node.folder / "run").mkdir()
        document = self.node.policy(*grants, lease=3600, clients=clients, resources=resources)
        (self.node.folder / "run" / "policy").write_bytes(document)

    def _grants(self, name: str, table: str) -> list[wire.Grant]:
        mine = {"client_id": self.callers[name].client_id, "department": self.callers[name].department} | STAGES[name]
        bulk = {
            "table": table, "recipients": [tables.a_recipient(self.bearer(name))], "events": streams.PLACE,
            "subscriptions": [wire.Subscription(number=self.subscription(name), start=streams.START)],
        }  # fmt: skip
        made = [a_grant(f"SQ-{name}", **mine), a_grant(f"SQ-{name}-B", **(BULK | mine | bulk))]
        return made if name == "police" else [*made, a_grant(f"SQ-{name}-U", **(mine | {"resource": PROXIED}))]

    def _deliver(self, grant: wire.Grant) -> None:
        folder = self.node.folder / deliveries.FOLDER / f"J-{grant.number}"
        folder.mkdir(parents=True)
        (folder / "rows.csv").write_bytes("姓名\n张0\n".encode())
        one = deliveries.File(name="rows.csv", size=12, rows=1, sha256="0" * 64, sm3="0" * 64, kind="text/csv")
        held = deliveries.Manifest(
            delivery=folder.name, grant=grant.number, resource=grant.resource, version=1, rows=1, columns=[], files=[one]
        )
        (folder / deliveries.MANIFEST).write_bytes(deliveries.encode(held))

    def bearer(self, name: str) -> str:
        """The token of a recipient."""
        return f"dtds_{name:_<43}"

    def subscription(self, name: str) -> str:
        """The number of a subscription."""
        return f"E-{name}"

    def file_address(self, name: str, ends: int | None = None) -> str:
        """The address of a delivered file."""
        grant, resource = f"SQ-{name}-B", STAGES[name].get("resource", CODE)
        place = deliveries.Place(self.callers[name].client_id, resource, grant, f"J-{grant}", "rows.csv")
        secret = keys.load_secret(self.node.folder / "node.key", deliveries.SECRET)
        return deliveries.address(secret, "", place, int(time.time()) + 600 if ends is None else ends)

    def table_address(self, name: str, ends: int | None = None) -> str:
        """The address of a file of a table."""
        folder = next((self.node.folder / "derived" / tables.TABLE).glob("*-*"))
        file = files.manifest(folder).files[0].id
        secret = keys.load_secret(self.node.folder / "node.key", "delta sharing")
        whose = mark(token_hash(self.bearer(name)))
        return files.address(secret, "", whose, folder.name, file, int(time.time()) + 600 if ends is None else ends)

    def token(self, name: str, ago: float = 0) -> str:
        """An access token of an application, minted some seconds ago with the node's own key."""
        caller = self.former if name == "former" else self.callers[name]
        print_ = sha256(caller.pem.strip().encode()).hexdigest()[:32]
        secret = keys.load_secret(self.node.folder / "node.key", "gateway access tokens")
        return Tokens(secret, self.node.config()).mint(caller.client_id, print_, time.time() - ago)

    def signed(self, asked: Asked, name: str = "signing") -> Asked:
        """A request with the signature of an application under it."""
        headers = {key.lower(): value for key, value in asked.headers.items()}
        cover = [
            "@method",
            "@request-target",
            "authorization",
            *(one for one in headers if one.startswith(("datong-", "x-road-"))),
        ]
        if asked.method == "POST":
            headers["content-digest"] = messages.content_digest(asked.body or b"")
            cover.append("content-digest")
        path, _, query = asked.target.partition("?")
        signer = Ed25519Signer(self.callers[name].key)
        request = messages.Request(asked.method, "", path, query, headers)
        made = messages.sign(request, tuple(cover), signer, created=int(time.time()), nonce=uuid.uuid4().hex)
        return replace(asked, headers=headers | made)

    def fresh(self) -> list[dict[str, Any]]:
        """Records that came into the log since the last time."""
        found = list(read.records(self.node.folder / "evidence" / "gateway-0", start=self._read))
        self._read += len(found)
        return [orjson.loads(body) for _, body in found]


def _fields(one: wire.Resource) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}


@contextmanager
def attacked(folder: Path, index: Path) -> Iterator[Attacked]:
    """Serve a node to be attacked, from a serving index."""
    made = Attacked(folder, index)
    with an_interface() as interface:
        made.lay_out(interface.url)
        limits, patience = {"body_seconds": SECONDS}, int(2_000 * SECONDS)
        with serving(made.node, networks=["127.0.0.0/8"], limits=limits, headers_ms=patience) as address:
            made.port = int(address.rpartition(":")[2])
            made.line = Line(made.port)
            yield made
            made.line.close()
