# SPDX-License-Identifier: Apache-2.0
"""Writes of periods: start, stop and extend a clock; tell a post; watch the clocks; press for what is late."""

from datong.contexts.periods.usecases.clocks import extend, resume, start, stop
from datong.contexts.periods.usecases.noticing import done_with, settle, tell, urge
from datong.contexts.periods.usecases.watching import watch_clocks

__all__ = ["done_with", "extend", "resume", "settle", "start", "stop", "tell", "urge", "watch_clocks"]
