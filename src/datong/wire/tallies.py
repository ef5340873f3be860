# SPDX-License-Identifier: Apache-2.0
"""Tallies of calls: how many, how long, how much, by hour and by who asked what; the form in which a gateway keeps them.

Kept here: times are counted in steps whose edges grow by the square root of two, so that they add up over hours and
gateways; a share of calls is told as the edge below which it lies, never as a guess between two. No person, case or
request stands in a tally, and it is no evidence: what a gateway that is killed counted last is lost.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping
from typing import Final

FILES: Final = "calls-*.sqlite"
"""The books of a node's gateways, beside the policy."""
STEPS: Final = tuple(float(f"{0.25 * 2 ** (step / 2):.3g}") for step in range(37))
"""Upper edges in milliseconds, from a quarter of one to a minute."""
BEYOND: Final = len(STEPS)
"""The step of what took longer than the last edge."""
HOUR: Final = 3_600
MADE: Final = """
create table if not exists tallies (
  hour integer not null, resource text not null, client text not null, department text not null, channel text not null,
  code text not null, step integer not null, calls integer not null, rows integer not null, bytes integer not null,
  counted integer not null default 0, stamp integer not null,
  primary key (hour, resource, client, department, channel, code, step)) without rowid;
create index if not exists tallies_stamp on tallies (stamp);
create table if not exists totals (
  channel text not null, code text not null, step integer not null, calls integer not null, rows integer not null,
  bytes integer not null, primary key (channel, code, step)) without rowid;
"""
"""`hour` counts hours since 1970; `counted` is as how many calls they count against quotas: a batch as many, a refusal as
none; `stamp` grows with each time of writing; totals never shrink."""
GROWN: Final = "alter table tallies add column counted integer not null default 0"
"""For a book of before `counted` was there."""
SINCE: Final = (
    "select hour, resource, client, department, channel, code, step, calls, rows, bytes, counted, stamp"
    " from tallies where stamp > ? order by stamp, hour, resource, client, department, channel, code, step"
)
TOTALS: Final = "select channel, code, step, calls, rows, bytes from totals order by channel, code, step"


def name_of(seat: int) -> str:
    """Name of the book of one gateway."""
    return FILES.replace("*", str(seat))


def step_of(milliseconds: float) -> int:
    """The step in which a time is counted."""
    return bisect_left(STEPS, milliseconds)


def edge_of(steps: Mapping[int, int], share: float) -> float | None:
    """The edge in milliseconds below which a share of calls was answered.

    Args:
        steps: Step to how many calls.
        share: Above 0, at most 1.

    Returns:
        None where there was no call; infinity where it lies beyond the last edge.
    """
    wanted = math.ceil(share * sum(steps.values()))
    passed = 0
    for step in sorted(steps):
        passed += steps[step]
        if passed and passed >= wanted:
            return STEPS[step] if step < BEYOND else math.inf
    return None
