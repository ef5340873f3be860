# SPDX-License-Identifier: Apache-2.0
"""What the catalogue's benchmark measures beside the search itself: changes seen, pages, the feed, exports.

Kept here: a change is followed by the worker of a node, in its own process, and looked for by somebody else; pages are whole
answers of the server, middleware and templates included; an export is read to the end of what is asked, piece by piece.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

REFUSES = 30.0
"""Seconds after which a change counts as never seen."""
LOOKS = 0.005
PAGES = {
    "search_all": "/search", "search_word": "/search?q=登记", "search_page_50": "/search?q=登记&page=50",
    "search_facet": "/search?q=登记&region=330000", "search_newest": "/search?sort=newest",
    "resources_api": "/api/v1/resources?q=户籍",
}  # fmt: skip
LISTS = {"entries": "/catalog?tab=all", "entries_page_50": "/catalog?tab=all&page=50"}
FEEDS = {"feed_first": "/catalog.ttl", "feed_middle_jsonld": "/catalog.jsonld?after={middle}&snapshot={taken}"}
EXPORTS = {"csv": "/api/v1/resources/export.csv", "jsonl": "/api/v1/resources/export.jsonl"}


def clocked(work: Callable[[], object]) -> float:
    """Milliseconds of one piece of work."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def told(times: list[float]) -> dict[str, float]:
    """Median, 95 of 100, mean of milliseconds."""
    ranked = sorted(times)
    worst = ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))]
    return {"p50_ms": round(statistics.median(times), 2), "p95_ms": round(worst, 2), "mean_ms": round(statistics.mean(times), 2)}


@contextmanager
def a_worker(log: Path) -> Iterator[None]:
    """The worker of the node, as its supervisor starts it, ready."""
    command = [sys.executable, "-m", "datong.config.node", "worker"]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT) as process:
        try:
            until = time.monotonic() + 60
            while b'"ready"' not in log.read_bytes():
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(log.read_text()[-2000:])
                time.sleep(0.05)
            yield
        finally:
            process.terminate()


def changes(folder: Path, number: int, tries: int) -> dict[str, float]:
    """Seconds from the commit of a publication to the hit, for somebody who did not make it.

    Args:
        folder: Of the node.
        number: Entries there are.
        tries: Publications, one after another.
    """
    from django.db import connection, transaction

    from datong.config.demo import catalogue, loading
    from datong.contexts.audit import face as audit
    from datong.kernel.actors import SYSTEM

    pattern = next(catalogue.entries(1, catalogue.homes_of(1)))
    times = []
    with a_worker(folder / "log" / "worker-bench.log"):
        for place in range(1, tries + 1):
            key = number + place
            new = replace(pattern, code=f"{pattern.head}/{10**6 + key}", sequence=10**6 + key, name=f"灯塔登记簿第{key}册")
            with transaction.atomic(), connection.cursor() as cursor:
                loading.load_entries(cursor.cursor, [new], first=key)
                audit.record("catalog.entry.published", by=SYSTEM, subject=new.code)
            times.append(_seen(new.name, new.code))
    return {"median_seconds": round(statistics.median(times), 3), "worst_seconds": round(max(times), 3), "changes": tries}


def _seen(name: str, code: str) -> float:
    from datong.contexts.catalog import face as catalog

    begun = time.perf_counter()
    while time.perf_counter() - begun < REFUSES:
        found = catalog.search(name, by=None)
        if found.indexed and any(hit.code == code for hit in found.hits):
            return time.perf_counter() - begun
        time.sleep(LOOKS)
    raise RuntimeError(f"{code} was not found within {REFUSES} s")


def pages(number: int, rounds: int) -> dict[str, dict[str, float]]:
    """Server time of whole pages: the public's, an officer's list, the feed."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    from datong.contexts.catalog import face as catalog
    from datong.contexts.organisations import face as organisations

    made = organisations.first_administrator()
    get_user_model().objects.update(must_change_password=False)
    public, officer = (Client(SERVER_NAME=settings.ALLOWED_HOSTS[0]) for _ in range(2))
    officer.force_login(get_user_model().objects.get(username=made[0] if made else "admin"))
    told_feeds = {name: path.format(middle=number // 2, taken=catalog.snapshot()) for name, path in FEEDS.items()}
    asked = [(public, PAGES), (public, told_feeds), (officer, LISTS)]
    return {name: _page(client, path, rounds) for client, paths in asked for name, path in paths.items()}


def _page(client: Any, path: str, rounds: int) -> dict[str, float]:
    times = []
    for _ in range(rounds + 1):
        begun = time.perf_counter()
        response = client.get(path)
        times.append((time.perf_counter() - begun) * 1000)
        if response.status_code != 200:
            raise RuntimeError(f"{path}: {response.status_code}")
    return told(times[1:])


def exports(most: int) -> dict[str, dict[str, float]]:
    """Entries a second of the bulk export, and by how much the process grew while it was written.

    Args:
        most: Lines after which the export is left off.
    """
    from django.conf import settings
    from django.test import Client

    client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
    return {kind: _export(client, path, most) for kind, path in EXPORTS.items()}


def _export(client: Any, path: str, most: int) -> dict[str, float]:
    process = psutil.Process()
    before = most_held = process.memory_info().rss
    begun, lines, size, first = time.perf_counter(), 0, 0, 0.0
    response = client.get(path)
    for piece in response.streaming_content:
        first = first or time.perf_counter() - begun
        lines, size = lines + piece.count(b"\n"), size + len(piece)
        most_held = max(most_held, process.memory_info().rss)
        if lines >= most:
            break
    spent = time.perf_counter() - begun
    response.close()
    return {
        "entries": lines, "entries_per_second": round(lines / spent), "first_bytes_ms": round(first * 1000, 1),
        "megabytes": round(size / 2**20, 1), "grown_megabytes": round((most_held - before) / 2**20, 1),
    }  # fmt: skip


def load() -> float:
    """Runnable processes of the last minute."""
    return round(os.getloadavg()[0], 2)
