# SPDX-License-Identifier: Apache-2.0
"""GET /metrics: figures of all gateways of the node, for Prometheus.

Kept here: whichever gateway is asked tells of all, from their books and the board, for they share one port. Answered to
addresses of the node's list alone, to others it is an unknown place; what came through a stranger's proxy is a stranger's.
No label names a person, a department or a resource: those are on the pages, for whoever may see them.
"""

import contextlib
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from datong.gateway import spancounts
from datong.gateway.asking import origin_of
from datong.gateway.config import GatewayConfig
from datong.gateway.limits.board import SEATS, Seat, seats
from datong.kernel.addresses import inside
from datong.wire import tallies
from datong.wire.metrics import Family, Sample, histogram, text

SECONDS: Final = tuple(edge / 1_000 for edge in tallies.STEPS)
Total = tuple[str, str, int, int, int, int]


def may_read(scope: Mapping[str, Any], config: GatewayConfig) -> bool:
    """Whether the figures are for whoever asks."""
    forwarded = any(name in {b"x-forwarded-for", b"forwarded"} for name, _ in scope["headers"])
    peer = scope.get("client")
    if forwarded and not (peer and inside(str(peer[0]), config.proxies)):
        return False
    return inside(origin_of(scope, config.proxies), config.metrics)


def written(config: GatewayConfig, now: float) -> str:
    """Tell the figures of all gateways of the node."""
    folder = config.policy_file.parent
    totals = {seat: list(_totals(folder / tallies.name_of(seat))) for seat in range(SEATS)}
    signs = {seat: sign for seat, sign in enumerate(seats(config.board, SEATS)) if sign is not None}
    spans = list(spancounts.read(folder))
    return text([*_of_gateways(signs, now), *_of_calls({seat: rows for seat, rows in totals.items() if rows}), *_of_spans(spans)])


def _totals(path: Path) -> Iterator[Total]:
    if not path.exists():
        return
    with contextlib.suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1)) as book:
        yield from book.execute(tallies.TOTALS).fetchall()


def _of_gateways(signs: Mapping[int, Seat], now: float) -> list[Family]:
    def each(value: Any) -> list[Sample]:
        return [({"gateway": str(seat)}, float(value(sign))) for seat, sign in signs.items()]

    return [
        Family("datong_gateway_ready", "gauge", "Whether it lives and can answer calls", each(lambda one: one.ready(now))),
        Family("datong_gateway_policy_version", "gauge", "Policy it answers on", each(lambda one: one.policy_version)),
        Family(
            "datong_gateway_lease_seconds", "gauge", "For how long it may go on without a new policy",
            each(lambda one: max(0.0, one.lease_ends - now)),
        ),
        Family("datong_gateway_evidence_open", "gauge", "Whether it can keep evidence", each(lambda one: one.evidence)),
    ]  # fmt: skip


def _of_calls(totals: Mapping[int, list[Total]]) -> list[Family]:
    calls, rows, size = Counter[tuple[int, str, str]](), Counter[tuple[int, str]](), Counter[tuple[int, str]]()
    steps: dict[tuple[int, str], Counter[int]] = defaultdict(Counter)
    for seat, found in totals.items():
        for channel, code, step, count, given, length in found:
            calls[seat, channel, code] += count
            rows[seat, channel] += given
            size[seat, channel] += length
            steps[seat, channel][step] += count
    timed = [one for (seat, channel), some in steps.items() for one in histogram(_place(seat, channel), SECONDS, some)]
    made = [({**_place(seat, channel), "code": code}, float(count)) for (seat, channel, code), count in calls.items()]
    return [
        Family("datong_calls_total", "counter", "Calls by channel and outcome: ok, or the code of the refusal", made),
        Family("datong_rows_total", "counter", "Records given", [(_place(*at), float(many)) for at, many in rows.items()]),
        Family(
            "datong_bytes_total", "counter", "Bytes given, before compression",
            [(_place(*at), float(many)) for at, many in size.items()],
        ),
        Family("datong_call_seconds", "histogram", "From a call's coming until its evidence was durable", timed),
    ]


def _of_spans(told: list[tuple[str, spancounts.Counts]]) -> list[Family]:
    if not told:
        return []
    return [
        Family(
            "datong_spans_exported_total", "counter", "Spans that the collector of traces took",
            [({"process": name}, float(one.exported)) for name, one in told],
        ),
        Family(
            "datong_spans_dropped_total", "counter", "Spans let go: no room in the queue, or not taken by the collector",
            [({"process": name}, float(one.dropped)) for name, one in told],
        ),
    ]  # fmt: skip


def _place(seat: int, channel: str) -> dict[str, str]:
    return {"gateway": str(seat), "channel": channel}
