# SPDX-License-Identifier: Apache-2.0
"""The disputes API: disputes with their record, complaints by the public for those who handle them."""

from ninja import Router

from datong.contexts.disputes.api import complaints, disputes

router = Router()
for part in (disputes, complaints):
    router.add_router("", part.router)
