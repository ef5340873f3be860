# SPDX-License-Identifier: Apache-2.0
"""A gateway on real parts: keys, a landed table with its serving index, a policy, an evidence log, and callers."""

from __future__ import annotations

import asyncio
import csv
import time
import uuid
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from datong.crypto import keys
from datong.crypto.signing import Signer
from datong.engine import face as engine
from datong.gateway.app import Gateway
from datong.gateway.config import GatewayConfig, Limits
from datong.kernel.sharing import ItemType
from datong.ledger import read
from datong.wire import policy as wire
from datong.wire.instants import text_of

NODE = "330000"
CODE = "3330001001/1"
PLACE = "/v1/resources/3330001001/1"
CIVIL = "11330000002482109N"
POLICE = "11330000002482053E"
PURPOSE = "社会救助资格核对"
ROWS = 240
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ITEMS = [
    wire.Item(field="id", name="身份证号", type="C"),
    wire.Item(field="name", name="姓名", type="C"),
    wire.Item(field="phone", name="电话", type="C"),
    wire.Item(field="region", name="区划", type="C"),
    wire.Item(field="born", name="出生日期", type="D"),
    wire.Item(field="income", name="月收入", type="N"),
    wire.Item(field="alive", name="在世", type="L"),
]


def row(number: int) -> dict[str, str]:
    """One made-up person; every third lives outside the province."""
    region = ("330106", "330203", "320102")[number % 3]
    return {
        "id": f"{region}19900101{number:04d}",
        "name": f"张{number}",
        "phone": f"138{number:08d}",
        "region": region,
        "born": f"1990-01-{number % 28 + 1:02d}",
        "income": f"{number}.50",
        "alive": "true" if number % 2 else "false",
    }


def landed(folder: Path, rows: int = ROWS) -> Path:
    """Land made-up persons and build their serving index, by the engine."""
    source = folder / "persons.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [item.field for item in ITEMS])
        writer.writeheader()
        writer.writerows(row(number) for number in range(rows))
    schema = engine.Schema(
        tuple(engine.Column(item.field, ItemType(item.type), key=item.field == "id") for item in ITEMS)
    )
    columns = {item.field: item.field for item in ITEMS}
    engine.land(engine.CsvSource(source), schema, columns, folder / "lake" / "persons", batch="b1")
    target = folder / "serving" / "persons.sqlite"
    target.parent.mkdir(exist_ok=True)
    engine.build_index(folder / "lake" / "persons", schema, ["region", "name"], target)
    return target


def a_resource(**changes: Any) -> wire.Resource:
    facts: dict[str, Any] = {
        "code": CODE, "name": "人口基本信息", "version": 1, "index": "serving/persons.sqlite", "rows": ROWS, "items": ITEMS,
        "keys": ["id"], "queries": ["region", "name"],
    }  # fmt: skip
    return wire.Resource(**(facts | changes))


def a_grant(number: str = "SQ-1", **changes: Any) -> wire.Grant:
    facts: dict[str, Any] = {
        "number": number,
        "resource": CODE,
        "client_id": "civil-app",
        "department": CIVIL,
        "channels": ["call", "verify"],
        "items": [
            wire.GrantItem(field="name"),
            wire.GrantItem(field="phone", mask="partial:3:4"),
            wire.GrantItem(field="region"),
            wire.GrantItem(field="alive"),
        ],
        "rows": [wire.RowRule(field="region", op="prefix", values=["33"])],
        "purpose": PURPOSE,
        "require_purpose": True,
        "require_case": True,
        "quota_per_day": None,
        "max_rows": 50,
        "not_before": "2026-01-01",
        "not_after": "2099-12-31",
        "stage": "active",
    }
    return wire.Grant(**(facts | changes))


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["code"]


@dataclass
class Caller:
    """An application with its key."""

    client_id: str
    department: str
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def pem(self) -> str:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def client(self, **changes: Any) -> wire.Client:
        facts = {"client_id": self.client_id, "name": "系统", "department": self.department, "public_key": self.pem}
        return wire.Client(**(facts | changes))

    def assertion(self, now: float | None = None, **changes: Any) -> str:
        now = time.time() if now is None else now
        claims: dict[str, Any] = {
            "iss": self.client_id, "sub": self.client_id, "aud": NODE, "exp": int(now) + 120, "jti": uuid.uuid4().hex,
        }  # fmt: skip
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(claims, self.key, algorithm="EdDSA")


def form(assertion: str, **changes: str) -> bytes:
    """A token request's body."""
    fields = {
        "grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion,
    }  # fmt: skip
    return urlencode(fields | changes).encode()


class Clock:
    """A clock that stands until it is set."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Node:
    """A node's folder as a gateway sees it, and its signing key in the place of the control plane."""

    def __init__(self, folder: Path, index: Path | None = None) -> None:
        self.folder = folder
        self.signer: Signer = keys.generate(folder / "node.key")
        (folder / "evidence").mkdir()
        (folder / "evidence" / "node.pub").write_bytes(self.signer.public_pem())
        if index is not None:
            (folder / "serving").mkdir()
            (folder / "serving" / "persons.sqlite").hardlink_to(index)
        self.civil = Caller("civil-app", CIVIL)
        self.police = Caller("police-app", POLICE)
        self.version = 0
        self.running: list[Gateway] = []

    def config(self, **changes: Any) -> GatewayConfig:
        folder = self.folder
        facts: dict[str, Any] = {
            "node_code": NODE, "node_dir": folder, "signing_key": folder / "node.key",
            "public_key": folder / "evidence" / "node.pub", "policy_file": folder / "run" / "policy",
            "evidence_dir": folder / "evidence", "limits": Limits(body_seconds=0.3),
        }  # fmt: skip
        return GatewayConfig(**(facts | changes))

    def policy(self, *grants: wire.Grant, now: float | None = None, lease: float = 600, **changes: Any) -> bytes:
        now = time.time() if now is None else now
        self.version += 1
        facts: dict[str, Any] = {
            "node": NODE, "version": self.version, "issued_at": text_of(now), "not_after": text_of(now + lease),
            "clients": [self.civil.client(), self.police.client()], "resources": [a_resource()],
            "grants": list(grants) or [a_grant()],
        }  # fmt: skip
        return wire.encode(wire.Policy(**(facts | changes)), self.signer)

    def evidence(self) -> list[dict[str, Any]]:
        """Every record of the log."""
        return [orjson.loads(body) for _, body in read.records(self.folder / "evidence" / "gateway-0")]


class Standing:
    """A started gateway, called in process."""

    def __init__(self, node: Node, app: Gateway, clock: Clock) -> None:
        self.node, self.app, self.clock = node, app, clock

    def offer(self, *grants: wire.Grant, **changes: Any) -> None:
        assert self.app.holder.offer(self.node.policy(*grants, now=self.clock.now, **changes))

    def token(self, caller: Caller) -> str:
        reply = self.ask("POST", "/oauth2/token", body=form(caller.assertion(self.clock.now)), kind=FORM)
        assert reply.status == 200, reply.body
        return reply.json["access_token"]

    def records(self, token: str, query: str = "id=330106199001010000", **headers: str) -> Reply:
        return self.ask("GET", f"{PLACE}/records?{query}", headers=lawful(token) | _named(headers))

    def verify(self, token: str, body: Any, **headers: str) -> Reply:
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.ask("POST", f"{PLACE}/verify", headers=lawful(token) | _named(headers), body=raw, kind="application/json")

    def ask(self, method: str, target: str | bytes, **more: Any) -> Reply:
        return self.run(self.asking(method, target, **more))

    def asking(
        self, method: str, target: str | bytes, *, headers: dict[str, str] | list[tuple[bytes, bytes]] | None = None,
        body: bytes = b"", kind: str = "", parts: list[dict[str, Any]] | None = None,
    ) -> Coroutine[Any, Any, Reply]:  # fmt: skip
        raw = target if isinstance(target, bytes) else target.encode()
        path, _, query = raw.partition(b"?")
        given = headers if isinstance(headers, list) else [
            (name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items() if value
        ]  # fmt: skip
        if kind:
            given = [*given, (b"content-type", kind.encode())]
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "root_path": "",
            "path": path.decode("utf-8", "replace"), "raw_path": path, "query_string": query, "headers": given,
            "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
        }  # fmt: skip
        messages = parts if parts is not None else [{"type": "http.request", "body": body, "more_body": False}]
        return _called(self.app, scope, messages)

    def run(self, call: Coroutine[Any, Any, Reply]) -> Reply:
        """In a loop of its own each, as calls that share nothing."""
        return asyncio.run(call)


FORM = "application/x-www-form-urlencoded"


def lawful(token: str) -> dict[str, str]:
    """Headers of a call that keeps to the usual grant."""
    return {"Authorization": f"Bearer {token}", "Datong-Purpose": quote(PURPOSE), "Datong-Case": "AJ-1"}


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


async def _called(app: Gateway, scope: dict[str, Any], messages: list[dict[str, Any]]) -> Reply:
    sent: list[dict[str, Any]] = []
    waiting = iter(messages)

    async def receive() -> dict[str, Any]:
        message = next(waiting, None)
        if message is None:
            await asyncio.sleep(3600)
        assert message is not None
        return message

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    if not sent:
        return Reply(0, {}, b"")
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Reply(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))


@contextmanager
def started(
    node: Node, *grants: wire.Grant, policy: bool = True, now: float | None = None,
    make: Callable[[GatewayConfig, Clock], Gateway] = Gateway, **config: Any,
) -> Iterator[Standing]:  # fmt: skip
    """Start a gateway on a node, with a policy unless told otherwise; that of the others there is on disk by then."""
    for one in node.running:
        one.holder.settle()
    clock = Clock(time.time() if now is None else now)
    app = make(node.config(**config), clock)
    app.start()
    node.running.append(app)
    standing = Standing(node, app, clock)
    try:
        if policy:
            standing.offer(*grants)
        yield standing
    finally:
        node.running.remove(app)
        app.stop()
