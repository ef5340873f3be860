# SPDX-License-Identifier: Apache-2.0
"""Writes of periods: start, pause, stop and extend a clock; tell a post; watch the clocks; press for what is late."""

from datong.contexts.periods.usecases.clocks import extend, go_on, pause, resume, start, stop
from datong.contexts.periods.usecases.forecasting import Forecast, forecast
from datong.contexts.periods.usecases.noticing import done_with, settle, tell, urge
from datong.contexts.periods.usecases.numbering import next_number
from datong.contexts.periods.usecases.watching import watch_clocks

__all__ = [
    "Forecast",
    "done_with",
    "extend",
    "forecast",
    "go_on",
    "next_number",
    "pause",
    "resume",
    "settle",
    "start",
    "stop",
    "tell",
    "urge",
    "watch_clocks",
]
