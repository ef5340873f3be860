# SPDX-License-Identifier: Apache-2.0
"""Claim: a million entries are searched as a clerk types, with counts and facets, faster and better than PostgreSQL alone.

Ours: the whole of `catalog.search` by the embedded index: words, sounds, other names, typos; counts, ten facets, hits read
again from the database through the predicate of visibility. Peers, on the same rows and machine: ILIKE over names,
abstracts, departments and items, and to_tsvector with a GIN index, each with the count, the same facets and the first page.
Recall is of 60 questions whose right answer is known (`datong.config.demo.questions`).
Beside it: how long until a change is found by others, a rebuild, whole pages of the server, the feed, bulk exports.

`python benchmarks/catalog_search.py [--quick] [--json]` prints one object and leaves nothing behind; a whole run takes about
5 GB of disk and two gigabytes of memory. `load` is how many processes wanted to run in the minute before each part.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from _catalogue import changes, clocked, exports, load, pages, told
from _scratch import scratch

from datong.config.demo.questions import QUESTIONS, answers
from datong.config.node.folder import NodeConfig, NodeFolder
from datong.config.node.postgres import EmbeddedPostgres
from datong.crypto import keys

FACETS = (
    "v.sharing_type", "v.opening_type", "v.update_cycle", "v.level", "v.format_class", "substr(r.code, 1, 1)",
    "substr(r.code, 1, 3)", "r.provider_id", "substr(d.region_id, 1, 2)",
)  # fmt: skip
JOINED = """catalog_resource r join catalog_version v on v.id = r.current_id
    join organisations_department d on d.uscc = r.provider_id where r.withdrawn_at is null"""
ILIKE = """(r.name ilike %(like)s or v.abstract ilike %(like)s or d.name ilike %(like)s or r.code like %(begins)s
    or exists (select 1 from catalog_item i where i.version_id = v.id and i.name ilike %(like)s))"""
VECTOR = "r.id in (select id from plain_text where words @@ plainto_tsquery('simple', %(q)s))"
PEERS = {"ilike": ILIKE, "tsvector": VECTOR}
CLAIM = "a million entries are searched as a clerk types, with counts and facets, faster and better than PostgreSQL alone"
TUNED = {"shared_buffers": "1GB", "fsync": "off", "max_wal_size": "4GB", "work_mem": "64MB"}


def made_node(folder: Path) -> EmbeddedPostgres:
    """Make a node whose database runs, and Django for it."""
    place = NodeFolder(folder)
    for one in place.places():
        one.mkdir(parents=True)
    (place.evidence / "node.pub").write_bytes(keys.generate(place.key).public_pem())
    place.write(NodeConfig(code="330000", name="浙江省", role="provincial", secret_key=secrets.token_urlsafe(48)))
    server = EmbeddedPostgres(place.postgres, place.log / "postgres.log", TUNED)
    server.start()
    os.environ |= {
        "DATONG_NODE": str(folder),
        "DATONG_DATABASE_URL": server.url,
        "DJANGO_SETTINGS_MODULE": "datong.config.settings",
    }
    return server


def fill(number: int) -> dict[str, float]:
    """Migrate, seed and copy the made-up catalogue in; the text index of the peer as well."""
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection, transaction

    from datong.config.demo import catalogue, loading
    from datong.contexts.catalog import face as catalog
    from datong.contexts.organisations import face as organisations

    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    for seed in (organisations.seed, catalog.seed_classes, catalog.seed_synonyms):
        seed()
    begun = time.perf_counter()
    homes = catalogue.homes_of(number)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local statement_timeout = 0")
        loading.load_bodies(cursor.cursor, homes)
        loading.load_entries(cursor.cursor, catalogue.entries(number, homes))
    loaded = time.perf_counter() - begun
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("set statement_timeout = 0")
        cursor.execute(
            "create table plain_text as select r.id, to_tsvector('simple', r.name || ' ' || v.abstract || ' ' || d.name"
            f" || ' ' || r.code) as words from {JOINED}"
        )
        cursor.execute("create index on plain_text using gin (words)")
        cursor.execute("analyze")
    return {"load_seconds": round(loaded, 1), "tsvector_seconds": round(time.perf_counter() - begun, 1)}


def timed(ask: Callable[[str], list[tuple[str, str]]], questions: tuple[Any, ...]) -> dict[str, Any]:
    """Ask every question once, unknown to any cache of answers; how long each took, and which were answered rightly."""
    times, right = [], 0
    for question in questions:
        begun = time.perf_counter()
        found = ask(question.text)
        times.append((time.perf_counter() - begun) * 1000)
        right += answers(question, found)
    return told(times) | {"recall": round(right / len(questions), 3), "questions": len(questions)}


def ours(rounds: int) -> dict[str, Any]:
    """The whole search of an officer, as the pages and the API call it."""
    from datong.contexts.catalog import face as catalog
    from datong.contexts.catalog.queries import shelf
    from datong.kernel.actors import Officer, Role

    by = Officer("bench", "bench", "", "", "330000", frozenset({Role.APPLICANT}))

    def ask(q: str) -> list[tuple[str, str]]:
        return [(one.name, one.provider_name) for one in catalog.search(q, by=by, per_page=20).hits]

    def a_round() -> dict[str, Any]:
        shelf._index.cache_clear()  # noqa: SLF001  what a reader keeps of answers goes with it
        ask("户籍")
        return timed(ask, QUESTIONS)

    results = [a_round() for _ in range(rounds)]
    middle = sorted(results, key=lambda one: one["p95_ms"])[len(results) // 2]
    typed = [clocked(lambda text=text: catalog.suggest(text, by=by)) for text in beginnings()]
    return middle | {"p95_rounds": [one["p95_ms"] for one in results], "suggest": told(typed), "list_all_ms": listed(by)}


def beginnings() -> list[str]:
    return [question.text[:length] for question in QUESTIONS for length in (1, 2, 3) if len(question.text) >= length]


def listed(by: Any) -> float:
    """Milliseconds to show the first page of everything, newest first."""
    from datong.contexts.catalog import face as catalog

    return round(statistics.median(clocked(lambda: catalog.search("", by=by, sort="newest")) for _ in range(5)), 2)


def peer(condition: str, questions: tuple[Any, ...]) -> dict[str, Any]:
    """PostgreSQL alone: every word must be found; count, facets and first page."""
    from django.db import connection

    def ask(q: str) -> list[tuple[str, str]]:
        words = q.split() or [q]
        given = {f"{name}{place}": text for place, word in enumerate(words) for name, text in _given(word).items()}
        where = " and ".join(condition.replace(")s", f"{place})s") for place in range(len(words)))
        with connection.cursor() as cursor:
            cursor.execute(
                f"create temp table found on commit drop as select r.id, r.name, d.name as provider, {', '.join(_named())}"
                f" from {JOINED} and {where}", given,
            )  # fmt: skip
            for place in range(len(FACETS)):
                cursor.execute(f"select f{place}, count(*) from found group by 1 order by 2 desc limit 20")
                cursor.fetchall()
            cursor.execute("select count(*) from found")
            cursor.execute("select name, provider from found order by length(name), name limit 20")
            return [tuple(row) for row in cursor.fetchall()]

    from django.db import transaction

    def apart(q: str) -> list[tuple[str, str]]:
        with transaction.atomic():
            return ask(q)

    return timed(apart, questions)


def _given(word: str) -> dict[str, str]:
    return {"like": f"%{word}%", "begins": f"{word}%", "q": word}


def _named() -> list[str]:
    return [f"{column} as f{place}" for place, column in enumerate(FACETS)]


def rebuilt(folder: Path) -> dict[str, Any]:
    """Rebuild and prove by the commands people use, each in a process of its own."""
    built = commanded(folder, "rebuild")
    cpu = resource.getrusage(resource.RUSAGE_CHILDREN)
    size = sum(one.stat().st_size for one in (folder / "search").rglob("*") if one.is_file())
    proved = commanded(folder, "verify")
    return built | {
        "processor_seconds": round(cpu.ru_utime + cpu.ru_stime, 1), "largest_megabytes": round(cpu.ru_maxrss / 1024),
        "megabytes": round(size / 2**20), "verify": {"ok": proved["ok"], "seconds": proved["seconds"]},
    }  # fmt: skip


def commanded(folder: Path, verb: str) -> dict[str, Any]:
    """Run `datong search VERB`."""
    command = [sys.executable, "-m", "datong.config.cli.main", "search", verb, "--node", str(folder), "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def compare(folder: Path, *, number: int, rounds: int, asked: int) -> dict[str, Any]:
    """Measure everyone and lay the figures side by side."""
    server = made_node(folder)
    loads = {}
    few = QUESTIONS[:: max(1, len(QUESTIONS) // asked)]

    def part(name: str, work: Callable[[], Any]) -> Any:
        loads[name] = load()
        found = work()
        print(json.dumps({name: found}, ensure_ascii=False), file=sys.stderr, flush=True)  # what is known if a later part fails
        return found

    try:
        filled = part("fill", lambda: fill(number))
        built = part("rebuild", lambda: rebuilt(folder))
        mine = part("search", lambda: ours(rounds))
        told_peers = part("peers", lambda: {name: peer(condition, few) for name, condition in PEERS.items()})
        doors = part("pages", lambda: pages(number, 2 * rounds + 1))
        bulk = part("exports", lambda: exports(number // 10))
        change = part("changes", lambda: changes(folder, number, 2 * rounds + 3))
    finally:
        server.stop()
    loads["end"] = load()
    ratios = {f"vs_{name}": round(one["p50_ms"] / mine["p50_ms"], 1) for name, one in told_peers.items()}
    return {
        "claim": CLAIM,
        "scale": {"entries": number, "rounds": rounds, "questions": len(QUESTIONS), "cores": os.cpu_count(), "load": loads}
        | filled,
        "ours": mine | {"rebuild": built, "change_seen": change, "pages": doors, "exports": bulk},
        "peers": told_peers,
        "ratios": ratios | {"p95_ms": mine["p95_ms"], "recall": mine["recall"]},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="50,000 entries, a third of the questions for peers")
    parser.add_argument("--json", action="store_true", help="one JSON object (there is no other form)")
    parser.add_argument("--asked", type=int, default=60, help="questions for the peers, nine seconds each at a million")
    given = parser.parse_args()
    quick = given.quick
    with scratch("search") as folder:
        size = {"number": 50_000, "rounds": 1, "asked": 20} if quick else {"number": 1_000_000, "rounds": 5, "asked": given.asked}
        found = compare(folder, **size)
        print(json.dumps(found, ensure_ascii=False, indent=None if quick else 2))


if __name__ == "__main__":
    main()
