# SPDX-License-Identifier: Apache-2.0
"""Claim: a change in the lake is with 1,000 subscribers within a second (p95), none lost, none doubled.

Ours: a merge of some changed rows is committed to a Delta table of 20,000 rows; its events are made through a grant's
policy (row rule, masks) by `engine.changes`, written and published, the gateway is told by NOTIFY; half of the
subscribers wait by long poll, half by server-sent events, all on one real gateway behind granian, each page checked
against the policy and on record before it leaves. The clock runs from before the commit to the arrival at each
subscriber. Left out: what the control plane does to find out which policies are followed, some ten milliseconds.

`python benchmarks/subscription.py [--quick] [--subscribers N] --json` prints one object and leaves nothing behind.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import jwt
import psycopg
import pyarrow as pa
from _catalogue import load
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from deltalake import DeltaTable, write_deltalake
from gateway import ASSERTION_TYPE, free_port, running

from datong.config.node.postgres import EmbeddedPostgres
from datong.contexts.subscriptions import domain
from datong.crypto import keys
from datong.engine import face as engine
from datong.engine.plans import deriving
from datong.engine.plans.lookup import Access, RowRule
from datong.kernel.masks import Mask
from datong.kernel.sharing import ItemType
from datong.wire import events
from datong.wire import policy as wire
from datong.wire.instants import text_of

HERE = Path(__file__).resolve().parent
NODE, CODE, DEPARTMENT = "330000", "3330001001/1", "11330000002482109N"
ITEMS = {"id": "C", "name": "C", "region": "C", "income": "N"}
MASKS = {"id": "none", "name": "partial:1:0", "region": "none"}
RULES = (RowRule("region", "prefix", ("33",)),)
ROWS, CHANGED = 20_000, 20
APP = """
import os
from pathlib import Path
from datong.gateway.app import build
from datong.gateway.config import GatewayConfig
here = Path(os.environ["DATONG_BENCH_FOLDER"])
def followed():
    return build(GatewayConfig(
        node_code="330000", node_dir=here, signing_key=here / "node.key", public_key=here / "evidence" / "node.pub",
        policy_file=here / "run" / "policy", evidence_dir=here / "evidence", dsn=os.environ["DATONG_BENCH_DATABASE"],
    ))
"""


def rows(start: int, count: int, round_: int) -> pa.Table:
    """Made-up persons; two of three live in the province."""
    numbers = range(start, start + count)
    cells = {
        "id": [f"P{number:08d}" for number in numbers],
        "name": [f"{'张王李'[round_ % 3]}{number}" for number in numbers],
        "region": [("330106", "330203", "320102")[number % 3] for number in numbers],
        "income": list(numbers),
    }
    return pa.table(cells).set_column(3, "income", pa.array(cells["income"]).cast(pa.decimal128(21, 2)))


class Maker:
    """The node's side: a lake table, its stream, and what tells the gateway."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.lake = folder / "lake" / "people"
        self.lake.parent.mkdir()
        write_deltalake(str(self.lake), rows(0, ROWS, 0), configuration={"delta.enableChangeDataFeed": "true"})
        columns = {name: ItemType(kind) for name, kind in ITEMS.items()}
        digits = {"N": 2}
        self.schema = engine.Schema(
            tuple(engine.Column(name, kind, key=name == "id", precision=digits.get(kind.value)) for name, kind in columns.items())
        )
        self.access = Access(columns, ["id"], [], {name: Mask.parse(mask) for name, mask in MASKS.items()}, RULES)
        self.place = f"events/people/{deriving.policy_digest(self.access, self.schema)}"
        self.folder = folder / self.place
        self.held = events.Manifest(digest=self.folder.name, since=0, newest=0)
        events.publish(self.folder, self.held)
        self.connection = psycopg.connect(dsn, autocommit=True)
        self.tell(0)

    def tell(self, round_: int) -> tuple[float, float, int]:
        """Change some rows and tell it: when that began, how long the making took, how many events."""
        begun = time.time()
        table = DeltaTable(str(self.lake)).merge(
            rows(round_ * 37 % ROWS, CHANGED, round_ + 1), "t.id = s.id", source_alias="s", target_alias="t"
        )
        table.when_matched_update_all().execute()
        committed = time.time()
        version = DeltaTable(str(self.lake)).version()
        told = domain.told(domain.pairs(engine.changes(self.lake, self.schema, self.access, self.held.newest, version)))
        lines = [
            events.event(events.Cursor(self.held.name, version, index), kind, at, images)
            for index, (_, at, kind, images) in enumerate(told, 1)
        ]
        made = events.write(self.folder, version, lines)
        segments = (*self.held.segments, *([events.Segment(version, made, time.time())] if made else []))
        self.held = events.Manifest(digest=self.held.digest, since=0, newest=version, segments=segments)
        events.publish(self.folder, self.held)
        self.connection.execute("select pg_notify(%s, %s)", [events.CHANNEL, self.place])
        return begun, time.time() - committed, made


def made_policy(folder: Path, maker: Maker, client: Ed25519PrivateKey, numbers: list[str]) -> None:
    """The folder of a node whose one grant all subscribers follow."""
    signer = keys.load_signer(folder / "node.key")
    pem = client.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    start = str(events.Cursor(maker.held.name, maker.held.newest + 1))
    grant = wire.Grant(
        number="SQ-1", resource=CODE, client_id="app", department=DEPARTMENT, channels=["subscription"], purpose="统计",
        items=[wire.GrantItem(field=name, mask=mask) for name, mask in MASKS.items()], max_rows=1_000,
        rows=[wire.RowRule(field=rule.field, op="prefix", values=list(rule.values)) for rule in RULES],
        not_before="2020-01-01", not_after="2099-12-31", events=maker.place,
        subscriptions=[wire.Subscription(number=number, start=start) for number in numbers],
    )  # fmt: skip
    resource = wire.Resource(
        code=CODE,
        name="人口",
        version=1,
        keys=["id"],
        items=[wire.Item(field=name, name=name, type=kind) for name, kind in ITEMS.items()],
    )
    now = time.time()
    policy = wire.Policy(
        node=NODE, version=1, issued_at=text_of(now), not_after=text_of(now + 3_600), resources=[resource], grants=[grant],
        clients=[wire.Client(client_id="app", name="系统", department=DEPARTMENT, public_key=pem)],
    )  # fmt: skip
    (folder / "run").mkdir(exist_ok=True)
    (folder / "run" / "policy").write_bytes(wire.encode(policy, signer))


def token_of(port: int, client: Ed25519PrivateKey) -> str:
    """An access token of the one application."""
    claims = {"iss": "app", "sub": "app", "aud": NODE, "exp": int(time.time()) + 120, "jti": uuid.uuid4().hex}
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
    form["client_assertion"] = jwt.encode(claims, client, algorithm="EdDSA")
    return str(httpx.post(f"http://127.0.0.1:{port}/oauth2/token", data=form).json()["access_token"])


def measured(folder: Path, subscribers: int, rounds: int, pause: float) -> dict[str, Any]:
    """Have some subscribers follow some changes."""
    signer = keys.generate(folder / "node.key")
    for name in ("evidence", "logs"):
        (folder / name).mkdir()
    (folder / "evidence" / "node.pub").write_bytes(signer.public_pem())
    (folder / "followed_app.py").write_text(APP, "utf-8")
    with ExitStack() as stack:
        server = EmbeddedPostgres(folder / "pg", folder / "logs" / "pg.log", {"fsync": "off"})
        server.start()
        stack.callback(server.stop)
        os.environ["DATONG_BENCH_DATABASE"] = server.url
        maker = Maker(folder, server.url)
        numbers = [f"E20261122-{place:04d}" for place in range(1, subscribers + 1)]
        client = Ed25519PrivateKey.generate()
        made_policy(folder, maker, client, numbers)
        port = free_port()
        command = [
            sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--workers", "1", "--no-ws", "--backlog", "1024",
            "--backpressure", "4096", "--no-log", "--port", str(port), "followed_app:followed",
        ]  # fmt: skip
        stack.enter_context(running(command, folder, f"http://127.0.0.1:{port}/readyz"))
        headers = f"Authorization: Bearer {token_of(port, client)}\r\n"
        jobs = [[number, ("poll", "feed")[place % 2], headers] for place, number in enumerate(numbers)]
        (folder / "jobs.json").write_text(json.dumps(jobs), "utf-8")
        followers = subprocess.Popen(
            [sys.executable, str(HERE / "_followers.py"), str(folder / "jobs.json"), str(port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        stack.callback(followers.kill)
        assert followers.stdout is not None
        assert followers.stdout.readline() == "waiting\n"
        told: dict[int, tuple[float, float, int]] = {}
        for round_ in range(1, rounds + 1):
            begun = maker.tell(round_)
            told[maker.held.newest] = begun
            time.sleep(pause)
        time.sleep(2)
        said = json.loads(followers.communicate("")[0])
    return summed_up(said, told, jobs)


def summed_up(said: dict[str, Any], told: dict[int, tuple[float, float, int]], jobs: list[list[str]]) -> dict[str, Any]:
    """Times from commit to arrival, and what was lost or doubled."""
    wanted = sum(count for _, _, count in told.values())
    lags: dict[str, list[float]] = {"poll": [], "feed": []}
    lost = doubled = 0
    for (_, kind, _), came in zip(jobs, said["came"], strict=True):
        seen = {identifier for identifier, _ in came}
        lost, doubled = lost + wanted - len(seen), doubled + len(came) - len(seen)
        lags[kind] += [at - told[int(identifier.split("-")[1])][0] for identifier, at in came]
    every = sorted(lags["poll"] + lags["feed"])
    return {
        "subscribers": len(jobs),
        "changes": len(told),
        "events_each": wanted,
        "p50_ms": round(1_000 * statistics.median(every), 1) if every else None,
        "p95_ms": _high(every),
        "p95_ms_long_poll": _high(sorted(lags["poll"])),
        "p95_ms_server_sent": _high(sorted(lags["feed"])),
        "worst_ms": round(1_000 * every[-1], 1) if every else None,
        "making_ms": round(1_000 * statistics.median(took for _, took, _ in told.values()), 1),
        "lost": lost,
        "doubled": doubled,
        "failed": said["failed"][:3],
    }


def _high(times: list[float]) -> float | None:
    return round(1_000 * times[int(len(times) * 0.95)], 1) if times else None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="50 subscribers, five changes")
    parser.add_argument("--subscribers", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="what it prints anyway")
    asked = parser.parse_args()
    subscribers, rounds = (50, 5) if asked.quick else (asked.subscribers, asked.rounds)
    folder = Path(tempfile.mkdtemp(prefix="datong-bench-"))
    folder.chmod(0o755)
    before = load()
    try:
        ours = measured(folder, subscribers, rounds, 1.0 if asked.quick else 3.0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    claim = "a change in the lake is with 1,000 subscribers within a second (p95), none lost, none doubled"
    print(json.dumps({"claim": claim, "quick": asked.quick, "load": before, "ours": ours}, ensure_ascii=False))


if __name__ == "__main__":
    main()
