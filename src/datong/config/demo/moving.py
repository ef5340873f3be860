# SPDX-License-Identifier: Apache-2.0
"""Data that move by themselves: a change that reaches a webhook, a table pushed into a consumer's own PostgreSQL.

Kept here: the receiver and the database are the consumer's, outside of the node, and know nothing of it but the secret
and the account they gave; what came is compared there, not in the node.
"""

from __future__ import annotations

import csv
import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import psycopg

from datong.config.demo.chapters import Story, until
from datong.config.demo.living import CORRECTED, ENCODING, RIGHT, TAG, landed_anew
from datong.config.demo.sharing import ask_for
from datong.config.demo.telling import Step, sure
from datong.config.node.postgres import EmbeddedPostgres
from datong.wire import webhooks

HERE: Final = "127.0.0.0/8"
"""The networks to which the node of the demonstration may send webhooks."""
SHORT: Final = "交通厅"
FOLLOWED: Final = ("uscc", "name", "legal_representative", "status")
PUSHED: Final = ("code", "name", "street_code", "county_code")
PROVINCE: Final = "33"
TARGET: Final = "villages"
COUNT: Final = "select count(*), count(distinct code), min(left(code, 2)), max(left(code, 2)) from villages"
IN_BUSINESS: Final = "存续"
LONGEST: Final = 180


def steps(story: Story) -> list[Step]:
    """The steps of this chapter."""
    return [
        Step("subscription", "数据变更推送到网络回调 a change reaches a webhook", lambda: _followed(story), "/subscriptions"),
        Step("pushed", "推送进使用部门的 PostgreSQL a table pushed into their database", lambda: _pushed(story), "/deliveries"),
    ]


def _granted(story: Story, tag: str, provider: str, channel: str, items: dict[str, str], **said: Any) -> str:
    """A grant of one channel to the 交通厅; its number."""
    number = ask_for(
        story, SHORT, tag, story.callers[SHORT].client_id, basis_kind="duty", basis="客运管理（《浙江省道路运输条例》）",
        channels=[channel], items=list(items), **said,
    )  # fmt: skip
    decision = {
        "items": [{"field": name, "mask": mask} for name, mask in items.items()],
        "require_purpose": False, "require_case": False, "opinion": "同意",
    }  # fmt: skip
    return str(story.of(provider, "provider_head").post(f"/requests/{number}/grant", decision)["number"])


@dataclass(slots=True)
class Receiver:
    """The consumer's receiver: what came, when, and whether its signature held."""

    secret: str = ""
    port: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    at: float = 0.0
    forged: int = 0

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Take a message whose signature holds."""
        if not webhooks.is_signed(self.secret, headers, body, int(time.time())):
            self.forged += 1
            return 401
        self.events += json.loads(body)
        self.at = time.monotonic()
        return 204


@contextmanager
def _receiver() -> Iterator[Receiver]:
    held = Receiver()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(held.take({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        held.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield held
        server.shutdown()


def _followed(story: Story) -> str:
    masks = dict.fromkeys(FOLLOWED, "none") | {"legal_representative": "partial:1:0"}
    grant = _granted(
        story, TAG, "市监局", "subscription", masks, scene="客运企业登记状态变更及时处置", purpose="客运企业资质动态监管",
        delivery_mode="incremental",
    )  # fmt: skip
    applicant = story.of(SHORT, "consumer_applicant")
    number = applicant.post("/subscriptions", {"grant": grant, "title": "客运企业登记变更"})["number"]
    key, status = _in_business(story)
    with _receiver() as held:
        said = applicant.http.put(f"/subscriptions/{number}/push", json={"url": f"http://127.0.0.1:{held.port}/hooks"})
        sure(said.status_code == 200, f"the webhook was answered {said.status_code}: {said.text[:300]}")
        held.secret = said.json()["secret"]
        batch = landed_anew(story, story.of("市监局", "provider_compiler"), key, status, RIGHT)
        landed = time.monotonic()
        until(lambda: bool(held.events), LONGEST, "the change did not reach the webhook")
        took = max(0.0, held.at - landed)
    applicant.post(f"/subscriptions/{number}/end", {"why": "演示结束"})
    sure(len(held.events) == 1 and not held.forged, f"what came: {held.events}, forged {held.forged}")
    [event] = held.events
    after = event["data"]["after"]
    sure((after["uscc"], after["status"], set(after)) == (key, RIGHT, set(FOLLOWED)), f"the event says {after}")
    sure("*" in after["legal_representative"], "the name left unmasked")
    told = f"{took:.1f} 秒内收到 1 个 {event['type']}，签名相符"
    return f"订阅 {number}：批次 {batch} 改一行，{told}，{after['name']} → {RIGHT}，姓名脱敏"


def _in_business(story: Story) -> tuple[str, str]:
    """Key and status of an enterprise that the provider's own file says is in business."""
    text = (story.folder / "demo-files" / CORRECTED).read_bytes().decode(ENCODING)
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    said = {row["统一社会信用代码"]: row["登记状态"] for row in rows}
    return next((key, said[key]) for key in story.keys[TAG] if said.get(key) == IN_BUSINESS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _their_database(story: Story) -> Iterator[EmbeddedPostgres]:
    """The consumer's own PostgreSQL, reached over the network with an account of its own."""
    place = story.folder / "consumer"
    place.mkdir(mode=0o755)
    server = EmbeddedPostgres(place / "pg", place / "pg.log", {"listen_addresses": "127.0.0.1"}, _free_port())
    server.start()
    try:
        with psycopg.connect(server.url, autocommit=True) as owner:
            owner.execute("create role datong_writer login password 'writer-of-the-demonstration'")
            owner.execute("grant create, usage on schema public to datong_writer")
        yield server
    finally:
        server.stop()


def _pushed(story: Story) -> str:
    grant = _granted(
        story, "villages", "民政厅", "table", dict.fromkeys(PUSHED, "none"), scene="农村客运线路规划",
        purpose="农村客运通达情况核查",
        rows=[{"field": "code", "op": "prefix", "values": [PROVINCE]}], row_scope="浙江省", delivery_mode="full",
    )  # fmt: skip
    applicant = story.of(SHORT, "consumer_applicant")
    with _their_database(story) as server:
        address = {"host": "127.0.0.1", "port": str(server.port), "database": "datong"}
        made = applicant.post("/connections", {
            "kind": "postgres", "name": "客运业务库", "address": address, "account": "datong_writer",
            "secret": "writer-of-the-demonstration",
        })  # fmt: skip
        tested = applicant.post(f"/connections/{made['number']}/test")
        sure(tested["test_passed"], f"the connection: {tested['test_words']}")
        asked = {"channel": "table", "connection": made["number"], "place": f"public.{TARGET}", "mode": "upsert"}
        first, took = _delivered(story, grant, asked)
        again, _ = _delivered(story, grant, asked)
        with psycopg.connect(server.url) as reader:
            rows, keys, low, high = reader.execute(COUNT).fetchone() or (0, 0, "", "")
    sure(rows == keys == first["rows"] == again["rows"] and rows > 1_000, f"{rows} rows in the target, {first['rows']} sent")
    sure((low, high) == (PROVINCE, PROVINCE), f"rows of {low} to {high} are in the target")
    told = f"交付 {first['number']}：{rows:,} 行 {took:.1f} 秒进入 {TARGET} 表，双方计数与校验和一致"
    return f"{told}；再送一次仍是 {rows:,} 行，不重复"


def _delivered(story: Story, grant: str, asked: dict[str, Any]) -> tuple[dict[str, Any], float]:
    applicant = story.of(SHORT, "consumer_applicant")
    number = applicant.post(f"/grants/{grant}/deliveries", asked)["number"]
    row: dict[str, Any] = {}

    def over() -> bool:
        row.update(applicant.get(f"/deliveries/{number}"))
        return row["stage"] not in {"queued", "running"}

    took = until(over, LONGEST, f"delivery {number} did not end")
    sure(row["stage"] == "delivered", f"delivery {number} is {row['stage']}: {row['error']}")
    return row, took
