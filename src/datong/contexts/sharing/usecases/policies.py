# SPDX-License-Identifier: Apache-2.0
"""Setting how requests are decided: by the authority for its region or one department, by a head for his own.

Kept here: a policy is never edited: another one ends it, and requests under way keep the steps they began with.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection, transaction

from datong.contexts.audit import face as audit
from datong.contexts.organisations import face as organisations
from datong.contexts.sharing import permissions
from datong.contexts.sharing.domain.chains import ChainStep, check_steps, may_be_automatic
from datong.contexts.sharing.models import DecisionPolicy
from datong.contexts.sharing.queries import chains as ways
from datong.kernel import texts
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import IllegalMove, Malformed, Unknown
from datong.kernel.sharing import Level, SharingType

LONGEST_REASON = 1000
LOCK = 0x706F6C696379  # "policy": where none is in force yet there is no row to lock


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """A policy as handed in.

    Attributes:
        department: Credit code; empty for every department of the officer's region and below.
        level: To which level it applies; empty for any.
        sharing_type: To which type it applies; empty for any.
        steps: Before the provider's head, who always decides last.
        automatic: Answered by the node; unconditional only, below important.
    """

    department: str = ""
    level: str = ""
    sharing_type: str = ""
    steps: tuple[ChainStep, ...] = ()
    automatic: bool = False
    reason: str = ""


@transaction.atomic
def set_policy(draft: PolicyDraft, *, by: Officer) -> DecisionPolicy:
    """Set how requests are decided; a policy for the same department, level and type ends.

    Raises:
        Unknown: No such department.
        Refused: Neither the authority of the region nor a head who adds steps for his own department.
        Malformed: With every field at fault.
    """
    home = organisations.department(draft.department) if draft.department else None
    region = home.region if home else by.region
    same = {"department_id": draft.department or None, "level": draft.level, "sharing_type": draft.sharing_type}
    _one_at_a_time()
    before = DecisionPolicy.objects.select_for_update().filter(region=region or None, ended_at=None, **same).first()
    ordered = before is not None and before.ordered
    permissions.check_may_set_policy(by, draft.department, region, automatic=draft.automatic, ordered=ordered)
    _check(draft)
    now = datetime.now(UTC)
    if before is not None:
        before.ended_by, before.ended_at = by.account, now
        before.save(update_fields=["ended_by", "ended_at"])
    row = DecisionPolicy.objects.create(
        region_id=region,
        steps=[step.plain() for step in draft.steps],
        automatic=draft.automatic,
        ordered=by.holds(Role.AUTHORITY) and by.region == region,
        reason=texts.lines("reason", draft.reason, longest=LONGEST_REASON),
        made_by=by.account,
        made_at=now,
        **same,
    )
    facts = {"department": draft.department, "region": region, "level": draft.level, "sharing_type": draft.sharing_type,
             "steps": row.steps, "automatic": row.automatic, "ends": before.pk if before else None}  # fmt: skip
    audit.record("sharing.policy.set", by=by, subject=str(row.pk), facts=facts)
    return row


@transaction.atomic
def end_policy(policy: int, *, by: Officer) -> DecisionPolicy:
    """End a policy; what stands above it applies again.

    Raises:
        Unknown: No such policy, or none visible.
        Refused: Neither the authority of the region nor the head who set it for his own department.
        IllegalMove: Ended already.
    """
    row = ways.policy_of(policy, by=by, lock=True)
    permissions.check_may_set_policy(by, row.department_id or "", row.region_id, automatic=False, ordered=row.ordered)
    if row.ended_at is not None:
        raise IllegalMove(f"policy {policy}", "ended", "ended")
    row.ended_by, row.ended_at = by.account, datetime.now(UTC)
    row.save(update_fields=["ended_by", "ended_at"])
    audit.record("sharing.policy.ended", by=by, subject=str(policy))
    return row


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])


def _check(draft: PolicyDraft) -> None:
    faults: dict[str, str] = {}
    for name, kind in (("level", Level), ("sharing_type", SharingType)):
        value = getattr(draft, name)
        if value and (value not in list(kind) or value == SharingType.WITHHELD):
            faults[name] = "请从列表中选择 (choose one of the list)"
    if draft.automatic and not may_be_automatic(draft.level, draft.sharing_type):
        faults["automatic"] = "自动答复只能用于无条件共享、且低于重要级 (only unconditional, and below important)"
    if draft.automatic and draft.steps:
        faults["steps"] = "自动答复不经人工环节 (nobody is asked where the node answers)"
    if not texts.lines("reason", draft.reason, longest=LONGEST_REASON):
        faults["reason"] = "须说明依据或理由 (say on what ground)"
    try:
        check_steps(draft.steps)
    except Malformed as fault:
        faults |= fault.fields
    faults |= dict.fromkeys(_strangers(draft), "没有此部门 (there is no such department)")
    if faults:
        remedy = "改正所列内容 (correct what is named)"
        raise Malformed("办理策略填写不全 (the policy does not read)", fields=faults, remedy=remedy)


def _strangers(draft: PolicyDraft) -> list[str]:
    """Places where a post names a department there is not."""
    found = []
    for place, step in enumerate(draft.steps):
        for seat, post in enumerate(step.posts):
            try:
                known = not post.department or organisations.department(post.department).active
            except Unknown:
                known = False
            found += [] if known else [f"steps.{place}.posts.{seat}.department"]
    return found
