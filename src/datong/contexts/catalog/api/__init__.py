# SPDX-License-Identifier: Apache-2.0
"""The catalogue API: classes, published resources, entries under way."""

from ninja import Router

from datong.contexts.catalog.api import entries, resources

router = Router()
for part in (resources, entries):
    router.add_router("", part.router)
