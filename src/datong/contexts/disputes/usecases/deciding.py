# SPDX-License-Identifier: Apache-2.0
"""The second and third step: the authority coordinates and instructs, the government decides (809 art. 28).

Kept here: an instruction has reasons and binds; the authority writes the government's decision down with number and
text, and invents none. Who writes down what another node's or another level's authority decided names its document.
"""

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.disputes import permissions, queries
from datong.contexts.disputes.domain.disputes import TAG, Side, Stage, Word
from datong.contexts.disputes.models import Dispute
from datong.contexts.disputes.usecases import record, telling
from datong.kernel import texts
from datong.kernel.actors import Officer

LONGEST = 4000
LONGEST_DOCUMENT = 100


@transaction.atomic
def escalate(number: str, reason: str, *, by: Officer) -> Dispute:
    """Bring a dispute that could not be agreed to the authority, as the head of a party.

    Raises:
        Unknown: No such dispute, or none visible.
        Refused: Not the head of a party.
        IllegalMove: Not being negotiated.
        Malformed: No reason why the parties could not agree.
    """
    row = record.locked(number, by)
    permissions.check_is_head(by, row.consumer_id, row.provider_id)
    record.step(row, Stage.COORDINATING, by, "escalated")
    words = texts.lines("reason", reason, longest=LONGEST, least=1)
    row.save()
    side = permissions.side_of(by, row.consumer_id, row.provider_id) or Side.CONSUMER
    record.write(row, side, Word.ESCALATION, words, by=by)
    told = "协商不成，提请协调 (the parties could not agree: please coordinate)"
    seat = telling.authority(row, told, by=by)
    telling.parties(row, "争议已提请主管部门协调 (the dispute was brought to the authority)", by=by, but=side)
    facts = {"region": row.region, "present": seat.present, "told": seat.handler, "reason": words[:500]}
    audit.record(TAG[Stage.COORDINATING], by=by, subject=number, facts=facts)
    return row


@transaction.atomic
def instruct(number: str, instruction: str, reasons: str, document: str = "", *, by: Officer) -> Dispute:
    """Decide as the authority: a binding instruction with reasons.

    Args:
        number: Of the dispute.
        instruction: What is to be done, by whom.
        reasons: Why.
        document: Number of the paper (文号); needed where the authority that decided has nobody in this node.
        by: The authority, or the node's highest one where that has nobody here.

    Raises:
        Unknown: No such dispute, or none visible.
        Refused: Not that authority.
        IllegalMove: Not brought to the authority, or decided.
        Malformed: Instruction, reasons or document missing.
    """
    row = record.locked(number, by)
    seat = queries.seat(row.region, row.region_name)
    permissions.check_may_decide(by, seat.handler)
    record.step(row, Stage.INSTRUCTED, by, "instructed")
    row.instruction = texts.lines("instruction", instruction, longest=LONGEST, least=1)
    row.reasons = texts.lines("reasons", reasons, longest=LONGEST, least=1)
    row.instruction_document = texts.line("document", document, longest=LONGEST_DOCUMENT, least=0 if seat.present else 1)
    row.save()
    record.write(row, Side.AUTHORITY, Word.INSTRUCTION, f"{row.instruction}\n{row.reasons}", by=by)
    telling.done(row, by=by)
    told = "主管部门已作出协调意见，请执行 (the authority has decided: carry it out)"
    telling.parties(row, told, by=by)
    facts = {"region": row.region, "document": row.instruction_document, "reason": row.reasons[:500]}
    audit.record(TAG[Stage.INSTRUCTED], by=by, subject=number, facts=facts | {"present": seat.present})
    return row


@transaction.atomic
def confirm_carried_out(number: str, note: str, *, by: Officer) -> Dispute:
    """Confirm as the authority that the instruction was carried out: the dispute ends.

    Raises:
        Unknown: No such dispute, or none visible.
        Refused: Not that authority.
        IllegalMove: No instruction stands, or the government was asked.
        Malformed: No words on how it was carried out.
    """
    row = record.locked(number, by)
    permissions.check_may_decide(by, queries.seat(row.region, row.region_name).handler)
    record.step(row, Stage.CARRIED_OUT, by)
    words = texts.lines("note", note, longest=LONGEST, least=1)
    row.save()
    record.write(row, Side.AUTHORITY, Word.CARRIED_OUT, words, by=by)
    telling.done(row, by=by)
    telling.parties(row, "协调意见已落实，争议终结 (the instruction is carried out: the dispute is settled)", by=by)
    audit.record(TAG[Stage.CARRIED_OUT], by=by, subject=number, facts={"note": words[:500]})
    return row


@transaction.atomic
def appeal(number: str, reason: str, *, by: Officer) -> Dispute:
    """Ask for the government's decision after the instruction, as the head of a party.

    Raises:
        Unknown: No such dispute, or none visible.
        Refused: Not the head of a party.
        IllegalMove: The authority has not decided, or the government was asked.
        Malformed: No reason.
    """
    row = record.locked(number, by)
    permissions.check_is_head(by, row.consumer_id, row.provider_id)
    record.step(row, Stage.APPEALED, by, "appealed")
    words = texts.lines("reason", reason, longest=LONGEST, least=1)
    row.save()
    side = permissions.side_of(by, row.consumer_id, row.provider_id) or Side.CONSUMER
    record.write(row, side, Word.APPEAL, words, by=by)
    told = "对协调意见有异议，请报本级人民政府决定 (a party asks for the government's decision: bring it before the government)"
    telling.authority(row, told, by=by)
    telling.parties(row, "争议已提请人民政府决定 (the government's decision was asked for)", by=by, but=side)
    audit.record(TAG[Stage.APPEALED], by=by, subject=number, facts={"reason": words[:500]})
    return row


@transaction.atomic
def decide(number: str, decision: str, document: str, *, by: Officer) -> Dispute:
    """Write down the government's decision with its document number and text: the dispute ends.

    Raises:
        Unknown: No such dispute, or none visible.
        Refused: Not the authority.
        IllegalMove: The government was not asked, or has decided.
        Malformed: Text or document number missing.
    """
    row = record.locked(number, by)
    permissions.check_may_decide(by, queries.seat(row.region, row.region_name).handler)
    record.step(row, Stage.DECIDED, by, "decided")
    row.decision = texts.lines("decision", decision, longest=LONGEST, least=1)
    row.decision_document = texts.line("document", document, longest=LONGEST_DOCUMENT)
    row.save()
    record.write(row, Side.AUTHORITY, Word.DECISION, f"{row.decision_document}\n{row.decision}", by=by)
    telling.done(row, by=by)
    telling.parties(row, "人民政府已决定，争议终结 (the government has decided: the dispute is settled)", by=by)
    audit.record(TAG[Stage.DECIDED], by=by, subject=number, facts={"document": row.decision_document})
    return row
