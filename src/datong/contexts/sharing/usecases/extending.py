# SPDX-License-Identifier: Apache-2.0
"""More time to answer: the provider's head asks, the authority of the region consents, the requester is told (809 art. 21).

Kept here: only a conditional request, once, ten working days at most, asked before the last day has passed; without
consent the last day stays.
"""

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.periods import face as periods
from datong.contexts.sharing import permissions, queries
from datong.contexts.sharing.domain import Stage
from datong.contexts.sharing.domain.extensions import EXTENSION_MOVES, EXTENSION_TAG, ExtensionStage
from datong.contexts.sharing.models import Extension, Request
from datong.contexts.sharing.usecases import chains
from datong.kernel import texts
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import IllegalMove, Malformed, Refused
from datong.kernel.sharing import SharingType
from datong.kernel.stages import move
from datong.kernel.workdays import received_on

RULE_21 = permissions.RULE_21
MOST_DAYS = 10
LONGEST_REASON = 1000


@transaction.atomic
def ask_extension(number: str, days: int, reason: str, *, by: Officer) -> Extension:
    """Ask for more time to answer a conditional request, as the provider's head.

    Args:
        number: Of the request.
        days: Working days more, 1 to 10.
        reason: The special reason art. 21 asks for.
        by: The provider's head.

    Raises:
        Unknown: No such request, or none visible.
        Refused: Not the provider's head, unconditional, asked before, or the last day has passed.
        IllegalMove: Not waiting for an answer.
        Malformed: More days than the law gives, or no reason.
    """
    row = queries.request_of(number, by=by, lock=True)
    permissions.check_may_ask_extension(by, row.provider_id, chains.hands(row))
    now = datetime.now(UTC)
    _check_extendable(row, now)
    faults = {} if 1 <= days <= MOST_DAYS else {"days": f"1至{MOST_DAYS}个工作日 (1 to {MOST_DAYS} working days)"}
    said = texts.lines("reason", reason, longest=LONGEST_REASON)
    if not said:
        faults["reason"] = "须说明特殊原因 (809 art. 21: give the special reason)"
    if faults:
        raise Malformed("延期申请填写不全 (the question for more time does not read)", fields=faults, rule=RULE_21)
    made = Extension.objects.create(request=row, days=days, reason=said, asked_by=by.account, asked_at=now)
    words = f"{row.provider.name}申请延期 {days} 个工作日答复", f"more time is asked for: {days} working days"
    _tell(row, Role.AUTHORITY, *words, by)
    facts = {"days": days, "reason": said, "extension": made.number}
    audit.record(EXTENSION_TAG[ExtensionStage.ASKED], by=by, subject=number, facts=facts)
    return made


@transaction.atomic
def decide_extension(number: str, *, consent: bool, opinion: str, by: Officer) -> Extension:
    """Consent to more time, or decline it, as the authority; consent moves the last day and the requester is told.

    Raises:
        Unknown: No such request, or none visible.
        Refused: Not the authority of the provider's region, or a hand in it.
        IllegalMove: Nothing was asked, it was answered, or the request waits for no answer any more.
        Malformed: Declined without an opinion.
    """
    row = queries.request_of(number, by=by, lock=True)
    asked = Extension.objects.select_for_update().filter(request=row).first()
    permissions.check_may_consent(by, row.provider.region_id, chains.hands(row) | {asked.asked_by if asked else ""})
    wanted = ExtensionStage.GRANTED if consent else ExtensionStage.DECLINED
    if asked is None or row.stage != Stage.ENDORSED:
        raise IllegalMove(f"extension of {number}", row.stage if asked else "none", wanted)
    asked.stage = move(EXTENSION_MOVES, f"extension of {number}", ExtensionStage(asked.stage), wanted)
    asked.opinion = texts.lines("opinion", opinion, longest=LONGEST_REASON, least=0 if consent else 1)
    asked.decided_by, asked.decided_at = by.account, datetime.now(UTC)
    asked.save()
    periods.done_with("extension", number, by=by)
    facts: dict[str, object] = {"extension": asked.number, "opinion": asked.opinion}
    clock = periods.clock_of(number) if consent else None
    if clock is not None:
        due = periods.extend(clock, asked.days, consent=asked.number).due.isoformat()
        facts |= {"days": asked.days, "due": due}
        _tell(row, Role.APPLICANT, f"答复期限经主管部门同意延长 {asked.days} 个工作日，至 {due}：{asked.reason}",
              f"the answer is due on {due}: {asked.days} working days more, with the authority's consent", by)  # fmt: skip
    verdict = ("同意", "consented to") if consent else ("不同意", "declined")
    _tell(row, Role.PROVIDER_HEAD, f"主管部门{verdict[0]}延期答复", f"more time was {verdict[1]}", by)
    audit.record(EXTENSION_TAG[wanted], by=by, subject=number, facts=facts)
    return asked


def _check_extendable(row: Request, now: datetime) -> None:
    if row.stage != Stage.ENDORSED:
        raise IllegalMove(f"request {row.number}", row.stage, "extended")
    if row.sharing_type != SharingType.CONDITIONAL:
        raise Refused(
            "只有有条件共享的答复可以延期 (only the answer to a conditional request is extended)",
            remedy="请在1个工作日内答复 (answer within one working day)",
            rule=RULE_21,
        )
    if Extension.objects.filter(request=row).exists():
        raise Refused(
            "答复期限只能申请延长一次 (more time is asked for once)",
            remedy="请在期限内答复 (answer within the period)",
            rule=RULE_21,
        )
    clock = periods.clock_of(row.number)
    if clock is None or clock.due < received_on(now):
        raise Refused(
            "期限已过，不能再申请延期 (the last day has passed)",
            remedy="请立即答复并说明原因 (answer at once and say why it is late)",
            rule=RULE_21,
        )


def _tell(row: Request, role: Role, chinese: str, english: str, by: Officer) -> None:
    """Tell the authority (a question), the applicants or the provider's head (news)."""
    side = row.consumer if role is Role.APPLICANT else row.provider
    department = "" if role is Role.AUTHORITY else side.uscc
    kind = "extension" if role is Role.AUTHORITY else "request"
    about = periods.Subject(kind, row.number, row.resource.name, f"/requests/{row.number}")
    words = f"{chinese.replace('(', '（').replace(')', '）')} ({english})"
    periods.tell(periods.NoticeKind.TOLD, about, periods.Holder(role, department, side.region_id), words, by=by)
