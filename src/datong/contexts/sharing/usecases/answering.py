# SPDX-License-Identifier: Apache-2.0
"""Making the answer: what a decision gives is settled against the catalogue as it stands, granted, and told.

Kept here: an item withheld in the catalogue as it stands now is never granted, whatever was asked for; an answer makes
the signed grant and starts the period of delivery (809 arts. 21 and 22); the requester is told, with the reasons.
"""

from collections.abc import Callable
from datetime import datetime

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.periods import face as periods
from datong.contexts.sharing import permissions, queries
from datong.contexts.sharing.domain import (
    GRANT_MADE,
    MOVES,
    TAG,
    Decision,
    GrantedItem,
    Stage,
    Terms,
    default_mask,
)  # fmt: skip
from datong.contexts.sharing.domain.decisions import UNEXPLAINED, lessened, settle, unsuited
from datong.contexts.sharing.domain.extensions import EXTENSION_MOVES, EXTENSION_TAG, ExtensionStage
from datong.contexts.sharing.domain.rows import RowRule, type_fault
from datong.contexts.sharing.models import Extension, Grant, Request
from datong.contexts.sharing.usecases import clocks, granting
from datong.kernel import texts
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.errors import Malformed, Refused, Unknown
from datong.kernel.sharing import SharingType
from datong.kernel.stages import move
from datong.kernel.workdays import received_on

RULE_21 = "政务数据共享条例第二十一条"
LONGEST_NOTE = 2000
MOST_TOLD = 1000


def nothing() -> None:
    """Record nothing."""


def as_it_stands(row: Request, eyes: Officer) -> catalog.ResourceView:
    """Give the resource of a request as it is now.

    Raises:
        Refused: Withdrawn, or withheld since.
    """
    try:
        view = catalog.resource(row.resource_id, by=eyes)
    except Unknown:
        raise Refused(
            "该资源已撤销，不能授权 (the resource was withdrawn)",
            remedy="以“本部门不掌握该数据”答复 (refuse as not held)",
            rule=RULE_21,
        ) from None
    permissions.check_requestable(view.sharing_type, view.withheld_basis_rank, view.withheld_basis)
    return view


def agree(
    row: Request,
    chosen: Decision,
    *,
    by: Officer,
    eyes: Officer,
    at: datetime,
    first: Callable[[], None] = nothing,
    **facts: object,
) -> Grant:
    """Grant a locked request, in the transaction of the decision.

    Args:
        row: Endorsed.
        chosen: What is given; never more than was asked.
        by: Who decides; the node itself where an answer is automatic.
        eyes: Who looks at the catalogue.
        at: When.
        first: Records what has to stand before the act of the decision; acts come last, when every number is given.
        **facts: What else the act of the decision says.

    Raises:
        IllegalMove: Not endorsed.
        Refused: The resource was withdrawn or withheld since.
        Malformed: With each field that gives too much, or an item that may not be given.
    """
    row.stage = move(MOVES, f"request {row.number}", Stage(row.stage), Stage.GRANTED)
    view = as_it_stands(row, eyes)
    asked = asked_for(row)
    terms = _masked(settle(asked, chosen, received_on(at)), chosen, view, row.sharing_type)
    less = lessened(asked, terms, received_on(at))
    row.opinion = texts.lines("opinion", chosen.opinion, longest=LONGEST_NOTE)
    _decided(row, by, at)
    made = granting.make(row, terms, chosen, view, by)
    clocks.stop(row.number, at, TAG[Stage.GRANTED])
    clock = clocks.delivering(made, at)
    _tell(row, *(("部分同意共享", "granted in part") if less else ("同意共享", "granted")), by)
    first()
    lapse_extension(row, at)
    more = {"grant": made.number, "opinion": row.opinion, "less": list(less), **facts}
    audit.record(TAG[Stage.GRANTED], by=by, subject=row.number, facts=more)
    told = {"request": row.number, "digest": made.digest, "key_id": made.key_id, "due": clock.due.isoformat()}
    audit.record(GRANT_MADE, by=by, subject=made.number, facts=told)
    return made


def decline(row: Request, category: str, reason: str, *, by: Officer, at: datetime) -> None:
    """Refuse a locked request, in the transaction of the decision; category and reason are checked by the caller.

    Raises:
        IllegalMove: Not endorsed.
    """
    row.stage = move(MOVES, f"request {row.number}", Stage(row.stage), Stage.REFUSED)
    row.refusal_category, row.opinion = category, reason
    _decided(row, by, at)
    clocks.stop(row.number, at, TAG[Stage.REFUSED])
    _tell(row, "不同意共享", "refused", by)
    lapse_extension(row, at)
    audit.record(TAG[Stage.REFUSED], by=by, subject=row.number, facts={"category": category, "reason": reason})


def lapse_extension(row: Request, at: datetime) -> None:
    """End a question for more time that the request outran."""
    asked = Extension.objects.select_for_update().filter(request=row, stage=ExtensionStage.ASKED).first()
    if asked is None:
        return
    asked.stage = move(EXTENSION_MOVES, f"extension of {row.number}", ExtensionStage(asked.stage), ExtensionStage.LAPSED)
    asked.decided_by, asked.decided_at = SYSTEM.account, at
    asked.save()
    periods.done_with("extension", row.number)
    audit.record(EXTENSION_TAG[ExtensionStage.LAPSED], by=SYSTEM, subject=row.number)


def asked_for(row: Request) -> Terms:
    """Give what a request asks for."""
    draft = queries.as_draft(row)
    items = tuple(GrantedItem(field) for field in draft.items)
    return Terms(items, draft.channels, draft.rows, row.term_from, row.term_until, row.quota_per_day)


def _decided(row: Request, by: Officer, at: datetime) -> None:
    row.decided_by, row.decided_at, row.revision = by.account, at, row.revision + 1
    row.save()
    periods.done_with("opinion", row.number, by=by)
    periods.done_with("request", row.number, by=by)


def _tell(row: Request, chinese: str, english: str, by: Officer) -> None:
    """Tell the applicants of the consumer what was answered and why; the reason stands in the language it was given in."""
    post = periods.Holder(Role.APPLICANT, row.consumer_id, row.consumer.region_id)
    why = row.opinion.replace("(", "（").replace(")", "）")
    words = f"{row.provider.name}答复：{chinese}。{why} ({row.provider.name}: {english}. {why})"
    periods.tell(periods.NoticeKind.TOLD, clocks.about(row), post, words if len(words) <= MOST_TOLD else words[:MOST_TOLD], by=by)


def _masked(terms: Terms, chosen: Decision, view: catalog.ResourceView, asked_type: str) -> Terms:
    """Put the default masks in, and refuse items that may not be given under the catalogue as it stands."""
    faults: dict[str, str] = {}
    items: list[GrantedItem] = []
    for place, given in enumerate(terms.items):
        item = view.item(given.field)
        fault = _ungivable(item, asked_type)
        if fault:
            faults[f"items.{place}.field"] = fault
            continue
        rule = str(default_mask(item.name, personal=item.personal, sharing_type=item.sharing_type))
        if given.mask not in (None, "none", rule) and not chosen.opinion.strip():
            faults["opinion"] = UNEXPLAINED
        if given.mask not in (None, rule):
            faults |= unsuited(given.mask, item.type, f"items.{place}.mask")
        items.append(GrantedItem(given.field, rule if given.mask is None else given.mask))
    faults |= {
        f"rows.{place}.field": fault for place, rule in enumerate(terms.rows) if (fault := _unfit(rule, view.item(rule.field)))
    }
    if faults:
        remedy = "去掉所列数据项，或写明理由 (leave out what is named, or say why)"
        raise Malformed("所列内容不能授权 (this cannot be granted)", fields=faults, remedy=remedy)
    return Terms(tuple(items), terms.channels, terms.rows, terms.term_from, terms.term_until, terms.quota_per_day)


def _unfit(rule: RowRule, item: catalog.ItemView | None) -> str:
    """A rule that does not fit its item would make the whole grant unusable at the gateway."""
    return "该资源没有此数据项 (no such item)" if item is None else type_fault(rule, item.type)


def _ungivable(item: catalog.ItemView | None, asked_type: str) -> str:
    if item is None:
        return "目录已无此数据项 (no longer in the catalogue)"
    if item.sharing_type == SharingType.WITHHELD:
        return "该数据项不予共享 (withheld)"
    if asked_type == SharingType.UNCONDITIONAL and item.sharing_type != SharingType.UNCONDITIONAL:
        return "按无条件共享申请的，只能授予无条件共享的数据项 (asked for as unconditional)"
    return ""
