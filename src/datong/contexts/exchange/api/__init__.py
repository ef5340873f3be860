# SPDX-License-Identifier: Apache-2.0
"""The API of exchange."""

from datong.contexts.exchange.api import drifting, explaining
from datong.contexts.exchange.api.routes import router

router.add_router("", drifting.router)
router.add_router("", explaining.router)

__all__ = ["router"]
