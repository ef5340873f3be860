# SPDX-License-Identifier: Apache-2.0
"""Requests and grants.

Kept here: a request names one version of one resource; a grant's signed document never changes (a trigger refuses it)
and no grant outlives its request. The periods that run on them are rows of the context `periods`.
Departments, resources and applications are keyed by what people and documents call them: credit code, resource code,
client id.
"""

from datong.contexts.sharing.models.baskets import BasketLine
from datong.contexts.sharing.models.changes import ChangeReply, ServiceChange
from datong.contexts.sharing.models.decisions import DecisionPolicy, DecisionStep, Extension
from datong.contexts.sharing.models.disposals import DisposalTask
from datong.contexts.sharing.models.grants import Grant, GrantReminder, UseRecord
from datong.contexts.sharing.models.requests import Request, RequestItem

__all__ = [
    "BasketLine",
    "ChangeReply",
    "DecisionPolicy",
    "DecisionStep",
    "DisposalTask",
    "Extension",
    "Grant",
    "GrantReminder",
    "Request",
    "RequestItem",
    "ServiceChange",
    "UseRecord",
]
