# SPDX-License-Identifier: Apache-2.0
"""The dry run of a request: the rules that file and decide it, applied without writing anything."""

from datetime import UTC, date, datetime

from datong.contexts.catalog import face as catalog
from datong.contexts.periods import face as periods
from datong.contexts.sharing import permissions
from datong.contexts.sharing.domain import DELIVERY, RequestDraft, default_mask
from datong.contexts.sharing.domain.requests import faults_of
from datong.contexts.sharing.domain.rows import wants_case
from datong.contexts.sharing.domain.trials import Trial, TrialDate, TrialItem, TrialPost, TrialStep
from datong.contexts.sharing.queries import chains
from datong.contexts.sharing.queries.fitting import lacks, sharing_type_of
from datong.contexts.sharing.queries.requests import as_draft, request_of
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Refused
from datong.kernel.masks import NONE
from datong.kernel.sharing import SharingType
from datong.kernel.workdays import received_on

ALL = "未选数据项，按全部可申请的数据项试算 (no item chosen: tried with all that may be asked for)"
OWN_CASES = "按本案取数：每次调用须带办件编号 (own cases: each call must name its case)"
UNANNOUNCED = "未公布 (not announced yet)"


def try_request(number: str, *, by: Officer) -> Trial:
    """Try a request that is not filed yet, or was sent back, as it stands.

    Raises:
        Unknown: No such request, or none visible.
        Refused: Not an applicant of the department.
    """
    row = request_of(number, by=by)
    permissions.check_may_edit(by, row.consumer_id)
    return try_draft(as_draft(row), by=by)


def try_draft(draft: RequestDraft, *, by: Officer) -> Trial:
    """Try a request as it would be handed in.

    Args:
        draft: At least the resource.
        by: An applicant; his head is taken to agree today.

    Raises:
        Refused: Not an applicant.
        Unknown: No such resource.
    """
    permissions.check_may_apply(by)
    view = catalog.resource(draft.resource, by=by)
    today = received_on(datetime.now(UTC))
    hindrance = _hindrance(view)
    kind = sharing_type_of(draft, view)
    way = None if hindrance else chains.steps_of(view.code, draft.items, by=by)
    return Trial(
        resource=view.code,
        resource_name=view.name,
        provider_name=view.provider_name,
        sharing_type=kind,
        hindrance=hindrance,
        items=_items(draft, view),
        steps=_steps(way, by) if way else (),
        automatic=bool(way and way.automatic),
        dates=() if hindrance else _dates(kind, today),
        missing={} if hindrance else faults_of(draft) | lacks(draft, view, by.department, today),
        notes=_notes(draft),
    )


def _hindrance(view: catalog.ResourceView) -> str:
    try:
        permissions.check_requestable(view.sharing_type, view.withheld_basis_rank, view.withheld_basis)
    except Refused as refusal:
        return refusal.message
    return ""


def _items(draft: RequestDraft, view: catalog.ResourceView) -> tuple[TrialItem, ...]:
    """Each item wanted and each that is withheld: what is neither asked for nor withheld is left out."""
    wanted = set(draft.items)
    shown = (item for item in view.items if item.sharing_type == SharingType.WITHHELD or not wanted or item.field in wanted)
    return tuple(_item(item, view) for item in shown)


def _item(item: catalog.ItemView, view: catalog.ResourceView) -> TrialItem:
    given = SharingType.WITHHELD not in (item.sharing_type, view.sharing_type)
    mask = default_mask(item.name, personal=item.personal, sharing_type=item.sharing_type) if given else NONE
    why = "个人信息，默认脱敏，由提供部门决定 (personal: masked unless the provider says otherwise)"
    if not given:
        why = f"不予共享，依据：{view.withheld_basis} (withheld by: {view.withheld_basis})"
    return TrialItem(
        field=item.field,
        name=item.name,
        sharing_type=item.sharing_type,
        level=item.level,
        personal=item.personal,
        mask=str(mask),
        given=given,
        why=why if not given or mask != NONE else "",
    )


def _steps(way: chains.Route, by: Officer) -> tuple[TrialStep, ...]:
    """The own head's consent first, then the way the provider's answer takes."""
    filled = chains.is_filled(Role.CONSUMER_HEAD, by.department, "", by.hands)
    head = TrialPost(Role.CONSUMER_HEAD.value, by.department, by.department_name, filled)
    own = TrialStep(1, "one", (head,), decides=False)
    theirs = (
        TrialStep(
            position=place,
            mode=step.mode,
            posts=tuple(TrialPost(post.role, post.department, post.department_name, post.filled) for post in step.posts),
            decides=step.decides,
        )
        for place, step in enumerate(way.steps, start=2)
    )
    return (own, *theirs)


def _dates(kind: str, today: date) -> tuple[TrialDate, ...]:
    answer = _date("answer", f"809-21-{kind}", today)
    return answer, _date("delivery", DELIVERY, answer.due)


def _date(kind: str, rule: str, event: date) -> TrialDate:
    told = periods.forecast(rule, event)
    warning = told.warning if not told.published and told.warning else "" if told.published else UNANNOUNCED
    return TrialDate(
        kind=kind,
        rule=rule,
        days=told.days,
        event=event,
        due=told.due,
        latest=told.latest,
        published=told.published,
        warning=warning,
        calendar_version=told.calendar_version,
    )


def _notes(draft: RequestDraft) -> tuple[str, ...]:
    notes = [] if draft.items else [ALL]
    return (*notes, OWN_CASES) if wants_case(draft.rows) else tuple(notes)
