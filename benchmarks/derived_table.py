# SPDX-License-Identifier: Apache-2.0
"""Claim: the table of a grant, masked and cut to its rows, is made at little more than the price of copying the same columns.

Ours: `engine.derive`: the grant's items with phones, names and births masked and one region of thirteen left out, written
as a Delta table without statistics, described and named in one move. Limit: DuckDB's COPY of the same columns of the same
rows of the same files to Parquet, nothing masked, nothing described. Same process, same memory and threads; rounds are
interleaved and the median is told.

Upkeep: one row of a hundred is added, changed at the end of the table, or changed all over it; the table is brought to the
new version beside the one before, and made anew in an empty folder for comparison.

`python benchmarks/derived_table.py [--quick] [--rows N] --json` prints one object.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import _tables
from _catalogue import load
from _scratch import scratch

from datong.engine import face as engine
from datong.engine.backends import commits
from datong.engine.backends import lake as tables
from datong.engine.backends.duck.engine import DuckEngine
from datong.engine.backends.manifests import derived
from datong.engine.plans import collecting

CLAIM = "the table of a grant is made at little more than the price of copying the same columns"


def clocked(work: Callable[[], Any]) -> tuple[float, float, Any]:
    """Seconds and processor seconds of one piece of work, and what it gave."""
    before, begun = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    given = work()
    seconds, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, given


def copied(lake: Path, items: engine.Schema, target: Path) -> None:
    """DuckDB alone: the same columns of the same rows."""
    access = _tables.granted(items)
    names = ", ".join(access.granted)
    regions = ", ".join(f"'{value}'" for value in access.rows[0].values)
    target.mkdir()
    with DuckEngine(target / "spill") as session:
        session.open_table("landed", lake)
        sql = f"copy (select {names} from landed where region in ({regions})) to '{target / 'all.parquet'}' (format parquet)"
        session.rows(sql)


def rows_in(folder: Path) -> int:
    """Rows of the Parquet files of a folder."""
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(one).num_rows for one in folder.rglob("*.parquet"))


def compare(folder: Path, *, rows: int, rounds: int) -> dict[str, Any]:
    """Measure both and lay the figures side by side."""
    lake, items = folder / "lake" / "people", _tables.schema()
    lake.parent.mkdir()
    _tables.landed(lake, rows)
    before = load()
    mine: list[tuple[float, float, Any]] = []
    bound: list[tuple[float, float, Any]] = []
    for number in range(rounds + 1):  # the first is warmth
        mine.append(clocked(lambda place=folder / f"derived{number}": _tables.derived(lake, items, place)))
        bound.append(clocked(lambda place=folder / f"copied{number}": copied(lake, items, place)))
        held, plain = derived(mine[-1][2]), rows_in(folder / f"copied{number}")
        if held is None or held.rows != plain:
            raise SystemExit(f"not the same rows: {held and held.rows} and {plain}")
        size = {"bytes": held.size}, {"bytes": sum(one.stat().st_size for one in (folder / f"copied{number}").rglob("*.parquet"))}
        for name in (f"derived{number}", f"copied{number}"):
            shutil.rmtree(folder / name)
    upkeep = kept_up(folder, rows)
    told = [_told(one[1:], held.rows) | more for one, more in zip((mine, bound), size, strict=True)]
    return {
        "claim": CLAIM,
        "scale": {"rows": rows, "given": held.rows, "rounds": rounds, "cores": os.cpu_count(),
                  "lake_files": len(tables.files(tables.open_table(lake), lake)), "load": [before, load()]},
        "ours": told[0] | {"does": "masks, row filter, Delta table, manifest", "upkeep_at_one_in_a_hundred": upkeep},
        "peers": {},
        "limit": told[1] | {"what": "DuckDB COPY of the same columns and rows to Parquet"},
        "ratios": {
            name: round(told[1][of] / told[0][of], 3) for name, of in (("of_limit", "seconds"), ("of_limit_cpu", "cpu"))
        },
    }  # fmt: skip


def kept_up(folder: Path, rows: int) -> dict[str, Any]:
    """What a new version costs where one of a hundred rows changed, as a share of making the table anew."""
    lake, items = folder / "lake" / "people", _tables.schema()
    changed = {
        "added": f"select * replace (cert || '+' as cert) from landed limit {rows // 100}",
        "changed_at_the_end": f"select * replace (income + 1 as income) from landed offset {rows - rows // 100}",
        "changed_all_over": "select * replace (income + 1 as income) from landed where cast(right(cert, 2) as int) = 7",
    }
    found = {}
    for name, sql in changed.items():
        copy, place = folder / name / "people", folder / name / "derived"
        shutil.copytree(lake, copy)
        _tables.derived(copy, items, place)
        with DuckEngine(folder / name / "spill") as session:
            session.open_table("landed", copy)
            if name == "added":
                commits.append(copy, session.query(name, sql, ()), batch=name, said={})
            else:
                said = session.query(name, f"select *, '{collecting.UPDATE}' as {collecting.CHANGE} from ({sql})", ())
                columns = tuple(collecting.lake_types(items))
                commits.merge(copy, said, columns, items.keys, batch=name, said={})
        again = clocked(lambda copy=copy, place=place: _tables.derived(copy, items, place))
        whole = clocked(lambda copy=copy, name=name: _tables.derived(copy, items, folder / name / "anew"))
        found[name] = {
            "seconds": round(again[0], 3), "anew_seconds": round(whole[0], 3), "of_anew": round(again[0] / whole[0], 3),
            "of_anew_cpu": round(again[1] / whole[1], 3),
        }  # fmt: skip
        shutil.rmtree(folder / name)
    return found


def _told(found: list[tuple[float, float, Any]], rows: int) -> dict[str, Any]:
    seconds = statistics.median(one[0] for one in found)
    return {
        "seconds": round(seconds, 3), "cpu": round(statistics.median(one[1] for one in found), 3),
        "rows_per_second": round(rows / seconds), "rounds": [round(one[0], 3) for one in found],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="200,000 rows, one round; ends within a minute")
    parser.add_argument("--rows", type=int, help="1,000,000 unless told")
    parser.add_argument("--json", action="store_true", help="one JSON object (there is no other form)")
    said = parser.parse_args()
    with scratch("derived") as folder:
        found = compare(folder, rows=said.rows or (200_000 if said.quick else 1_000_000), rounds=1 if said.quick else 5)
        print(json.dumps(found, ensure_ascii=False, indent=None if said.quick else 2))


if __name__ == "__main__":
    main()
