# SPDX-License-Identifier: Apache-2.0
"""Demands, and the responsibility of each department a demand was assigned to."""

from datong.contexts.demands.models.demands import Demand
from datong.contexts.demands.models.responsibilities import Responsibility

__all__ = ["Demand", "Responsibility"]
