# SPDX-License-Identifier: Apache-2.0
"""The sharing API: requests, decisions, grants."""

from ninja import Router

from datong.contexts.sharing.api import grants, requests

router = Router()
for part in (requests, grants):
    router.add_router("", part.router)
