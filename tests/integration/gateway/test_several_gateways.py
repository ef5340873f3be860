# SPDX-License-Identifier: Apache-2.0
"""Two gateways of one node, as processes on one port: one quota, one use of an assertion, two logs, one revocation."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import orjson
import psycopg
import pytest

from datong.config.node.folder import NodeConfig, NodeFolder
from datong.config.node.postgres import EmbeddedPostgres
from datong.gateway.limits.board import Seat, seats
from datong.ledger import read, receipts
from datong.ledger.verify import verify_directory
from datong.wire.policy import CHANNEL, TABLE
from factories.exports import verified_elsewhere
from factories.gateways import NODE, PLACE, Node, a_grant, form, lawful

FORM = {"content-type": "application/x-www-form-urlencoded"}
ENOUGH = 200
"""Connections after which both gateways have been met: the kernel deals them out by their ports."""


class Two:
    """Both gateways and what calls them, each call on a connection of its own."""

    def __init__(self, node: Node, url: str) -> None:
        self.node, self.place = node, NodeFolder(node.folder)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.place.run.mkdir(exist_ok=True)
        self.place.write(NodeConfig(NODE, "浙江省", "provincial", "x" * 48, gateway_port=self.port, gateways=2, database_url=url))
        self.processes: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, seat: int) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("DATONG_", "DJANGO_", "PYTEST_", "COV_"))}
        told = clean | {"DATONG_NODE": str(self.node.folder), "DATONG_GATEWAY_SEAT": str(seat)}
        with (self.node.folder / f"gateway-{seat}.out").open("ab") as out:
            command = [sys.executable, "-m", "datong.config.node", "gateway"]
            self.processes[seat] = subprocess.Popen(command, env=told, stdout=out, stderr=out)

    def wait(self, holds: Callable[[Seat], bool]) -> None:
        """Until both live and something holds of both."""
        deadline = time.monotonic() + 60
        while True:
            signs = dict(enumerate(seats(self.place.board, 2)))
            ours = [one for seat, one in signs.items() if one and one.pid == self.processes[seat].pid and one.ready() and holds(one)]
            if len(ours) == len(signs):
                return
            assert time.monotonic() < deadline, signs
            assert all(one.poll() is None for one in self.processes.values())
            time.sleep(0.02)

    def ask(self, method: str, path: str, **more: object) -> tuple[httpx.Response, str]:
        """What was answered, and the log that its receipt names."""
        answer = httpx.request(method, f"http://127.0.0.1:{self.port}{path}", trust_env=False, timeout=30, **more)
        return answer, receipts.decode(answer.headers["datong-receipt"]).origin

    def token(self, assertion: str) -> tuple[httpx.Response, str]:
        return self.ask("POST", "/oauth2/token", content=form(assertion), headers=FORM)

    def call(self, token: str) -> tuple[httpx.Response, str]:
        return self.ask("GET", f"{PLACE}/records?id=330106199001010000", headers=lawful(token))

    def publish(self, url: str, **grant: object) -> None:
        document = self.node.policy(a_grant(**grant))
        with psycopg.connect(url) as connection:
            connection.execute(f"insert into {TABLE} values (%s, %s, now())", (self.node.version, document))
            connection.execute(f"select pg_notify('{CHANNEL}', %s)", (str(self.node.version),))


@pytest.fixture
def two(tmp_path: Path, index: Path, postgres: EmbeddedPostgres) -> Iterator[Two]:
    made = Two(Node(tmp_path, index), postgres.url)
    try:
        made.publish(postgres.url, quota_per_day=30)
        for seat in range(2):
            made.start(seat)
        made.wait(lambda sign: sign.policy_version == 1)
        yield made
    finally:
        for process in made.processes.values():
            process.kill()
            process.wait(30)
        with psycopg.connect(postgres.url) as connection:
            connection.execute(f"delete from {TABLE}")


def until_both(ask: Callable[[], tuple[httpx.Response, str]], status: int) -> None:
    """Ask until both gateways have answered, each time alike."""
    met = set()
    for _ in range(ENOUGH):
        answer, log = ask()
        assert answer.status_code == status, answer.text
        met.add(log)
        if len(met) == 2:
            return
    raise AssertionError(met)


def answered(two: Two, token: str) -> dict[str, int]:
    """Call until the quota is used up: how many each gateway answered."""
    found: dict[str, int] = {}
    for _ in range(ENOUGH):
        answer, log = two.call(token)
        if answer.status_code == 429:
            assert answer.json()["code"] == "quota_exhausted"
            return found
        assert answer.status_code == 200, answer.text
        found[log] = found.get(log, 0) + 1
    raise AssertionError(found)


def test_two_gateways_count_prove_and_refuse_as_one(two: Two, postgres: EmbeddedPostgres):
    assertion = two.node.civil.assertion()
    token = two.token(assertion)[0].json()["access_token"]
    until_both(lambda: two.token(assertion), 401)

    found = answered(two, token)
    assert (sum(found.values()), set(found)) == (30, {f"{NODE}/gateway-0", f"{NODE}/gateway-1"})
    until_both(lambda: two.call(token), 429)

    two.processes[0].kill()
    two.processes[0].wait(30)
    two.publish(postgres.url, quota_per_day=42)
    two.start(0)
    two.wait(lambda sign: sign.policy_version == 2)
    until_both(lambda: two.token(assertion), 401)
    assert sum(answered(two, token).values()) == 12

    two.publish(postgres.url, stage="revoked")
    two.wait(lambda sign: sign.policy_version == 3)
    until_both(lambda: two.call(token), 403)

    reports = verify_directory(two.place.evidence)
    assert [(one.origin, one.ok) for one in reports] == [(f"{NODE}/gateway-0", True), (f"{NODE}/gateway-1", True)]
    elsewhere = verified_elsewhere(two.place.evidence, key=two.place.evidence / "node.pub")
    assert [(one["origin"], one["status"]) for one in elsewhere] == [(f"{NODE}/gateway-0", 0), (f"{NODE}/gateway-1", 0)]
    records = [orjson.loads(body) for log in sorted(two.place.evidence.glob("gateway-*")) for _, body in read.records(log)]
    assert sum(one["kind"] == "call" and one["code"] == "ok" for one in records) == 42
    assert sum(one["kind"] == "token" and one["code"] == "ok" for one in records) == 1
