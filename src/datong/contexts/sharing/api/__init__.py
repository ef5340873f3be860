# SPDX-License-Identifier: Apache-2.0
"""The sharing API: requests, decisions, grants."""

from ninja import Router

from datong.contexts.sharing.api import asking, decisions, grants, lives, printing, requests

router = Router()
for part in (printing, decisions, asking, requests, grants, lives):
    router.add_router("", part.router)
