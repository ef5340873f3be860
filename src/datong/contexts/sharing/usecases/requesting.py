# SPDX-License-Identifier: Apache-2.0
"""The consumer's side of a request: drafted, filed, endorsed by the head, returned, withdrawn (809 art. 20).

Kept here: what is withheld cannot be requested; an item that is withheld cannot be named; the provider's period begins
when the head stands behind the request.
"""

from dataclasses import replace
from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.periods import face as periods
from datong.contexts.sharing import permissions, queries
from datong.contexts.sharing.domain import EDITABLE, MOVES, TAG, RequestDraft, Stage
from datong.contexts.sharing.domain.requests import RULE_20, faults_of
from datong.contexts.sharing.models import Grant, Request, RequestItem
from datong.contexts.sharing.queries.fitting import amends_fault, lacks, misfits, sharing_type_of
from datong.contexts.sharing.usecases import answering, chains, clocks, endorsing
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import Conflict, IllegalMove, Malformed
from datong.kernel.stages import move
from datong.kernel.workdays import received_on

LONGEST_NOTE = 2000
PLAIN = (
    *("basis_kind", "basis", "scene", "scope", "purpose", "row_scope", "term_from", "term_until", "quota_per_day"),
    *("delivery_mode", "update_cycle"),
)


@transaction.atomic
def draft_request(draft: RequestDraft, *, by: Officer) -> Request:
    """Begin a request.

    Args:
        draft: At least the resource; anything else may follow before filing. One that amends a grant is the only one
            under way that does.
        by: An applicant; the request belongs to his department.

    Raises:
        Refused: Not an applicant, or the resource is not shared at all.
        Unknown: No such resource.
        Conflict: Another request under way amends the same grant.
        Malformed: With every field at fault.
    """
    permissions.check_may_apply(by)
    view = _resource(draft.resource, by)
    _check(draft, view, by.department, amends_fault(draft, by.department))
    _alone(draft)
    row = Request(
        number=periods.next_number("R", datetime.now(UTC)),
        resource_id=view.code,
        provider_id=view.provider,
        consumer_id=by.department,
        amends_id=draft.amends or None,
        created_by=by.account,
    )
    _write(row, draft, view)
    facts = {"resource": view.code, "consumer": row.consumer_id} | ({"amends": draft.amends} if draft.amends else {})
    _record(TAG[Stage.DRAFT], row, by, facts)
    return row


@transaction.atomic
def revise_request(number: str, draft: RequestDraft, *, by: Officer, revision: int | None = None) -> Request:
    """Replace what a draft or returned request says; its resource and the grant it amends stay.

    Raises:
        Unknown: No such request, or none visible.
        Refused: Not an applicant of the department.
        IllegalMove: Filed or ended.
        Conflict: Someone else changed it since `revision`.
        Malformed: With every field at fault.
    """
    row = queries.request_of(number, by=by, lock=True)
    permissions.check_may_edit(by, row.consumer_id)
    if row.stage not in EDITABLE:
        raise IllegalMove(f"request {number}", row.stage, "edited", remedy="退回后才能修改 (only after a return)")
    if revision is not None and revision != row.revision:
        raise Conflict(
            "他人已修改此申请 (someone else changed this request)",
            fields={"revision": str(row.revision)},
            remedy="重新载入后再修改 (load it again and repeat the change)",
        )
    view = _resource(row.resource_id, by)
    moved = draft.resource not in ("", row.resource_id)
    draft = replace(draft, resource=row.resource_id, amends=row.amends_id or "")
    _check(draft, view, row.consumer_id, {"resource": f"不能变更 (fixed: {row.resource_id})"} if moved else None)
    row.revision += 1
    _write(row, draft, view)
    _record("sharing.request.revised", row, by, {"revision": row.revision})
    return row


@transaction.atomic
def file_request(number: str, *, by: Officer) -> Request:
    """Hand a request to the own department's head.

    Raises:
        Unknown: No such request, or none visible.
        Refused: Not an applicant of the department, or the resource is not shared any more.
        IllegalMove: Not a draft or returned.
        Malformed: With each field still missing (809 art. 20).
    """
    row = queries.request_of(number, by=by, lock=True)
    permissions.check_may_edit(by, row.consumer_id)
    _to(row, Stage.FILED)
    now = datetime.now(UTC)
    draft, view = queries.as_draft(row), _resource(row.resource_id, by)
    faults = lacks(draft, view, row.consumer_id, received_on(now))
    if faults:
        remedy = "一次补齐所列内容 (fill in what is named)"
        raise Malformed("申请内容不齐全 (the request is not complete)", fields=faults, remedy=remedy, rule=RULE_20)
    row.version_id, row.sharing_type = view.version_id, sharing_type_of(draft, view)
    row.filed_by, row.filed_at, row.endorsed_by, row.endorsed_at = by.account, now, "", None
    facts = {"resource": view.code, "version": view.version, "sharing_type": row.sharing_type, "items": list(draft.items)}
    return _done(row, by, facts)


@transaction.atomic
def endorse_request(number: str, *, by: Officer) -> Request:
    """Stand behind a request as the consumer's head; the provider's period begins (809 arts. 20 and 21).

    What the authority lets the node answer is answered at once; otherwise the first step of its chain opens.

    Raises:
        Unknown: No such request, or none visible.
        Refused: Not the head, or the applicant himself.
        IllegalMove: Not filed.
    """
    row = queries.request_of(number, by=by, lock=True)
    permissions.check_may_endorse(by, row.consumer_id, chains.makers(row))
    _to(row, Stage.ENDORSED)
    now = datetime.now(UTC)
    row.endorsed_by, row.endorsed_at = by.account, now
    endorsing.begin(row, by=by, at=now)
    return row


@transaction.atomic
def return_request(number: str, note: str, *, by: Officer) -> Request:
    """Send a filed request back to its applicant, as the consumer's head.

    Raises:
        Unknown: No such request, or none visible.
        Refused: Not the head, or the applicant himself.
        IllegalMove: Not filed.
        Malformed: No note.
    """
    row = queries.request_of(number, by=by, lock=True)
    permissions.check_may_endorse(by, row.consumer_id, chains.makers(row))
    if row.stage != Stage.FILED:
        raise IllegalMove(f"request {number}", row.stage, Stage.RETURNED)
    _to(row, Stage.RETURNED)
    row.note = needed("note", note)
    return _done(row, by, {"note": row.note})


@transaction.atomic
def withdraw_request(number: str, *, by: Officer, note: str = "") -> Request:
    """Take a request back before it is decided.

    Raises:
        Unknown: No such request, or none visible.
        Refused: Not of the department that made it.
        IllegalMove: Decided or withdrawn already.
    """
    row = queries.request_of(number, by=by, lock=True)
    permissions.check_may_withdraw(by, row.consumer_id)
    _to(row, Stage.WITHDRAWN)
    row.note = texts.lines("note", note, longest=LONGEST_NOTE)
    now = datetime.now(UTC)
    chains.end(row)
    clocks.stop(number, now, TAG[Stage.WITHDRAWN])
    periods.done_with("request", number, by=by)
    _done(row, by, {"note": row.note})
    answering.lapse_extension(row, now)
    return row


def needed(field: str, text: str) -> str:
    """Give a reason cleaned.

    Raises:
        Malformed: Empty, too long, or with characters that cannot be shown.
    """
    cleaned = texts.lines(field, text, longest=LONGEST_NOTE)
    if not cleaned:
        raise Malformed("须说明理由 (say why)", fields={field: "必填 (needed)"})
    return cleaned


def _resource(code: str, by: Officer) -> catalog.ResourceView:
    view = catalog.resource(code, by=by)
    permissions.check_requestable(view.sharing_type, view.withheld_basis_rank, view.withheld_basis)
    return view


def _check(draft: RequestDraft, view: catalog.ResourceView, consumer: str, known: dict[str, str] | None = None) -> None:
    faults = (known or {}) | faults_of(draft) | misfits(draft, view, consumer)
    if faults:
        remedy = "改正所列内容 (correct what is named)"
        raise Malformed("申请内容有误 (the request does not read)", fields=faults, remedy=remedy)


def _alone(draft: RequestDraft) -> None:
    """One request at a time changes a grant; its row is locked, so that two at once see each other."""
    if not draft.amends:
        return
    Grant.objects.select_for_update().get(number=draft.amends)
    under_way = Request.objects.filter(amends=draft.amends, decided_at=None).exclude(stage=Stage.WITHDRAWN)
    other = under_way.values_list("number", flat=True).first()
    if other:
        raise Conflict(
            f"申请 {other} 已在变更这份授权 (request {other} changes this grant already)",
            fields={"amends": other},
            remedy="接着办理那份申请，或先撤回它 (go on with that one, or withdraw it first)",
        )


def _write(row: Request, draft: RequestDraft, view: catalog.ResourceView) -> None:
    for name in PLAIN:
        value = getattr(draft, name)
        setattr(row, name, texts.clean(value) if isinstance(value, str) else value)
    row.application_id = draft.application or None
    row.channels = list(dict.fromkeys(draft.channels))
    row.rows = [rule.plain() for rule in draft.rows]
    row.version_id, row.sharing_type = view.version_id, sharing_type_of(draft, view)
    row.save()
    row.items.all().delete()
    chosen = dict.fromkeys(draft.items)
    RequestItem.objects.bulk_create(
        RequestItem(request=row, position=place, field=field) for place, field in enumerate(chosen, start=1)
    )


def _to(row: Request, wanted: Stage) -> None:
    row.stage = move(MOVES, f"request {row.number}", Stage(row.stage), wanted)


def _done(row: Request, by: Officer, facts: dict[str, object]) -> Request:
    row.revision += 1
    row.save()
    _record(TAG[Stage(row.stage)], row, by, facts)
    return row


def _record(tag: str, row: Request, by: Officer, facts: dict[str, object]) -> None:
    audit.record(tag, by=by, subject=row.number, facts=facts)
