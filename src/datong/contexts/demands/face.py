# SPDX-License-Identifier: Apache-2.0
"""The front door of demands: lists, what waits, figures; keep them true after the acts of others."""

from datong.contexts.demands.queries import Figures, demands, figures, responsibilities, under_way, waiting
from datong.contexts.demands.usecases import follow

__all__ = ["Figures", "demands", "figures", "follow", "responsibilities", "under_way", "waiting"]
