# SPDX-License-Identifier: Apache-2.0
"""The catalogue API: classes, published resources, entries under way, their life, the inventory behind them."""

from ninja import Router

from datong.contexts.catalog.api import (
    comparing,
    compiling,
    entries,
    exporting,
    finding,
    inventory,
    laws,
    removals,
    resources,
    tickets,
)

router = Router()
for part in (exporting, resources, finding, entries, comparing, tickets, removals, laws, inventory, compiling):
    router.add_router("", part.router)
