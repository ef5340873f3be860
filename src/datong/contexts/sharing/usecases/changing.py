# SPDX-License-Identifier: Apache-2.0
"""Stopping or altering a service that others live on: proposed, answered, filed, only then done (809 art. 27).

Kept here: whoever holds a live grant when it is proposed is asked; it is filed when each has answered or the time for it
is over; a service that stops ends its live grants when the change takes effect, not before.
"""

from datetime import UTC, date, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.contexts.sharing import permissions, queries
from datong.contexts.sharing.domain import LIVE, GrantStage
from datong.contexts.sharing.domain.changes import (
    ANSWER_DAYS,
    ANSWERED,
    CHANGE_MOVES,
    CHANGE_TAG,
    CHANGE_UNDER_WAY,
    ChangeAnswer,
    ChangeKind,
    ChangeStage,
)
from datong.contexts.sharing.models import ChangeReply, Grant, ServiceChange
from datong.contexts.sharing.usecases import moving
from datong.kernel import texts
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Conflict, IllegalMove, Malformed, Refused
from datong.kernel.stages import move
from datong.kernel.workdays import received_on

LONGEST = 2000


@transaction.atomic
def propose_change(resource: str, kind: str, what: str, reason: str, effective_on: date | None, *, by: Officer) -> ServiceChange:
    """Propose to stop or alter a service, as the provider's head; everybody who lives on it is asked.

    Args:
        resource: Code.
        kind: `stop` or `alter`.
        what: What is to change.
        reason: Why.
        effective_on: First day on which it may take effect; after the days for the answers.
        by: The provider's head.

    Raises:
        Unknown: No such resource.
        Refused: Not the provider's head, or nobody lives on it.
        Conflict: A change of it is under way.
        Malformed: With every field at fault.
    """
    view = catalog.resource(resource, by=by)
    permissions.check_may_change(by, view.provider)
    now = datetime.now(UTC)
    answer_by = organisations.working_calendar().add_days(received_on(now), ANSWER_DAYS).due
    said = _read(kind, what, reason, effective_on, answer_by)
    rows = Grant.objects.select_for_update(of=("self",)).select_related(*queries.SIDES)
    live = list(rows.filter(resource=view.code, stage__in=LIVE).order_by("number"))
    _check_needed(view.code, live)
    row = ServiceChange.objects.create(
        number=periods.next_number("S", now), resource_id=view.code, provider_id=view.provider, kind=kind,
        effective_on=effective_on, answer_by=answer_by, proposed_by=by.account, proposed_at=now, **said,
    )  # fmt: skip
    for consumer in dict.fromkeys(grant.consumer_id for grant in live):
        mine = [grant for grant in live if grant.consumer_id == consumer]
        ChangeReply.objects.create(change=row, consumer_id=consumer, grants=[grant.number for grant in mine])
        words = f"提供部门拟{ChangeKind(kind).label}，请于 {answer_by} 前答复 (answer by {answer_by}: a service is to change)"
        moving.tell_consumer(mine[0], words, kind="change", code=row.number, href=f"/changes/{row.number}", by=by)
    facts = {"resource": view.code, "kind": kind, "grants": [grant.number for grant in live], "effective_on": str(effective_on)}
    audit.record(CHANGE_TAG[ChangeStage.NEGOTIATING], by=by, subject=row.number, facts=facts)
    return row


@transaction.atomic
def answer_change(number: str, answer: str, words: str = "", *, by: Officer) -> ServiceChange:
    """Answer a proposal, as the head of a consumer; an objection says why.

    Raises:
        Unknown: No such change, or none visible.
        Refused: Not the head of a department that was asked.
        IllegalMove: Filed already.
        Malformed: Neither agreed nor objected, or an objection without words.
    """
    row = queries.change_of(number, by=by, lock=True)
    reply = row.replies.select_for_update().filter(consumer=by.department).first()
    if reply is None or not by.holds(Role.CONSUMER_HEAD):
        raise Refused(
            "由被征求意见的使用部门负责人答复 (the head of a department that was asked answers)",
            remedy="请使用部门负责人办理 (ask that head)",
            rule=permissions.RULE_27,
        )
    if row.stage != ChangeStage.NEGOTIATING:
        raise IllegalMove(f"change {number}", row.stage, "answered")
    if answer not in (ChangeAnswer.AGREED, ChangeAnswer.OBJECTED):
        raise Malformed("请选择同意或者有异议 (agree or object)", fields={"answer": "请选择 (choose)"})
    least = 1 if answer == ChangeAnswer.OBJECTED else 0
    reply.answer, reply.words = answer, texts.lines("words", words, longest=1000, least=least)
    reply.answered_by, reply.answered_at = by.account, datetime.now(UTC)
    reply.save()
    audit.record(ANSWERED, by=by, subject=number, facts={"consumer": by.department, "answer": answer, "words": reply.words})
    return row


@transaction.atomic
def file_change(number: str, negotiation: str, *, by: Officer) -> ServiceChange:
    """File a negotiated change with the authority (备案), as the provider's head.

    Raises:
        Unknown: No such change, or none visible.
        Refused: Not the provider's head, or somebody has not answered and may still.
        IllegalMove: Not being negotiated.
        Malformed: No word on how it was settled.
    """
    row = queries.change_of(number, by=by, lock=True)
    permissions.check_may_change(by, row.provider_id)
    wanted = move(CHANGE_MOVES, f"change {number}", ChangeStage(row.stage), ChangeStage.FILED)
    waiting = row.replies.filter(answer=ChangeAnswer.PENDING).count()
    if waiting and moving.today() <= row.answer_by:
        raise Refused(
            f"还有 {waiting} 个使用部门未答复，答复期到 {row.answer_by} ({waiting} have not answered, until {row.answer_by})",
            remedy="等待答复，或者过期后再报备案 (wait, or file after that day)",
            rule=permissions.RULE_27,
        )
    row.negotiation = texts.lines("negotiation", negotiation, longest=LONGEST, least=1)
    row.stage, row.filed_by, row.filed_at = wanted, by.account, datetime.now(UTC)
    row.save()
    about = periods.Subject("change", number, row.resource.name, f"/changes/{number}")
    post = periods.Holder(Role.AUTHORITY, "", row.provider.region_id)
    periods.tell(periods.NoticeKind.TOLD, about, post, "服务变更报请备案 (a change of a service is filed)", by=by)
    audit.record(CHANGE_TAG[wanted], by=by, subject=number, facts={"negotiation": row.negotiation, "unanswered": waiting})
    return row


@transaction.atomic
def record_change(number: str, *, accept: bool, filing: str = "", opinion: str = "", by: Officer) -> ServiceChange:
    """Take a change on file, or decline to, as the authority of the provider's region.

    Raises:
        Unknown: No such change, or none visible.
        Refused: Not the authority of the region.
        IllegalMove: Not filed.
        Malformed: No number of the filing, or no opinion where it is declined.
    """
    row = queries.change_of(number, by=by, lock=True)
    permissions.check_may_record_change(by, row.provider.region_id)
    wanted = ChangeStage.RECORDED if accept else ChangeStage.DECLINED
    row.stage = move(CHANGE_MOVES, f"change {number}", ChangeStage(row.stage), wanted)
    row.filing = texts.line("filing", filing, longest=100, least=1 if accept else 0)
    row.opinion = texts.lines("opinion", opinion, longest=LONGEST, least=0 if accept else 1)
    row.decided_by, row.decided_at = by.account, datetime.now(UTC)
    row.save()
    periods.done_with("change", number, by=by)
    audit.record(CHANGE_TAG[wanted], by=by, subject=number, facts={"filing": row.filing, "opinion": row.opinion})
    return row


@transaction.atomic
def effect_change(number: str, *, by: Officer) -> ServiceChange:
    """Let a recorded change take effect, as the provider's head; a service that stops ends its live grants now.

    Raises:
        Unknown: No such change, or none visible.
        Refused: Not the provider's head, or its day has not come.
        IllegalMove: Not on file.
    """
    row = queries.change_of(number, by=by, lock=True)
    permissions.check_may_change(by, row.provider_id)
    wanted = move(CHANGE_MOVES, f"change {number}", ChangeStage(row.stage), ChangeStage.EFFECTED)
    now = datetime.now(UTC)
    if received_on(now) < row.effective_on:
        raise Refused(
            f"生效日期为 {row.effective_on}，此前服务不变 (it takes effect on {row.effective_on}, not before)",
            remedy="到期后办理 (come back on that day)",
            rule=permissions.RULE_27,
        )
    ended = _end(row, by, now) if row.kind == ChangeKind.STOP else []
    row.stage, row.ended_by, row.ended_at = wanted, by.account, now
    row.save()
    audit.record(CHANGE_TAG[wanted], by=by, subject=number, facts={"ended": ended})
    return row


@transaction.atomic
def drop_change(number: str, *, by: Officer) -> ServiceChange:
    """Give a proposal up, as the provider's head.

    Raises:
        Unknown: No such change, or none visible.
        Refused: Not the provider's head.
        IllegalMove: Ended already.
    """
    row = queries.change_of(number, by=by, lock=True)
    permissions.check_may_change(by, row.provider_id)
    row.stage = move(CHANGE_MOVES, f"change {number}", ChangeStage(row.stage), ChangeStage.DROPPED)
    row.ended_by, row.ended_at = by.account, datetime.now(UTC)
    row.save()
    periods.done_with("change", number, by=by)
    audit.record(CHANGE_TAG[ChangeStage.DROPPED], by=by, subject=number)
    return row


def _read(kind: str, what: str, reason: str, effective_on: date | None, answer_by: date) -> dict[str, str]:
    faults: dict[str, str] = {}
    if kind not in list(ChangeKind):
        faults["kind"] = f"请选择 (choose one of): {', '.join(ChangeKind)}"
    if effective_on is None or effective_on <= answer_by:
        faults["effective_on"] = f"须晚于答复截止日 {answer_by} (after {answer_by}, the last day for answers)"
    said: dict[str, str] = {}
    for name, text in {"what": what, "reason": reason}.items():
        try:
            said[name] = texts.lines(name, text, longest=LONGEST, least=1)
        except Malformed as fault:
            faults |= fault.fields
    if faults:
        remedy = "改正所列内容 (correct what is named)"
        raise Malformed("服务变更填写有误 (the change does not read)", fields=faults, remedy=remedy, rule=permissions.RULE_27)
    return said


def _check_needed(code: str, live: list[Grant]) -> None:
    if not live:
        raise Refused(
            "没有在用授权，不需要协商备案 (nobody lives on it: nothing to negotiate)",
            remedy="直接修改或者申请撤销目录 (revise or withdraw the entry)",
            rule=permissions.RULE_27,
        )
    open_one = ServiceChange.objects.filter(resource=code, stage__in=CHANGE_UNDER_WAY).first()
    if open_one is not None:
        raise Conflict(
            f"{open_one.number} 正在办理 ({open_one.number} is under way)",
            fields={"resource": open_one.number},
            remedy="先办结或者撤回 (finish or drop it first)",
        )


def _end(row: ServiceChange, by: Officer, now: datetime) -> list[str]:
    rows = Grant.objects.select_for_update(of=("self",)).select_related(*queries.SIDES)
    why = f"服务按 {row.number} 停止，备案 {row.filing} (the service stops by {row.number})"
    live = list(rows.filter(resource=row.resource_id, stage__in=LIVE).order_by("number"))
    for grant in live:
        moving.shift(grant, GrantStage.REVOKED, why, by=by, at=now, change=row.number)
    return [grant.number for grant in live]
