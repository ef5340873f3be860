# SPDX-License-Identifier: Apache-2.0
"""Streams of change events as a gateway finds them, and the part of a grant that names one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from datong.wire import events
from datong.wire import policy as wire

DIGEST, OTHER = "a1" * 16, "b2" * 16
PLACE, NUMBER = f"events/3330001001-1/{DIGEST}", "E20261122-0001"
START = f"{DIGEST[:16]}-4-0"
FOLLOWED: dict[str, Any] = {
    "channels": ["call", "verify", "subscription"],
    "events": PLACE,
    "subscriptions": [wire.Subscription(number=NUMBER, start=START)],
}


def grow(node: Path, version: int, count: int) -> None:
    """Tell a version of so many events; the stream begins after version 3."""
    folder = node / PLACE
    held = events.manifest(folder) or events.Manifest(digest=DIGEST, since=3, newest=3)
    cursors = [events.Cursor(held.name, version, index) for index in range(1, count + 1)]
    lines = [events.event(one, "insert", "2026-11-22T00:00:00Z", {"after": {"name": f"张{one.index}"}}) for one in cursors]
    made = events.write(folder, version, lines)
    segments = (*held.segments, events.Segment(version, made, time.time())) if made else held.segments
    events.publish(folder, events.Manifest(digest=DIGEST, since=held.since, newest=version, segments=segments))
