# SPDX-License-Identifier: Apache-2.0
"""The provider's answer: granted, perhaps in part; refused with a reason; or asked once to complete (809 art. 21).

Kept here: an item withheld in the catalogue as it stands now is never granted, whatever was asked for; an answer makes
the signed grant and starts the period of delivery (art. 22).
"""

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.sharing import permissions, queries
from datong.contexts.sharing.domain import (
    GRANT_MADE,
    MOVES,
    TAG,
    Decision,
    GrantedItem,
    RefusalCategory,
    Stage,
    Terms,
    default_mask,
)  # fmt: skip
from datong.contexts.sharing.domain.decisions import settle
from datong.contexts.sharing.models import Grant, Request
from datong.contexts.sharing.usecases import clocks, granting
from datong.contexts.sharing.usecases.requesting import LONGEST_NOTE, needed
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import IllegalMove, Malformed, Refused, Unknown
from datong.kernel.sharing import SharingType
from datong.kernel.stages import move
from datong.kernel.workdays import received_on

RULE_21 = "政务数据共享条例第二十一条"


@transaction.atomic
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
        Refused: Not the provider's head, a hand in the request, or the resource was withdrawn or withheld since.
        IllegalMove: Not endorsed.
        Malformed: With each field that gives too much, or an item that may not be given.
    """
    row = queries.request_of(number, by=by, lock=True)
    permissions.check_may_decide(by, row.provider_id, _hands(row))
    row.stage = move(MOVES, f"request {number}", Stage(row.stage), Stage.GRANTED)
    now = datetime.now(UTC)
    chosen = decision or Decision()
    view = _as_it_stands(row, by)
    terms = _masked(settle(_asked(row), chosen, received_on(now)), view, row.sharing_type)
    row.opinion = texts.lines("opinion", chosen.opinion, longest=LONGEST_NOTE)
    row.decided_by, row.decided_at, row.revision = by.account, now, row.revision + 1
    row.save()
    made = granting.make(row, terms, chosen, view, by)
    clocks.stop(number, now, TAG[Stage.GRANTED])
    clock = clocks.delivering(made, now)
    audit.record(TAG[Stage.GRANTED], by=by, subject=number, facts={"grant": made.number, "opinion": row.opinion})
    facts = {"request": number, "digest": made.digest, "key_id": made.key_id, "due": clock.due.isoformat()}
    audit.record(GRANT_MADE, by=by, subject=made.number, facts=facts)
    return made


@transaction.atomic
def refuse_request(number: str, category: str, reason: str, *, by: Officer) -> Request:
    """Refuse, as the provider's head, with category and reason.

    Raises:
        Unknown: No such request, or none visible.
        Refused: Not the provider's head, or a hand in the request.
        IllegalMove: Not endorsed.
        Malformed: No reason, or a category not in the list ("incomplete" is none: 809 art. 21).
    """
    row = queries.request_of(number, by=by, lock=True)
    permissions.check_may_decide(by, row.provider_id, _hands(row))
    row.stage = move(MOVES, f"request {number}", Stage(row.stage), Stage.REFUSED)
    _check_refusal(category, reason)
    now = datetime.now(UTC)
    row.refusal_category, row.opinion = category, needed("reason", reason)
    row.decided_by, row.decided_at, row.revision = by.account, now, row.revision + 1
    row.save()
    clocks.stop(number, now, TAG[Stage.REFUSED])
    audit.record(TAG[Stage.REFUSED], by=by, subject=number, facts={"category": category, "reason": row.opinion})
    return row


@transaction.atomic
def ask_to_complete(number: str, note: str, *, by: Officer) -> Request:
    """Tell the applicant once everything that is missing (一次性告知, 809 art. 21); the request goes back to him.

    Raises:
        Unknown: No such request, or none visible.
        Refused: Not the provider's head, or told once already.
        IllegalMove: Not endorsed.
        Malformed: No note.
    """
    row = queries.request_of(number, by=by, lock=True)
    permissions.check_may_decide(by, row.provider_id, _hands(row))
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
    clocks.stop(number, row.noticed_at, TAG[Stage.RETURNED])
    audit.record(TAG[Stage.RETURNED], by=by, subject=number, facts={"note": row.note, "told_once": True})
    return row


def _check_refusal(category: str, reason: str) -> None:
    faults = {} if reason.strip() else {"reason": "不同意须说明理由 (809 art. 21: give the reason)"}
    if category not in list(RefusalCategory):
        faults["category"] = f"请从列表中选择 (choose one of): {', '.join(RefusalCategory)}"
    if faults:
        remedy = "材料不齐全不得作为不同意的理由，应一次性告知补正 (incomplete is told once, never refused)"
        raise Malformed("不同意须有类别和理由 (a refusal needs category and reason)", fields=faults, remedy=remedy, rule=RULE_21)


def _hands(row: Request) -> frozenset[str]:
    return frozenset({row.created_by, row.filed_by, row.endorsed_by})


def _as_it_stands(row: Request, by: Officer) -> catalog.ResourceView:
    try:
        view = catalog.resource(row.resource_id, by=by)
    except Unknown:
        raise Refused(
            "该资源已撤销，不能授权 (the resource was withdrawn)",
            remedy="以“本部门不掌握该数据”答复 (refuse as not held)",
            rule=RULE_21,
        ) from None
    permissions.check_requestable(view.sharing_type, view.withheld_basis_rank, view.withheld_basis)
    return view


def _asked(row: Request) -> Terms:
    draft = queries.as_draft(row)
    items = tuple(GrantedItem(field) for field in draft.items)
    return Terms(items, draft.channels, draft.rows, row.term_from, row.term_until, row.quota_per_day)


def _masked(terms: Terms, view: catalog.ResourceView, asked_type: str) -> Terms:
    """Put the default masks in, and refuse items that may not be given under the catalogue as it stands."""
    faults: dict[str, str] = {}
    items: list[GrantedItem] = []
    for place, given in enumerate(terms.items):
        item = view.item(given.field)
        fault = _ungivable(item, asked_type)
        if fault:
            faults[f"items.{place}.field"] = fault
            continue
        rule = default_mask(item.name, personal=item.personal, sharing_type=item.sharing_type)
        items.append(GrantedItem(given.field, str(rule) if given.mask is None else given.mask))
    faults |= {
        f"rows.{place}.field": "该资源没有此数据项 (no such item)"
        for place, rule in enumerate(terms.rows)
        if view.item(rule.field) is None
    }
    if faults:
        remedy = "去掉所列数据项 (leave them out)"
        raise Malformed("所列数据项不能授权 (these items cannot be granted)", fields=faults, remedy=remedy)
    return Terms(tuple(items), terms.channels, terms.rows, terms.term_from, terms.term_until, terms.quota_per_day)


def _ungivable(item: catalog.ItemView | None, asked_type: str) -> str:
    if item is None:
        return "目录已无此数据项 (no longer in the catalogue)"
    if item.sharing_type == SharingType.WITHHELD:
        return "该数据项不予共享 (withheld)"
    if asked_type == SharingType.UNCONDITIONAL and item.sharing_type != SharingType.UNCONDITIONAL:
        return "按无条件共享申请的，只能授予无条件共享的数据项 (asked for as unconditional)"
    return ""
