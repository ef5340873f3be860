# SPDX-License-Identifier: Apache-2.0
"""The corrections API: reports of errors, recalls and their receipts."""

from ninja import Router

from datong.contexts.corrections.api import recalls, reports

router = Router()
for part in (reports, recalls):
    router.add_router("", part.router)
