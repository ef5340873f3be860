# SPDX-License-Identifier: Apache-2.0
"""The first step: open a dispute, state, propose a text, assent to it, take the dispute back (809 art. 28).

Kept here: both parties write into one record; a text binds once both heads stand behind these very words; a new text
takes the assent to the old one away.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.disputes import permissions, queries
from datong.contexts.disputes.domain.disputes import OPEN, PROPOSED, STATED, TAG, TALKING, Side, Stage, Word
from datong.contexts.disputes.domain.routing import RULE_28
from datong.contexts.disputes.models import Dispute, Statement
from datong.contexts.disputes.usecases import record, telling
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.kernel import enclosures, texts
from datong.kernel.actors import Officer
from datong.kernel.disputes import Disputed
from datong.kernel.enclosures import File
from datong.kernel.errors import Conflict, IllegalMove, Malformed, Refused

LONGEST = 4000


def open_dispute(kind: str, subject: str, matter: str, claim: str, *, by: Officer, files: Sequence[File] = ()) -> Dispute:
    """Open a dispute: the parties negotiate from now on.

    Args:
        kind: request, grant, correction or entry.
        subject: Its number or code.
        matter: What happened that is disputed; one of those the thing itself shows.
        claim: What the opening party asks for, and why.
        by: Who opens it, for one of the two parties.
        files: Handed in with it.

    Raises:
        Unknown: No such thing, or none visible.
        Refused: Not a party.
        Malformed: Nothing of this kind happened, or words are missing.
        Conflict: The same is disputed already.
    """
    thing = queries.disputed(kind, subject, by=by)
    consumer = thing.consumer or by.department
    if consumer == thing.provider:
        raise Refused(
            "争议由两个部门之间提出，本部门的目录直接修改 (a dispute is between two departments)",
            remedy="起草目录新版本 (write a new version of the entry)",
            rule=RULE_28,
        )
    permissions.check_is_party(by, consumer, thing.provider)
    _check_matter(thing, matter)
    words = texts.lines("claim", claim, longest=LONGEST, least=1)
    content = enclosures.read(files)
    with transaction.atomic():
        return _open(thing, consumer, matter, words, content, by)


def _open(thing: Disputed, consumer: str, matter: str, words: str, content: list[tuple[str, bytes]], by: Officer) -> Dispute:
    now = datetime.now(UTC)
    number = periods.next_number("D", now)  # its lock also lets two openings of one thing follow each other
    _check_first(thing, consumer)
    provider = organisations.department(thing.provider)
    place = queries.route(organisations.department(consumer).region, provider.region)
    side = permissions.side_of(by, consumer, thing.provider) or Side.CONSUMER
    made = Dispute.objects.create(
        number=number,
        kind=thing.kind.value,
        subject=thing.code,
        subject_title=thing.title[:300],
        subject_href=thing.href,
        matter=matter,
        resource_id=thing.resource,
        consumer_id=consumer,
        provider_id=thing.provider,
        opened_side=side.value,
        claim=words,
        region=place.code,
        region_name=place.name,
        opened_by=by.account,
        opened_at=now,
    )
    row = Dispute.objects.select_related("resource", "consumer", "provider").get(pk=made.pk)
    record.write(row, side, Word.OPENING, words, by=by, files=content)
    told = f"{by.department_name}提出共享争议，请在同一份记录中协商 (a dispute is opened: negotiate in its record)"
    telling.parties(row, told, by=by, but=side)
    facts = {"kind": row.kind, "of": row.subject, "matter": matter, "region": row.region, "files": len(content)}
    audit.record(TAG[Stage.NEGOTIATING], by=by, subject=number, facts=facts)
    return row


@transaction.atomic
def state(number: str, words: str, *, by: Officer, files: Sequence[File] = ()) -> Statement:
    """Write a statement into the record, as a party or as the authority that coordinates.

    Raises:
        Unknown: No such dispute, or none visible.
        Refused: Neither party nor that authority.
        IllegalMove: The dispute is settled.
        Malformed: No words, or files that are not taken.
    """
    row = record.locked(number, by)
    side = _speaks(row, by)
    if row.stage not in OPEN:
        raise IllegalMove(f"dispute {number}", row.stage, "statement", remedy="the dispute is settled")
    said = texts.lines("words", words, longest=LONGEST, least=1)
    made = record.write(row, side, Word.STATEMENT, said, by=by, files=enclosures.read(files))
    told = "争议中有新的意见 (there is a new statement in the dispute)"
    telling.parties(row, told, by=by, but=side)
    audit.record(STATED, by=by, subject=number, facts={"side": side.value, "statement": made.pk})
    return made


@transaction.atomic
def propose(number: str, text: str, *, by: Officer) -> Dispute:
    """Propose the text both heads are to assent to, as a head; the proposer assents with it.

    Raises:
        Unknown: No such dispute, or none visible.
        Refused: Not the head of a party.
        IllegalMove: Decided already.
        Malformed: No text.
    """
    row = record.locked(number, by)
    permissions.check_is_head(by, row.consumer_id, row.provider_id)
    _check_talking(row, "agreed")
    side = _party(row, by)
    row.agreement = texts.lines("agreement", text, longest=LONGEST, least=1)
    for one in telling.PARTIES:
        setattr(row, f"{one.value}_agreed_by", "")
        setattr(row, f"{one.value}_agreed_at", None)
    _assented(row, side, by)
    row.save()
    record.write(row, side, Word.PROPOSAL, row.agreement, by=by)
    telling.parties(row, "对方提出了协议文本，请负责人答复 (the other party proposes a text)", by=by, but=side)
    audit.record(PROPOSED, by=by, subject=number, facts={"side": side.value})
    return row


@transaction.atomic
def assent(number: str, text: str, *, by: Officer) -> Dispute:
    """Assent to the proposed text as the head of the other party: the dispute ends agreed.

    Args:
        number: Of the dispute.
        text: The very text he read, so that nobody assents to words that were changed meanwhile.
        by: The head.

    Raises:
        Unknown: No such dispute, or none visible.
        Refused: Not the head of a party.
        IllegalMove: Decided already, or agreed.
        Conflict: There is no text, it was changed, or he stands behind it already.
    """
    row = record.locked(number, by)
    permissions.check_is_head(by, row.consumer_id, row.provider_id)
    _check_talking(row, "agreed")
    side = _party(row, by)
    if not row.agreement or texts.clean(text) != row.agreement:
        raise Conflict(
            "协议文本已变更，请重新阅读 (the text was changed: read it again)",
            fields={"agreement": "刷新页面 (load the page again)"},
        )
    if getattr(row, f"{side.value}_agreed_at") is not None:
        raise Conflict("本部门已同意，等待对方 (your department has assented: wait for the other)")
    _assented(row, side, by)
    record.step(row, Stage.AGREED, by)
    row.save()
    record.write(row, side, Word.ASSENT, row.agreement, by=by)
    telling.done(row, by=by)
    telling.parties(row, "双方协商一致，争议终结 (both parties agree: the dispute is settled)", by=by)
    audit.record(TAG[Stage.AGREED], by=by, subject=number, facts={"side": side.value})
    return row


@transaction.atomic
def withdraw(number: str, reason: str, *, by: Officer) -> Dispute:
    """Take a dispute back, as the party that opened it.

    Raises:
        Unknown: No such dispute, or none visible.
        Refused: Not of the party that opened it.
        IllegalMove: Decided already.
        Malformed: No reason.
    """
    row = record.locked(number, by)
    permissions.check_is_party(by, row.consumer_id, row.provider_id)
    side = _party(row, by)
    if side.value != row.opened_side:
        raise Refused(
            "争议由提出的一方撤回 (the party that opened it takes it back)",
            remedy="请提出争议的部门办理 (ask the party that opened it)",
            rule=RULE_28,
        )
    record.step(row, Stage.WITHDRAWN, by)
    words = texts.lines("note", reason, longest=LONGEST, least=1)
    row.save()
    record.write(row, side, Word.WITHDRAWAL, words, by=by)
    telling.done(row, by=by)
    telling.parties(row, "提出方已撤回争议 (the dispute was taken back)", by=by, but=side)
    audit.record(TAG[Stage.WITHDRAWN], by=by, subject=number, facts={"note": words[:500]})
    return row


def _assented(row: Dispute, side: Side, by: Officer) -> None:
    setattr(row, f"{side.value}_agreed_by", by.account)
    setattr(row, f"{side.value}_agreed_at", datetime.now(UTC))


def _party(row: Dispute, by: Officer) -> Side:
    return permissions.side_of(by, row.consumer_id, row.provider_id) or Side.CONSUMER


def _speaks(row: Dispute, by: Officer) -> Side:
    side = permissions.side_of(by, row.consumer_id, row.provider_id)
    if side is None and row.stage != Stage.NEGOTIATING:
        handler = queries.seat(row.region, row.region_name).handler
        if permissions.check_may_decide.allowed(by, handler):
            return Side.AUTHORITY
    permissions.check_is_party(by, row.consumer_id, row.provider_id)
    return side or Side.CONSUMER


def _check_talking(row: Dispute, wanted: str) -> None:
    if row.stage not in TALKING:
        raise IllegalMove(f"dispute {row.number}", row.stage, wanted, remedy="the authority has decided")


def _check_matter(thing: Disputed, matter: str) -> None:
    if not thing.matters:
        raise Malformed(
            "目前没有可以提出争议的事由 (nothing happened here that could be disputed)",
            rule=RULE_28,
            remedy="答复、暂停、变更或者逾期之后再提出 (open it after an answer, a suspension, a change, or when it is late)",
        )
    if matter not in thing.matters:
        raise Malformed("选择争议事由 (choose what is disputed)", fields={"matter": "从列表中选择 (choose one of the list)"})


def _check_first(thing: Disputed, consumer: str) -> None:
    held = Dispute.objects.filter(kind=thing.kind.value, subject=thing.code, consumer=consumer, stage__in=OPEN).first()
    if held is not None:
        raise Conflict(
            f"此事项已有争议 {held.number} 正在办理 (this is disputed already: {held.number})",
            fields={"subject": held.number},
            remedy="在该争议中陈述意见 (state your case there)",
        )
