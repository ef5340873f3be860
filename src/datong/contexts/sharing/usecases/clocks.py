# SPDX-License-Identifier: Apache-2.0
"""The statutory clocks of a request and of a grant, run by the periods below.

Kept here: who holds which: the provider's head answers a request, the provider's compiler delivers on a grant; what the
clock of an answer does while a request is back to be completed is the node's to set (809 art. 21 is silent).
"""

from datetime import datetime

from django.conf import settings

from datong.contexts.periods import face as periods
from datong.contexts.sharing.domain import DELIVERY, TAG, Stage
from datong.contexts.sharing.models import Grant, Request
from datong.kernel.actors import Role

PAUSE = "pause"
COMPLETING = "一次性告知，等待申请部门补正 (told once what is missing: back with the applicant)"


def about(row: Request) -> periods.Subject:
    """Give a request as what a clock runs on and a notice is about."""
    return periods.Subject("request", row.number, row.resource.name, f"/requests/{row.number}")


def answering(row: Request, at: datetime) -> periods.Clock:
    """Start the period of the provider's answer, or let it go on where it stood still (809 art. 21)."""
    rule = f"809-21-{row.sharing_type}"
    still = periods.clock_of(row.number)
    if still is not None and still.paused_at and still.rule == rule:
        return periods.go_on(still, at, TAG[Stage.ENDORSED])
    periods.stop(row.number, at, TAG[Stage.ENDORSED])
    holder = periods.Holder(Role.PROVIDER_HEAD, row.provider_id, row.provider.region_id)
    return periods.start(rule, about(row), holder, at)


def completing(row: Request, at: datetime) -> None:
    """Stop the period of the answer while a request is completed, or let it stand still, as the node has it."""
    clock = periods.clock_of(row.number)
    if settings.NODE.completion_clock == PAUSE and clock is not None and not clock.stopped_at:
        periods.pause(clock, COMPLETING, at, TAG[Stage.RETURNED])
    else:
        periods.stop(row.number, at, TAG[Stage.RETURNED])


def delivering(row: Grant, at: datetime) -> periods.Clock:
    """Start the period of delivery (809 art. 22)."""
    subject = periods.Subject("grant", row.number, row.resource.name, f"/grants/{row.number}")
    holder = periods.Holder(Role.COMPILER, row.provider_id, row.provider.region_id)
    return periods.start(DELIVERY, subject, holder, at)


def stop(subject: str, at: datetime, tag: str) -> int:
    """Stop whatever runs on a request or grant; gives how many clocks that were."""
    return periods.stop(subject, at, tag)
