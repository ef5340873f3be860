# SPDX-License-Identifier: Apache-2.0
"""Claim: a collection killed anywhere ends with the table its source is, and no change is told twice or not at all.

A node with its own PostgreSQL collects a table of another database again and again, in every mode, while that table changes.
The process of each batch is killed (SIGKILL) at a random moment, up to three times, then left to end. After each batch the
lake table is compared with the source row by row, and a follower that has only the change data feed with both: a row that
the lake or the follower lacks or has otherwise is lost, one that stands twice, or is told twice, is doubled.

`python benchmarks/chaos_collect.py [--kills 200] [--seed 1] --json` prints {"kills", "batches", "lost", "doubled",
"max_recovery_s"}; recovery is from the last kill of a batch to its landing.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import secrets
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

from datong.config.node.folder import NodeConfig, NodeFolder
from datong.config.node.postgres import EmbeddedPostgres
from datong.crypto import keys

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

MOST_KILLS = 3
"""Kills of one batch: it gives up after five attempts, as it should."""
MODES = ("keys", "full", "watermark")
LONGEST = 3.0
TABLE = """
create table regions
("区划代码" text primary key, "区划名称" text, "内部备注" text, changed timestamptz default now())"""
RENAME = """update regions set "区划名称" = "区划名称" || %s, changed = now() where random() < %s"""
ADD = """
insert into regions select left(gen_random_uuid()::text, 12), '新村' || n from generate_series(1, %s) n on conflict do nothing"""
FORK = multiprocessing.get_context("fork")  # a warm interpreter: more kills in less time
Row = tuple[str, str]


@dataclass
class Told:
    """What is printed."""

    kills: int = 0
    batches: int = 0
    lost: int = 0
    doubled: int = 0
    max_recovery_s: float = 0.0


@contextmanager
def a_node(folder: Path) -> Iterator[str]:
    """Make a node and a business database beside it; gives the address of the latter."""
    place = NodeFolder(folder)
    for one in place.places():
        one.mkdir(parents=True)
    (place.evidence / "node.pub").write_bytes(keys.generate(place.key).public_pem())
    place.write(NodeConfig(code="330000", name="浙江省", role="provincial", secret_key=secrets.token_urlsafe(48)))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    hasty = {"fsync": "off", "listen_addresses": "127.0.0.1"}  # processes are killed here, not the machine
    server = EmbeddedPostgres(place.postgres, place.log / "postgres.log", hasty, port=port)
    server.start()
    try:
        os.environ |= {"DATONG_NODE": str(folder), "DATONG_DATABASE_URL": server.url}
        os.environ["DATONG_CONNECTION_NETWORKS"] = "127.0.0.0/8"
        os.environ["DJANGO_SETTINGS_MODULE"] = "datong.config.settings"
        with psycopg.connect(server.url, autocommit=True) as held:
            held.execute("create database business")
        yield f"postgresql://postgres@127.0.0.1:{port}/business?sslmode=disable"
    finally:
        server.stop()


def apart(work: Callable[..., Any], *given: Any) -> Any:
    """Run something in a process of its own, so that this one never holds what a child would inherit."""
    from django.db import connections

    connections.close_all()
    near, far = FORK.Pipe(duplex=False)
    child = FORK.Process(target=lambda: far.send(work(*given)))
    child.start()
    far.close()
    said = near.recv()
    child.join()
    return said


class Chaos:
    """One run.

    Args:
        address: Of the business database.
        rows: Of its table, at the beginning.
    """

    def __init__(self, address: str, rows: int) -> None:
        from datong.contexts.exchange import usecases
        from factories.catalog import a_compiler
        from factories.exchange import a_shared_resource

        self.told, self.replica, self.follows = Told(), {}, -1
        self.usual = 1.0
        self.theirs = psycopg.connect(address, autocommit=True)
        self.theirs.execute(TABLE)
        self.theirs.execute(f"insert into regions select lpad(n::text, 12, '0'), '村' || n from generate_series(1, {rows}) n")
        self.by = a_compiler()
        offer = usecases.Offer(name="regions", dsn=address, options={"table": "regions"})
        self.batch = usecases.attach(a_shared_resource().resource.code, offer, by=self.by)
        self.lake = Path(usecases.landing.table_of(self.batch))

    def change(self, *, deletes: bool) -> None:
        """Change the table as a business system would."""
        share = random.choice((0, 0.001, 0.02, 0.3))
        self.theirs.execute(RENAME, (random.choice("甲乙丙"), share))
        self.theirs.execute(ADD, (random.choice((0, 1, 50, 500)),))
        if deletes:
            self.theirs.execute("delete from regions where random() < %s", (random.choice((0, 0.01, 0.2)),))

    def collect(self, kills: int) -> None:
        """Collect once, killed so many times."""
        from datong.contexts.exchange import usecases
        from datong.contexts.exchange.models import Batch

        mode = random.choice(MODES)
        self.change(deletes=mode != "watermark")
        if self.told.batches:
            self.batch = usecases.collect_now(self.batch.source_id, by=self.by)
            mark = {"column": "changed", "type": "T", "overlap": 60} if mode == "watermark" else {}
            Batch.objects.filter(pk=self.batch.pk).update(mode=mode, watermark=mark)
        killed = time.monotonic()
        for _ in range(kills):
            if self._killed(usecases.run_batch):
                self.told.kills += 1
                killed = time.monotonic()
        began = time.monotonic()
        apart(_landed, self.batch.pk)
        now = time.monotonic()
        self.usual = 0.5 * self.usual + 0.5 * min(now - began, LONGEST)
        self.told.batches += 1
        self.told.max_recovery_s = round(max(self.told.max_recovery_s, now - killed if kills else 0.0), 2)
        self._compare()

    def _killed(self, run: Callable[[int], Any]) -> bool:
        """Begin the batch in a process and kill that; whether it was still at work."""
        from django.db import connections

        connections.close_all()
        child = FORK.Process(target=run, args=(self.batch.pk,))
        child.start()
        child.join(random.uniform(0.0, self.usual * 1.1))
        alive = child.is_alive()
        child.kill()
        child.join()
        return alive

    def _compare(self) -> None:
        there = dict(self.theirs.execute('select "区划代码", "区划名称" from regions').fetchall())
        rows, commits, newest = apart(_read, self.lake, self.follows)
        held = dict(rows)
        self.told.doubled += len(rows) - len(held) + self._follow(commits)
        self.follows = newest
        for copy in (held, self.replica):
            self.told.lost += sum(copy.get(key) != value for key, value in there.items())
            self.told.doubled += len(copy.keys() - there.keys())

    def _follow(self, commits: list[list[tuple[str, Row]]]) -> int:
        """Apply the feed; how many changes were told that had been told before."""
        doubled = 0
        for commit in commits:
            for kind, (key, value) in commit:
                if kind in {"delete", "update_preimage"}:
                    doubled += self.replica.pop(key, None) != value
            for kind, (key, value) in commit:
                if kind in {"insert", "update_postimage"}:
                    doubled += key in self.replica
                    self.replica[key] = value
        return doubled


def _landed(number: int) -> None:
    from datong.contexts.exchange import usecases
    from datong.contexts.exchange.models import Batch

    usecases.run_batch(number)
    ended = Batch.objects.get(pk=number)
    if ended.stage != "landed":
        raise RuntimeError(f"batch {number} ended {ended.stage}: {ended.error} {ended.differences}")


def _read(lake: Path, follows: int) -> tuple[list[Row], list[list[tuple[str, Row]]], int]:
    """Give the rows of the lake, what each commit changed since a version, and the newest version."""
    import pyarrow as pa
    from deltalake import DeltaTable

    table = DeltaTable(str(lake))
    rows = [(one["code"], one["title"]) for one in table.to_pyarrow_table(columns=["code", "title"]).to_pylist()]
    commits = []
    for version in range(follows + 1, table.version() + 1):
        fed = pa.table(table.load_cdf(starting_version=version, ending_version=version).read_all()).to_pylist()
        commits.append([(one["_change_type"], (one["code"], one["title"])) for one in fed])
    return rows, commits, table.version()


def run(kills: int, rows: int) -> Told:
    """Kill so many times and tell what came of it."""
    with tempfile.TemporaryDirectory(prefix="datong-chaos-") as folder, a_node(Path(folder) / "node") as address:
        import django

        django.setup()
        from django.core.management import call_command

        from datong.contexts.organisations import face as organisations

        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        organisations.seed()
        chaos = Chaos(address, rows)
        chaos.collect(0)
        while chaos.told.kills < kills:
            chaos.collect(random.randint(0, MOST_KILLS))
        return chaos.told


def main() -> None:
    """Run it and print one object."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--rows", type=int, default=20_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--json", action="store_true", help="kept for the one form of all benchmarks")
    given = asked.parse_args()
    random.seed(given.seed)
    told = run(given.kills, given.rows)
    sys.stdout.write(json.dumps(asdict(told)) + "\n")
    sys.exit(1 if told.lost or told.doubled else 0)


if __name__ == "__main__":
    main()
