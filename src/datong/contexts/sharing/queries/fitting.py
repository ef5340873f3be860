# SPDX-License-Identifier: Apache-2.0
"""Whether a request fits what is there: the resource's items and channels, the department's applications, the law cited.

Kept here: what names something that is not there, not shared or not one's own is a misfit and never saved; what is not
given yet, or rests on no fitting law, keeps a request from being filed and is told all at once (809 arts. 20 and 21).
"""

from dataclasses import replace
from datetime import date

from datong.contexts.catalog import face as catalog
from datong.contexts.organisations import face as organisations
from datong.contexts.sharing.domain import GrantStage, RequestDraft
from datong.contexts.sharing.domain.requests import missing
from datong.contexts.sharing.domain.rows import RowRule, type_fault
from datong.contexts.sharing.models import Grant
from datong.kernel.errors import Unknown
from datong.kernel.sharing import Channel, DeliveryMode, SharingType, UpdateCycle, strictest

WHOLESALE = frozenset({Channel.TABLE, Channel.FILE, Channel.SUBSCRIPTION})
"""Channels that carry data in one go, so that how and how often is a question."""
PACE = [cycle for cycle in UpdateCycle if cycle not in (UpdateCycle.IRREGULAR, UpdateCycle.NEVER)]
"""Cycles from the quickest on that can be compared."""
LIVE = [GrantStage.ACTIVE.value, GrantStage.SUSPENDED.value]


def misfits(draft: RequestDraft, view: catalog.ResourceView, consumer: str) -> dict[str, str]:
    """Give what names something that is not there, not shared, or not one's own."""
    faults = _item_misfits(draft, view) | _row_misfits(draft.rows, view) | _wish_misfits(draft, view)
    not_offered = [channel for channel in draft.channels if channel not in view.sharing_methods]
    if not_offered:
        faults["channels"] = f"该资源仅提供 (offered only): {', '.join(view.sharing_methods)}"
    if draft.application and not own_application(draft.application, consumer):
        faults["application"] = "请选择本部门在用的应用系统 (choose an active application of your department)"
    return faults


def lacks(draft: RequestDraft, view: catalog.ResourceView, consumer: str, today: date) -> dict[str, str]:
    """Give everything that keeps a request from being filed on a day, at once (809 art. 21)."""
    return (
        missing(draft, today)
        | _basis_fault(draft)
        | misfits(draft, view, consumer)
        | amends_fault(draft, consumer, ended=True)
        | _scope_fault(draft)
    )


def common_lacks(draft: RequestDraft, today: date) -> dict[str, str]:
    """Give what several requests would lack alike, before there is any resource: all but the items."""
    return missing(replace(draft, items=("",)), today) | _basis_fault(draft)


def _basis_fault(draft: RequestDraft) -> dict[str, str]:
    fault = catalog.basis_of_use_fault(draft.basis_kind, draft.basis) if draft.basis and draft.basis_kind else ""
    return {"basis": fault} if fault else {}


def amends_fault(draft: RequestDraft, consumer: str, *, ended: bool = False) -> dict[str, str]:
    """Give whether the grant a request would change does not live, or is another's or on another resource.

    Args:
        draft: What is asked.
        consumer: Who asks.
        ended: One that came to its end since is good too: the new grant then follows it.
    """
    stages = [*LIVE, GrantStage.EXPIRED.value] if ended else LIVE
    rows = Grant.objects.filter(consumer=consumer, stage__in=stages, resource=draft.resource)
    if not draft.amends or (draft.amends.isprintable() and rows.filter(number=draft.amends).exists()):
        return {}
    return {"amends": "要变更的授权已终止，或不是本部门在该资源上的授权 (no live grant of yours on this resource)"}


def _scope_fault(draft: RequestDraft) -> dict[str, str]:
    """One live grant for one resource, application and purpose: told before filing, not after a decision."""
    scope = {"resource": draft.resource, "application": draft.application, "purpose": draft.purpose}
    if not all(scope.values()) or not all(value.isprintable() for value in scope.values()):
        return {}
    other = Grant.objects.filter(stage__in=LIVE, **scope).exclude(number=draft.amends).first()
    if other is None:
        return {}
    return {"purpose": f"{other.number} 已就此目的授权该应用系统，请在该授权上申请变更 ({other.number} covers this: amend it)"}


def own_application(client_id: str, consumer: str) -> bool:
    """Tell whether an application is the department's own and in use."""
    try:
        application = organisations.application(client_id)
    except Unknown:
        return False
    return application.active and application.department == consumer


def sharing_type_of(draft: RequestDraft, view: catalog.ResourceView) -> str:
    """Give the strictest type of the items asked for: it sets the provider's period (809 art. 21)."""
    types = [SharingType(item.sharing_type) for item in view.items if item.field in draft.items]
    return strictest(types).value if types else view.sharing_type


def _item_misfits(draft: RequestDraft, view: catalog.ResourceView) -> dict[str, str]:
    faults: dict[str, str] = {}
    known = {item.field: item.sharing_type for item in view.items}
    for place, field in enumerate(draft.items):
        if field not in known:
            faults[f"items.{place}"] = "该资源没有此数据项 (no such item)"
        elif known[field] == SharingType.WITHHELD:
            faults[f"items.{place}"] = f"该数据项不予共享，依据：{view.withheld_basis} (withheld)"
    return faults


def _row_misfits(rows: tuple[RowRule, ...], view: catalog.ResourceView) -> dict[str, str]:
    faults: dict[str, str] = {}
    for place, rule in enumerate(rows):
        item = view.item(rule.field)
        if item is None or item.sharing_type == SharingType.WITHHELD:
            faults[f"rows.{place}.field"] = "不能按此数据项限定 (rows cannot be chosen by this)"
        elif fault := type_fault(rule, item.type):
            faults[f"rows.{place}.field"] = fault
    return faults


def _wish_misfits(draft: RequestDraft, view: catalog.ResourceView) -> dict[str, str]:
    """A wish of how or how often that could have no effect is told, not kept."""
    faults: dict[str, str] = {}
    if (draft.delivery_mode or draft.update_cycle) and draft.channels and not WHOLESALE & set(draft.channels):
        words = "只有批量交换、文件下载、变更订阅才有供数方式和频率 (only for tables, files and subscriptions)"
        faults |= {name: words for name in ("delivery_mode", "update_cycle") if getattr(draft, name)}
    elif draft.delivery_mode == DeliveryMode.INCREMENTAL and draft.update_cycle == UpdateCycle.NEVER:
        faults["update_cycle"] = "增量须有频率 (what changed comes again and again: choose how often)"
    elif draft.update_cycle in PACE and view.update_cycle in PACE and _quicker(draft.update_cycle, view.update_cycle):
        label = UpdateCycle(view.update_cycle).label
        faults["update_cycle"] = f"该资源{label}更新，不能更频繁 (it is updated {view.update_cycle}: no more often)"
    return faults


def _quicker(wanted: str, promised: str) -> bool:
    return PACE.index(UpdateCycle(wanted)) < PACE.index(UpdateCycle(promised))
