# SPDX-License-Identifier: Apache-2.0
"""Writes of sharing: one function per verb, each in one transaction with its act."""

from datong.contexts.sharing.usecases.accounting import Use, record_use
from datong.contexts.sharing.usecases.changing import (
    answer_change,
    drop_change,
    effect_change,
    file_change,
    propose_change,
    record_change,
)
from datong.contexts.sharing.usecases.deciding import ask_to_complete, give_opinion, grant_request, refuse_request
from datong.contexts.sharing.usecases.disposing import certify_disposal, demand_disposal, lift_disposal, watch_disposals
from datong.contexts.sharing.usecases.extending import ask_extension, decide_extension
from datong.contexts.sharing.usecases.policies import PolicyDraft, end_policy, set_policy
from datong.contexts.sharing.usecases.renewing import Renewal, remind_grants, renew_grants, renewal_of
from datong.contexts.sharing.usecases.requesting import (
    draft_request,
    endorse_request,
    file_request,
    return_request,
    revise_request,
    withdraw_request,
)
from datong.contexts.sharing.usecases.several import Outcome, endorse_requests
from datong.contexts.sharing.usecases.stopping import (
    expire_grants,
    record_delivery,
    resume_grant,
    revoke_grant,
    suspend_grant,
    terminate_grant,
)

__all__ = [
    "Outcome",
    "PolicyDraft",
    "Renewal",
    "Use",
    "answer_change",
    "ask_extension",
    "ask_to_complete",
    "certify_disposal",
    "decide_extension",
    "demand_disposal",
    "draft_request",
    "drop_change",
    "effect_change",
    "end_policy",
    "endorse_request",
    "endorse_requests",
    "expire_grants",
    "file_change",
    "file_request",
    "give_opinion",
    "grant_request",
    "lift_disposal",
    "propose_change",
    "record_change",
    "record_delivery",
    "record_use",
    "refuse_request",
    "remind_grants",
    "renew_grants",
    "renewal_of",
    "resume_grant",
    "return_request",
    "revise_request",
    "revoke_grant",
    "set_policy",
    "suspend_grant",
    "terminate_grant",
    "watch_disposals",
    "withdraw_request",
]
