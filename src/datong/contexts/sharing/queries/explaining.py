# SPDX-License-Identifier: Apache-2.0
"""Why something is allowed or not: for an application or a person, a resource and perhaps one item of it.

Kept here: an answer names rule, grant, stage, mask and what to do next, in the order in which the gateway asks; it is given
to those who may know: the own department, the provider of the resource, those who supervise. For others there is nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from datong.contexts.catalog import face as catalog
from datong.contexts.organisations import face as organisations
from datong.contexts.sharing.domain import LIVE, GrantStage
from datong.contexts.sharing.models import Grant
from datong.contexts.sharing.permissions import RULE_14, RULE_20, RULE_27
from datong.contexts.sharing.queries.grants import envelope, visible_grants
from datong.contexts.sharing.queries.requests import CONSUMER_ROLES, OVERSEERS, PROVIDER_ROLES
from datong.kernel.actors import Officer
from datong.kernel.errors import Malformed, Unknown
from datong.kernel.sharing import SharingType

RULE_25 = "政务数据共享条例第二十五条"
NOBODY = "没有可以说明的内容 (there is nothing to explain)"
NEAREST = (*LIVE, GrantStage.SUPERSEDED, GrantStage.EXPIRED, GrantStage.TERMINATED, GrantStage.REVOKED, GrantStage.DISPOSED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one application may have it, and why.

    Attributes:
        why: One sentence, in both languages.
        next: What to do, in both languages; "" where nothing is needed.
        grant: Number of the grant it rests on, "" for none.
        mask: How the item is given; "" where no item was named or none is given.
        quota: Calls a day, None for any number.
    """

    application: str
    application_name: str
    allowed: bool
    why: str
    rule: str
    next: str = ""
    grant: str = ""
    stage: str = ""
    mask: str = ""
    channels: tuple[str, ...] = ()
    purpose: str = ""
    quota: int | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is asked about, and the verdict on each application.

    Attributes:
        account: Sign-in name asked about, "" where an application was named.
        sees_grants: Whether that person reads the grants of the department.
    """

    resource: str
    resource_name: str
    sharing_type: str
    item: str
    item_name: str
    account: str
    sees_grants: bool
    verdicts: tuple[Verdict, ...]

    @property
    def allowed(self) -> bool:
        """Whether at least one of the applications may have it."""
        return any(one.allowed for one in self.verdicts)


def explain(resource: str, *, application: str = "", account: str = "", item: str = "", today: date, by: Officer) -> Explanation:
    """Tell whether an application, or a person through those of his department, may have a resource or one item of it.

    Args:
        resource: Code.
        application: Client id; or
        account: Sign-in name. One of the two.
        item: Field; empty asks about the resource as a whole.
        today: In Shanghai.
        by: Who asks.

    Raises:
        Malformed: Neither or both named.
        Unknown: No such thing, or none the officer may know about.
    """
    if bool(application) == bool(account):
        fault = dict.fromkeys(("application", "account"), "填写其中一项 (give one of the two)")
        raise Malformed("请指明应用系统或者人员 (name an application or a person)", fields=fault)
    view = catalog.resource(resource, by=by)
    person, asked = (_person(account), []) if account else (None, [_application(application)])
    department = person.department if person else asked[0].department
    _check_may_know(view, department, by)
    if person:
        asked = organisations.applications(department) if department else []
    shown = view.item(item) if item else None
    mine = Grant.objects.filter(visible_grants(person)) if person else Grant.objects.none()
    return Explanation(
        resource=view.code,
        resource_name=view.name,
        sharing_type=shown.sharing_type if shown else view.sharing_type,
        item=item,
        item_name=shown.name if shown else "",
        account=account,
        sees_grants=mine.filter(consumer=department).exists(),
        verdicts=tuple(_verdict(one, view, item, today) for one in asked),
    )


def _person(account: str) -> Officer:
    try:
        return organisations.officer_named(account)
    except Unknown:
        raise Unknown(NOBODY) from None


def _application(client_id: str) -> organisations.ApplicationView:
    try:
        return organisations.application(client_id)
    except Unknown:
        raise Unknown(NOBODY) from None


def _check_may_know(view: catalog.ResourceView, department: str, by: Officer) -> None:
    own = bool(by.department) and by.department == department and by.holds(*CONSUMER_ROLES, *PROVIDER_ROLES)
    provides = bool(by.department) and by.department == view.provider and by.holds(*PROVIDER_ROLES)
    if not (own or provides or by.holds(*OVERSEERS)):
        raise Unknown(NOBODY)


def _verdict(app: organisations.ApplicationView, view: catalog.ResourceView, item: str, today: date) -> Verdict:
    barred = _barred(view, item)
    if barred:
        return _no(app, *barred)
    if not app.active:
        return _no(app, "应用系统已停用 (the application is suspended)", RULE_27, "请安全保密员恢复 (ask the security officer)")
    rows = list(Grant.objects.filter(resource=view.code, application=app.client_id))
    if not rows:
        days = "1" if view.sharing_type == SharingType.UNCONDITIONAL else "10"
        ask = f"提出申请，提供部门{days}个工作日内答复 (file a request: answered in {days} working days)"
        return _no(app, "还没有授权 (there is no grant)", RULE_20, ask)
    verdicts = [_of_grant(app, row, item, today) for row in sorted(rows, key=_nearness)]
    return next((one for one in verdicts if one.allowed), verdicts[0])


def _barred(view: catalog.ResourceView, item: str) -> tuple[str, str, str] | None:
    """What keeps it from everybody: withheld by law, or not in the catalogue."""
    negotiate = "确需使用的，先与提供部门协商，再提请主管部门协调 (negotiate, then ask the authority)"
    if view.sharing_type == SharingType.WITHHELD:
        return f"该资源不予共享，依据：{view.withheld_basis} (withheld by law)", RULE_14, negotiate
    if not item:
        return None
    known = view.item(item)
    if known is None:
        return "该资源没有此信息项 (no such item)", RULE_20, "在资源页查看信息项 (look at the items of the resource)"
    if known.sharing_type == SharingType.WITHHELD:
        return f"该信息项不予共享，依据：{view.withheld_basis} (the item is withheld by law)", RULE_14, negotiate
    return None


def _no(app: organisations.ApplicationView, why: str, rule: str, following: str) -> Verdict:
    return Verdict(app.client_id, app.name, allowed=False, why=why, rule=rule, next=following)


def _nearness(row: Grant) -> tuple[int, str]:
    return NEAREST.index(GrantStage(row.stage)), row.number


def _of_grant(app: organisations.ApplicationView, row: Grant, item: str, today: date) -> Verdict:
    told = envelope(row)["grant"]
    masks = {one["field"]: one["mask"] for one in told["items"]}
    why, rule, following = _judged(row, item, masks, today)
    return Verdict(
        application=app.client_id,
        application_name=app.name,
        allowed=not following,
        why=why,
        rule=rule,
        next=following,
        grant=row.number,
        stage=row.stage,
        mask=masks.get(item, ""),
        channels=tuple(told["channels"]),
        purpose=row.purpose,
        quota=told["quota_per_day"],
        until=row.valid_until,
    )


def _judged(row: Grant, item: str, fields: Iterable[str], today: date) -> tuple[str, str, str]:
    """The sentence, its rule, and what to do: empty where it is allowed."""
    if row.stage == GrantStage.SUSPENDED:
        reason = row.stage_reason.partition(" (")[0]
        return (
            f"授权已暂停：{reason} (the grant is suspended)",
            RULE_27,
            "整改后请提供部门恢复 (put it right, then ask the provider)",
        )
    if row.stage != GrantStage.ACTIVE:
        label = GrantStage(row.stage).label
        return f"授权{label} (the grant is {row.stage})", RULE_27, "另行申请 (file a new request)"
    if today < row.valid_from:
        return f"授权自 {row.valid_from} 起生效 (it begins on {row.valid_from})", RULE_20, "到期再用 (use it from then on)"
    if today > row.valid_until:
        return f"授权已于 {row.valid_until} 期满 (it ended on {row.valid_until})", RULE_20, "申请续期 (ask for another term)"
    if item and item not in fields:
        return "授权不含此信息项 (the grant does not cover this item)", RULE_25, "申请变更授权 (ask for a change of the grant)"
    return "可以使用 (allowed)", RULE_25, ""
