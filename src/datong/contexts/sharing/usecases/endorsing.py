# SPDX-License-Identifier: Apache-2.0
"""What follows when the consumer's head stands behind a request: its clock, its steps, or the node's own answer.

Kept here: the node answers only unconditional requests, below important, where the authority has switched it on; the act
is the node's, rests on that policy, and the provider is told (809 art. 21). What the node cannot answer waits for people.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.periods import face as periods
from datong.contexts.sharing.domain import TAG, Decision, Stage
from datong.contexts.sharing.domain.chains import DECIDER
from datong.contexts.sharing.models import DecisionPolicy, Request
from datong.contexts.sharing.usecases import answering, chains, clocks
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.errors import DatongError


def begin(row: Request, *, by: Officer, at: datetime) -> None:
    """Let a request endorsed just now go its way: its clock, the act of endorsing it, its steps or the node's answer."""
    way, policy = chains.way_of(row, by)
    clock = clocks.answering(row, at)
    row.revision += 1
    row.save()
    facts = {"due": clock.due.isoformat(), "calendar": clock.calendar_version, "rule": clock.rule}

    def noted() -> None:
        audit.record(TAG[Stage.ENDORSED], by=by, subject=row.number, facts=facts)

    if way.automatic and policy is not None and _answered(row, policy, by, at, noted):
        return
    noted()
    way, policy = chains.way_of(row, by, by_people=True)
    chains.lay_out(row, way, policy, at)


def _answered(row: Request, policy: DecisionPolicy, eyes: Officer, at: datetime, first: Callable[[], None]) -> bool:
    """Answer a request on a policy; what the node cannot answer stays as it is for people, and they are told."""
    facts = {"policy": policy.pk, "automatic": True}
    try:
        with transaction.atomic():
            made = answering.agree(row, Decision(), by=SYSTEM, eyes=eyes, at=at, first=first, **facts)
            chains.answer_for(row, policy, at)
    except DatongError as fault:
        row.refresh_from_db()
        _tell(row, f"不能自动答复，请人工办理：{fault.message}", "the node could not answer this request: decide it")
        return False
    words = f"依据主管部门第 {policy.pk} 号办理策略已自动同意，授权 {made.number}"
    _tell(row, words, f"granted by the node on policy {policy.pk}: {made.number}")
    return True


def _tell(row: Request, chinese: str, english: str) -> None:
    post = periods.Holder(Role(DECIDER.role), row.provider_id, row.provider.region_id)
    periods.tell(periods.NoticeKind.TOLD, clocks.about(row), post, f"{chinese.replace('(', '（').replace(')', '）')} ({english})")
