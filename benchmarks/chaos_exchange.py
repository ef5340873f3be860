# SPDX-License-Identifier: Apache-2.0
"""Claim: whatever part of the exchange is killed, what arrives is what the grant lets out, each change once, nothing half.

A node with its own PostgreSQL collects a table of another database while that changes (by keys, whole, by watermark), makes
the derived table of a grant, tells the changes to its subscribers, writes the files of a delivery, brings the rows into a
consumer's database (whole, by key, appended) and pushes the changes to a webhook. The process at work on each is killed
(SIGKILL) at a random moment of its usual span, up to four times, then left to end. After each kill nothing may be half
visible; after each round the lake is compared with the source row by row, and derived table, files, the consumer's tables
and what the receiver made of its events by their ids are compared with what the grant lets out. A row or change that lacks
is lost, one that stands or counts twice is doubled. Recovery is from the last kill of a piece of work to its end. A batch
that a killed sender had taken is sent by another after two minutes; these are not waited for but taken off its claim.

`python benchmarks/chaos_exchange.py [--kills 200] [--seconds 720] [--rows 3000] [--seed 1] --json` prints one object; it
ends with 1 where something was lost, doubled or half visible.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg
from _catalogue import load
from _chaos import Killer, Receiver, a_node, apart, torn_files, torn_segments, torn_tables

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

CLAIM = "whatever part of the exchange is killed, what arrives is what the grant lets out, each change once, nothing half"
TIMES = (0, 2, 3, 4, 4)
"""How often a piece of work is killed: it gives up after five attempts, as it should."""
EACH = 3
"""Deliveries of a round, of files and into a table each: they cost less than a collection."""
MODES = ("keys", "full", "watermark")
INTO = {"full": "anew", "upsert": "by_key", "append": "added"}
"""How rows come into the consumer's tables, and their names."""
FORMS = ("csv", "jsonl", "parquet")
METHODS = ("call", "verify", "table", "file", "subscription")
OURS = "33"
TABLE = """
create table regions
("区划代码" text primary key, "区划名称" text, "内部备注" text, changed timestamptz default now())"""
FILL = """
insert into regions select (case when n %% 3 = 0 then '32' else '33' end) || lpad(n::text, 10, '0'), '村' || n
from generate_series(1, %s::int) n"""
RENAME = """update regions set "区划名称" = left("区划名称", 12) || %s, changed = now() where random() < %s"""
ADD = """
insert into regions select (case when n %% 3 = 0 then '32' else '33' end) || left(md5(random()::text), 10), '新村' || n
from generate_series(1, %s::int) n on conflict do nothing"""
Rows = dict[str, str]


@dataclass
class Told:
    """What is printed of the outcome."""

    rounds: int = 0
    lost: int = 0
    doubled: int = 0
    half_visible: int = 0
    events: int = 0
    messages_again: int = 0


class Chaos:
    """One run.

    Args:
        address: Of the business database, where the source and the consumer's tables are.
        rows: Of the source, at the beginning.
        receiver: Of the events.
    """

    def __init__(self, address: str, rows: int, receiver: Receiver) -> None:
        self.told, self.killer, self.receiver = Told(), Killer(TIMES), receiver
        self.theirs = psycopg.connect(address, autocommit=True)
        self.theirs.execute(TABLE)
        self.theirs.execute(FILL, (rows,))
        self.theirs.execute("create table added (code text, title text)")  # one made by us has a key, and takes a row once
        self.held: dict[str, Counter[tuple[str, str]]] = {}
        self.seen: dict[str, str] = {}
        self.last = ""
        self.code, self.batch, *granted = apart(_begun, address, receiver.url)
        self.grant, self.subscription, self.connection = granted
        self.replica = self.let_out()

    def let_out(self) -> Rows:
        """What the grant lets out of the source."""
        return {code: title for code, title in self._source().items() if code.startswith(OURS)}

    def _source(self) -> Rows:
        return dict(self.theirs.execute('select "区划代码", "区划名称" from regions').fetchall())

    def round(self) -> None:
        """Change the source and carry the change everywhere."""
        mode = random.choice(MODES)
        self._change(deletes=mode != "watermark")
        self.batch = apart(_again, self.batch, mode)
        self.killer.carry("collect", _land, self.batch, random.random() < 0.5)
        self._compare("lake", self._source(), apart(_lake, self.code))
        apart(_published)
        derived, stream = apart(_places, self.grant)
        self.killer.carry("derive", _derive, after=lambda: self._torn(torn_tables(derived.parent), "derived"))
        self._compare("derived", self.let_out(), apart(_table, apart(_places, self.grant)[0]))
        self.killer.carry("tell", _tell, self.code, after=lambda: self._torn(torn_segments(stream), "stream"))
        for _ in range(EACH):
            self._deliver()
            self._into_table()
        self.killer.carry("push", _push, self.subscription, after=lambda: apart(_two_minutes_later))
        self._follow()
        self.told.rounds += 1

    def _change(self, *, deletes: bool) -> None:
        """Change the table as a business system would."""
        self.theirs.execute(RENAME, (random.choice("甲乙丙"), random.choice((0, 0.001, 0.02, 0.3))))
        self.theirs.execute(ADD, (random.choice((0, 1, 50, 500)),))
        if deletes:
            self.theirs.execute("delete from regions where random() < %s", (random.choice((0, 0.01, 0.2)),))

    def _torn(self, found: int, what: str) -> None:
        if found:
            sys.stderr.write(f"round {self.told.rounds}: {what}: half visible\n")
        self.told.half_visible += found

    def _compare(self, what: str, there: Rows, found: list[tuple[str, str]]) -> None:
        self._tell_apart(what, Counter(there.items()), Counter(found))

    def _tell_apart(self, what: str, there: Counter[tuple[str, str]], found: Counter[tuple[str, str]]) -> None:
        lost, doubled = (there - found).total(), (found - there).total()
        if lost or doubled:
            sys.stderr.write(f"round {self.told.rounds}: {what}: {lost} lost, {doubled} doubled\n")
        self.told.lost, self.told.doubled = self.told.lost + lost, self.told.doubled + doubled

    def _deliver(self) -> None:
        number, home = apart(_asked, self.grant, {"form": random.choice(FORMS)})
        self.killer.carry("deliver", _carry, number, after=lambda: self._torn(torn_files(home), "files"))
        self._torn(torn_files(home), "files")
        self._compare("files", self.let_out(), apart(_of_files, home))

    def _into_table(self) -> None:
        mode, table = random.choice(list(INTO.items()))
        wanted = {"channel": "table", "connection": self.connection, "place": table, "mode": mode}
        number, _ = apart(_asked, self.grant, wanted)
        before, out = self.held.get(table, Counter()), self.let_out()
        after = Counter(out.items()) if mode == "full" else before + Counter(out.items())
        if mode == "upsert":
            after = Counter((dict(before.keys()) | out).items())

        def looked_at() -> None:
            self._torn(int(self._there(table) not in (before, after)), table)

        self.killer.carry("into_table", _carry, number, after=looked_at)
        self.held[table] = after
        self._tell_apart(table, after, self._there(table))

    def _there(self, table: str) -> Counter[tuple[str, str]]:
        try:
            return Counter(self.theirs.execute(f"select code, title from {table}").fetchall())
        except psycopg.errors.UndefinedTable:
            return Counter()

    def _follow(self) -> None:
        """Make the rows of what the receiver took, each message by its key and each event by its id once."""
        for key, body in self.receiver.came():
            if key in self.seen:
                self.told.messages_again += 1
                self.told.doubled += self.seen[key] != body
                continue
            self.seen[key] = body
            for event in json.loads(body):
                self._take(event)
        self._compare("receiver", self.let_out(), list(self.replica.items()))

    def _take(self, event: dict[str, Any]) -> None:
        self.told.events += 1
        self.told.doubled += event.get("sequence", "") <= self.last
        self.last = event.get("sequence", self.last)
        told = event["data"]
        if "before" in told:
            one = told["before"]
            self.told.doubled += self.replica.pop(one["code"], None) != one["title"]
        if "after" in told:
            one = told["after"]
            self.told.doubled += one["code"] in self.replica
            self.replica[one["code"]] = one["title"]


def _begun(address: str, url: str) -> tuple[Any, ...]:
    """Attach the source, land it once, grant it; in one process, since the factories count in it."""
    from datong.contexts.exchange import usecases
    from factories.catalog import a_compiler
    from factories.exchange import a_shared_resource

    code = a_shared_resource(sharing_methods=METHODS).resource.code
    offer = usecases.Offer(name="regions", dsn=address, options={"table": "regions"})
    batch = usecases.attach(code, offer, by=a_compiler()).pk
    _land(batch)
    return code, batch, *_granted(code, address, url)


def _granted(code: str, address: str, url: str) -> tuple[str, str, str]:
    """Grant some items and rows, follow them with a receiver, and keep a connection for the consumer."""
    from datong.contexts.catalog.models import Version
    from datong.contexts.exchange import usecases as exchange
    from datong.contexts.sharing.domain import RowRule
    from datong.contexts.subscriptions import usecases as subscriptions
    from datong.kernel.actors import Role
    from factories import connections
    from factories.sharing import CONSUMER, a_grant, a_request, a_request_draft
    from factories.subscriptions import a_keeper

    home = Version.objects.get(resource__code=code)
    draft = a_request_draft(
        home, channels=("file", "table", "subscription"), items=("code", "title"), row_scope="本省",
        rows=(RowRule("code", "prefix", (OURS,)),), delivery_mode="full", update_cycle="daily", quota_per_day=1_000_000,
    )  # fmt: skip
    grant = a_grant(request=a_request(draft)).number
    exchange.publish_policy()
    number = subscriptions.subscribe(grant, "区划同步", by=a_keeper()).number
    subscriptions.push_to(number, url, by=a_keeper())
    there = connections.of_database(connections.a_keeper(CONSUMER, Role.APPLICANT), address)
    exchange.publish_policy()
    return grant, number, there.number


def _again(batch: int, mode: str) -> int:
    """Ask for another collection, in some mode."""
    from datong.contexts.exchange import usecases
    from datong.contexts.exchange.models import Batch
    from factories.catalog import a_compiler

    made = usecases.collect_now(Batch.objects.get(pk=batch).source_id, by=a_compiler())
    mark = {"column": "changed", "type": "T", "overlap": 60} if mode == "watermark" else {}
    Batch.objects.filter(pk=made.pk).update(mode=mode, watermark=mark)
    return int(made.pk)


def _land(number: int, tells: bool = True) -> None:  # noqa: FBT001, FBT002  travels to a process
    """Land a batch; what changed is told by the same process, or left to the one that tells what was not told."""
    from datong.contexts.exchange import usecases
    from datong.contexts.exchange.models import Batch

    if not tells:
        usecases.following._landings.clear()  # noqa: SLF001  in this process alone
    usecases.run_batch(number)
    ended = Batch.objects.get(pk=number)
    if ended.stage != "landed":
        raise RuntimeError(f"batch {number} ended {ended.stage}: {ended.error} {ended.differences}")


def _lake(code: str) -> list[tuple[str, str]]:
    from datong.contexts.exchange.usecases import landing

    return _table(Path(landing.place_of(code)))


def _table(folder: Path) -> list[tuple[str, str]]:
    from deltalake import DeltaTable

    read = DeltaTable(str(folder)).to_pyarrow_table(columns=["code", "title"])
    return [(one["code"], one["title"]) for one in read.to_pylist()]


def _published() -> None:
    from datong.contexts.exchange import usecases

    usecases.publish_policy()


def _places(grant: str) -> tuple[Path, Path]:
    """Where the derived table of the grant lies, and the stream of its events."""
    from django.conf import settings

    from datong.contexts.exchange import face as exchange
    from datong.contexts.subscriptions.usecases import streaming
    from datong.kernel.sharing import Channel

    told = exchange.outlet(grant, Channel.SUBSCRIPTION)
    return told.folder, Path(settings.NODE_FOLDER.path) / streaming.stream_of(told)


def _derive() -> None:
    from datong.contexts.exchange import usecases

    usecases.make_tables()


def _tell(code: str) -> None:
    from datong.contexts.subscriptions import usecases

    usecases.tell(code)


def _asked(grant: str, wanted: dict[str, Any]) -> tuple[str, Path]:
    from datong.contexts.deliveries import usecases
    from datong.contexts.deliveries.domain.asking import Wanted
    from datong.contexts.deliveries.usecases import writing
    from factories.sharing import an_applicant

    number = usecases.ask(Wanted(grant, **wanted), by=an_applicant()).number
    return number, writing.home(number)


def _carry(number: str) -> None:
    from datong.contexts.deliveries import usecases
    from datong.contexts.deliveries.models import Delivery

    usecases.run_delivery(number)
    ended = Delivery.objects.get(number=number)
    if ended.stage not in {"ready", "delivered"}:
        raise RuntimeError(f"delivery {number} ended {ended.stage}: {ended.error}")


def _of_files(home: Path) -> list[tuple[str, str]]:
    """Rows of the one data file of a delivery."""
    import pyarrow.parquet as pq

    (path,) = [one for one in home.iterdir() if one.suffix[1:] in FORMS]
    if path.suffix == ".parquet":
        return [(one["code"], one["title"]) for one in pq.read_table(path).to_pylist()]
    if path.suffix == ".jsonl":
        lines = map(json.loads, path.read_text("utf-8").splitlines())
        return [(one["code"], one["title"]) for one in lines]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [(code, title) for code, title in csv.reader(file)][1:]


def _push(number: str) -> None:
    from datong.contexts.subscriptions import usecases
    from datong.contexts.subscriptions.models import Push

    usecases.push_due()
    row = Push.objects.get(subscription__number=number)
    if row.claimed_at or row.stuck or row.error:
        raise RuntimeError(f"the push of {number} stands: {row.error}")


def _two_minutes_later() -> None:
    """Let a batch go that a killed sender had taken, as time would."""
    from django.db.models import F

    from datong.contexts.subscriptions.domain import CLAIMED_FOR
    from datong.contexts.subscriptions.models import Push

    Push.objects.filter(claimed_at__isnull=False).update(claimed_at=F("claimed_at") - CLAIMED_FOR)


def run(kills: int, rows: int, seconds: float) -> dict[str, Any]:
    """Kill so many times, or for so long, and tell what came of it."""
    begun, before = time.monotonic(), load()
    with tempfile.TemporaryDirectory(prefix="datong-chaos-") as folder, a_node(Path(folder) / "node") as address:
        import django

        django.setup()
        from django.core.management import call_command

        from datong.contexts.organisations import face as organisations

        call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        organisations.seed()
        receiver = Receiver(Path(folder) / "came.ndjson")
        try:
            chaos = Chaos(address, rows, receiver)
            while sum(chaos.killer.kills.values()) < kills and time.monotonic() - begun < seconds:
                chaos.round()
                sys.stderr.write(f"round {chaos.told.rounds}: {sum(chaos.killer.kills.values())} kills\n")
        finally:
            receiver.stop()
    found = chaos.killer
    took = found.recoveries or [0.0]
    return {
        "claim": CLAIM, "kills": sum(found.kills.values()), "killed": found.kills, **asdict(chaos.told),
        "max_recovery_s": round(max(took), 2), "median_recovery_s": round(statistics.median(took), 2),
        "spans_s": {name: round(span, 2) for name, span in found.spans.items()},
        "seconds": round(time.monotonic() - begun), "load": [before, load()],
    }  # fmt: skip


def main() -> None:
    """Run it and print one object."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--seconds", type=float, default=720)
    asked.add_argument("--rows", type=int, default=3_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--json", action="store_true", help="kept for the one form of all benchmarks")
    given = asked.parse_args()
    random.seed(given.seed)
    found = run(given.kills, given.rows, given.seconds) | {"rows": given.rows, "seed": given.seed}
    sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
    sys.exit(1 if found["lost"] or found["doubled"] or found["half_visible"] else 0)


if __name__ == "__main__":
    main()
