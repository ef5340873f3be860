# SPDX-License-Identifier: Apache-2.0
"""The demands API: demands with their answers, matches, responsibilities, figures."""

from ninja import Router

from datong.contexts.demands.api import demands, lists

router = Router()
for part in (demands, lists):
    router.add_router("", part.router)
