# SPDX-License-Identifier: Apache-2.0
"""The door of deliveries: what the worker does again and again, and whose copy a file is."""

from datong.contexts.deliveries.queries import deliveries, versions_in_use
from datong.contexts.deliveries.usecases import Trace, ask, run_delivery, tend, trace

__all__ = ["Trace", "ask", "deliveries", "run_delivery", "tend", "trace", "versions_in_use"]
