# SPDX-License-Identifier: Apache-2.0
"""The catalogue API: classes, published resources, entries under way."""

from ninja import Router

from datong.contexts.catalog.api import entries, exporting, finding, resources

router = Router()
for part in (exporting, resources, finding, entries):
    router.add_router("", part.router)
