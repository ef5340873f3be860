# SPDX-License-Identifier: Apache-2.0
"""The organisations API: sessions, departments, accounts, applications, divisions, calendar."""

from ninja import Router

from datong.contexts.organisations.api import applications, deputies, people, places, sessions

router = Router()
for part in (sessions, people, deputies, applications, places):
    router.add_router("", part.router)
