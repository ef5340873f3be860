# SPDX-License-Identifier: Apache-2.0
"""The provider's answer: opinions on the way, granted, perhaps in part; refused with a reason; or asked once to complete.

Kept here: the last step decides (809 art. 21); an objection on the way goes to the decider, who says why when he grants
over it; where the level of the data asks for a post, its objection binds him; data whose level rose meanwhile take the
longer way first.
"""

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.sharing import permissions, queries
from datong.contexts.sharing.domain import MOVES, TAG, Decision, RefusalCategory, Stage
from datong.contexts.sharing.domain.chains import Opinion
from datong.contexts.sharing.domain.decisions import lessened, settle
from datong.contexts.sharing.models import DecisionStep, Grant, Request
from datong.contexts.sharing.usecases import answering, chains, clocks
from datong.contexts.sharing.usecases.requesting import LONGEST_NOTE, needed
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import IllegalMove, Malformed, Refused
from datong.kernel.stages import move
from datong.kernel.workdays import received_on

RULE_21 = answering.RULE_21


@transaction.atomic
def give_opinion(number: str, opinion: str, words: str, *, by: Officer) -> DecisionStep:
    """Give the opinion of a post on the way to a decision (多级审批、会签).

    Args:
        number: Of the request.
        opinion: agree, part or object.
        words: Why; needed unless it agrees.
        by: Who holds a post that is asked now.

    Raises:
        Unknown: No such request, or none visible.
        Refused: No step asks a post of his, or he had a hand in the request or an earlier step.
        IllegalMove: Not endorsed.
        Malformed: No such opinion, or an objection without a reason.
    """
    row = queries.request_of(number, by=by, lock=True)
    if row.stage != Stage.ENDORSED:
        raise IllegalMove(f"request {number}", row.stage, "answered")
    faults = {} if opinion in list(Opinion) else {"opinion": f"请选择 (choose one of): {', '.join(Opinion)}"}
    said = texts.lines("words", words, longest=LONGEST_NOTE)
    if not said and opinion != Opinion.AGREE:
        faults["words"] = "部分同意或反对须说明理由 (say why, unless you agree)"
    if faults:
        raise Malformed("意见填写不全 (the opinion does not read)", fields=faults, rule=RULE_21)
    return chains.answer(row, Opinion(opinion), said, by=by, at=datetime.now(UTC))


def grant_request(number: str, decision: Decision | None = None, *, by: Officer) -> Grant:
    """Agree to share, as the provider's head; what the decision leaves open is given as requested.

    Args:
        number: Of the request.
        decision: What is given; never more than was asked.
        by: The provider's head.

    Returns:
        The signed grant, active.

    Raises:
        Unknown: No such request, or none visible.
        Refused: Not the provider's head, a hand in the request, a step not answered yet, an objection of a post that the
            level asks for, or the resource was withdrawn or withheld since.
        IllegalMove: Not endorsed.
        Malformed: With each field that gives too much, an item that may not be given, or an objection left unanswered.
    """
    awaited = _lengthened(number, by)
    if awaited:
        raise Refused(
            f"数据级别已提高，须先由{awaited}出具意见 (the level of the data rose: more have to be heard first)",
            remedy="环节已补上并已通知，等其办完再答复 (the steps were added and told: wait for them)",
            rule="GB/T 43697-2024",
        )
    return _grant(number, decision or Decision(), by)


@transaction.atomic
def _lengthened(number: str, by: Officer) -> str:
    row = queries.request_of(number, by=by, lock=True)
    permissions.check_may_decide(by, row.provider_id, chains.hands(row))
    if row.stage != Stage.ENDORSED:
        raise IllegalMove(f"request {number}", row.stage, Stage.GRANTED)
    return chains.lengthen(row, by, datetime.now(UTC))


@transaction.atomic
def _grant(number: str, chosen: Decision, by: Officer) -> Grant:
    row, now = _decidable(number, Stage.GRANTED, by), datetime.now(UTC)
    against = [_said(step) for step in chains.objections(row)]
    vetoes = [_said(step) for step in chains.vetoes(row, by)]
    if vetoes:
        raise Refused(
            f"重要、核心数据未经批准不得共享：{'；'.join(vetoes)} (important and core data: these objections bind)",
            remedy="以不同意答复，或与提出反对的一方协商后请申请部门另行申请 (refuse, or settle it and let them ask anew)",
            rule="GB/T 43697-2024",
        )
    if against and not chosen.opinion.strip():
        raise Malformed(
            "前面的环节有反对意见，仍同意的须说明理由 (a step objected: say why you grant all the same)",
            fields={"opinion": f"反对意见 (objections): {'；'.join(against)}"},
            remedy="写明理由，或者不同意共享 (say why, or refuse)",
            rule=RULE_21,
        )
    opinion, words = _last_word(row, chosen, now)
    chains.decide(row, opinion, words, by=by, at=now)
    return answering.agree(row, chosen, by=by, eyes=by, at=now, **({"over": against} if against else {}))


def _said(step: DecisionStep) -> str:
    return f"{chains.who(step)}：{step.words}"


def _last_word(row: Request, chosen: Decision, now: datetime) -> tuple[Opinion, str]:
    """What the last step says: agreed, or in part with the reasons."""
    asked = answering.asked_for(row)
    words = texts.lines("opinion", chosen.opinion, longest=LONGEST_NOTE)
    less = lessened(asked, settle(asked, chosen, received_on(now)), received_on(now))
    return (Opinion.PART if less and words else Opinion.AGREE), words


@transaction.atomic
def refuse_request(number: str, category: str, reason: str, *, by: Officer) -> Request:
    """Refuse, as the provider's head, with category and reason.

    Raises:
        Unknown: No such request, or none visible.
        Refused: Not the provider's head, a hand in the request, or a step not answered yet.
        IllegalMove: Not endorsed.
        Malformed: No reason, or a category not in the list ("incomplete" is none: 809 art. 21).
    """
    row = _decidable(number, Stage.REFUSED, by)
    _check_refusal(category, reason)
    now, said = datetime.now(UTC), needed("reason", reason)
    chains.decide(row, Opinion.OBJECT, said, by=by, at=now)
    answering.decline(row, category, said, by=by, at=now)
    return row


@transaction.atomic
def ask_to_complete(number: str, note: str, *, by: Officer) -> Request:
    """Tell the applicant once everything that is missing (一次性告知, 809 art. 21); the request goes back to him.

    Its period begins anew when it comes back, or stands still until then, as the node has it (`completion_clock`).

    Raises:
        Unknown: No such request, or none visible.
        Refused: Not the provider's head, or told once already.
        IllegalMove: Not endorsed.
        Malformed: No note.
    """
    row = queries.request_of(number, by=by, lock=True)
    permissions.check_may_decide(by, row.provider_id, chains.hands(row))
    if row.noticed_at is not None:
        raise Refused(
            "补正只能一次性告知 (what is missing is told once)",
            remedy="请作出同意或不同意的答复 (grant or refuse)",
            rule=RULE_21,
        )
    if row.stage != Stage.ENDORSED:
        raise IllegalMove(f"request {number}", row.stage, Stage.RETURNED)
    row.stage = move(MOVES, f"request {number}", Stage(row.stage), Stage.RETURNED)
    row.note, row.noticed_at, row.revision = needed("note", note), datetime.now(UTC), row.revision + 1
    row.save()
    chains.end(row)
    clocks.completing(row, row.noticed_at)
    audit.record(TAG[Stage.RETURNED], by=by, subject=number, facts={"note": row.note, "told_once": True})
    return row


def _decidable(number: str, wanted: Stage, by: Officer) -> Request:
    """Give a request, locked, that this officer may decide now."""
    row = queries.request_of(number, by=by, lock=True)
    permissions.check_may_decide(by, row.provider_id, chains.hands(row))
    move(MOVES, f"request {number}", Stage(row.stage), wanted)
    return row


def _check_refusal(category: str, reason: str) -> None:
    faults = {} if reason.strip() else {"reason": "不同意须说明理由 (809 art. 21: give the reason)"}
    if category not in list(RefusalCategory):
        faults["category"] = f"请从列表中选择 (choose one of): {', '.join(RefusalCategory)}"
    if faults:
        remedy = "材料不齐全不得作为不同意的理由，应一次性告知补正 (incomplete is told once, never refused)"
        raise Malformed("不同意须有类别和理由 (a refusal needs category and reason)", fields=faults, remedy=remedy, rule=RULE_21)
