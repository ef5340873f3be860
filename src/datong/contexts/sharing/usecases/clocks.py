# SPDX-License-Identifier: Apache-2.0
"""The statutory clocks of a request and of a grant, run by the periods below.

Kept here: who holds which: the provider's head answers a request, the provider's compiler delivers on a grant.
"""

from datetime import datetime

from datong.contexts.periods import face as periods
from datong.contexts.sharing.domain import DELIVERY
from datong.contexts.sharing.models import Grant, Request
from datong.kernel.actors import Role


def answering(row: Request, at: datetime) -> periods.Clock:
    """Start the period of the provider's answer (809 art. 21)."""
    about = periods.Subject("request", row.number, row.resource.name, f"/requests/{row.number}")
    holder = periods.Holder(Role.PROVIDER_HEAD, row.provider_id, row.provider.region_id)
    return periods.start(f"809-21-{row.sharing_type}", about, holder, at)


def delivering(row: Grant, at: datetime) -> periods.Clock:
    """Start the period of delivery (809 art. 22)."""
    about = periods.Subject("grant", row.number, row.resource.name, f"/grants/{row.number}")
    holder = periods.Holder(Role.COMPILER, row.provider_id, row.provider.region_id)
    return periods.start(DELIVERY, about, holder, at)


def stop(subject: str, at: datetime, tag: str) -> int:
    """Stop whatever runs on a request or grant; gives how many clocks that were."""
    return periods.stop(subject, at, tag)
