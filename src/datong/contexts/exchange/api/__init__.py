# SPDX-License-Identifier: Apache-2.0
"""The API of exchange."""

from datong.contexts.exchange.api import collecting, describing, drifting, explaining, recipients, upstreams
from datong.contexts.exchange.api.routes import router

router.add_router("", collecting.router)
router.add_router("", describing.router)
router.add_router("", drifting.router)
router.add_router("", explaining.router)
router.add_router("", recipients.router)
router.add_router("", upstreams.router)

__all__ = ["router"]
