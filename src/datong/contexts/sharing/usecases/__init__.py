# SPDX-License-Identifier: Apache-2.0
"""Writes of sharing: one function per verb, each in one transaction with its act."""

from datong.contexts.sharing.usecases.deciding import ask_to_complete, grant_request, refuse_request
from datong.contexts.sharing.usecases.requesting import (
    draft_request,
    endorse_request,
    file_request,
    return_request,
    revise_request,
    withdraw_request,
)
from datong.contexts.sharing.usecases.stopping import (
    expire_grants,
    record_delivery,
    resume_grant,
    revoke_grant,
    suspend_grant,
)

__all__ = [
    "ask_to_complete",
    "draft_request",
    "endorse_request",
    "expire_grants",
    "file_request",
    "grant_request",
    "record_delivery",
    "refuse_request",
    "resume_grant",
    "return_request",
    "revise_request",
    "revoke_grant",
    "suspend_grant",
    "withdraw_request",
]
