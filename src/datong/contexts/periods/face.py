# SPDX-License-Identifier: Apache-2.0
"""The front door of periods: run a clock on something, tell a post, see what is due."""

from datong.contexts.periods.domain import STATUTE, Holder, NoticeKind, Rule, Subject
from datong.contexts.periods.models import Clock, Notice
from datong.contexts.periods.queries import clock_of, clocks, clocks_of, is_open, notices, notices_since, recomputed, running
from datong.contexts.periods.usecases import (
    Forecast,
    done_with,
    extend,
    forecast,
    go_on,
    next_number,
    pause,
    resume,
    start,
    stop,
    tell,
    watch_clocks,
)

__all__ = [
    "STATUTE",
    "Clock",
    "Forecast",
    "Holder",
    "Notice",
    "NoticeKind",
    "Rule",
    "Subject",
    "clock_of",
    "clocks",
    "clocks_of",
    "done_with",
    "extend",
    "forecast",
    "go_on",
    "is_open",
    "next_number",
    "notices",
    "notices_since",
    "pause",
    "recomputed",
    "resume",
    "running",
    "start",
    "stop",
    "tell",
    "watch_clocks",
]
