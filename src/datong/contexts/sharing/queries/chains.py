# SPDX-License-Identifier: Apache-2.0
"""Decision chains: the policy that applies, the way a request would take, the steps it takes, who holds which.

Kept here: of several policies the nearest holds: the department's own before its region's, a region before those above it,
a level or sharing type named before any; `visible_policies` is the one predicate.
"""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from datong.contexts.catalog import face as catalog
from datong.contexts.organisations import face as organisations
from datong.contexts.sharing.domain import chains
from datong.contexts.sharing.domain.chains import ChainStep, Home, Post, PostView, Route, StepStage, StepView
from datong.contexts.sharing.models import DecisionPolicy, DecisionStep, Extension, Request
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Unknown
from datong.kernel.sharing import Level, SharingType, highest, strictest

OVERSEERS = (Role.AUTHORITY, Role.AUDITOR, Role.SECURITY)
LARGEST_KEY = 2**62


def visible_policies(by: Officer) -> Q:
    """Which policies an officer sees: those of his department and of regions, as overseer all."""
    if by.holds(*OVERSEERS):
        return ~Q(pk__in=[])
    return Q(department=None) | Q(department=by.department) if by.department else Q(pk__in=[])


def policies(by: Officer, *, ended: bool = False) -> QuerySet[DecisionPolicy]:
    """Give the policies an officer sees, in force or ended, the newest first."""
    rows = DecisionPolicy.objects.select_related("department", "region").filter(visible_policies(by))
    return rows.exclude(ended_at=None) if ended else rows.filter(ended_at=None)


def policy_of(pk: int, *, by: Officer, lock: bool = False) -> DecisionPolicy:
    """Give one policy an officer sees.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = DecisionPolicy.objects.select_related("department", "region").filter(visible_policies(by))
    rows = rows.select_for_update(of=("self",)) if lock else rows
    found = rows.filter(pk=pk).first() if 0 < pk < LARGEST_KEY else None
    if found is None:
        raise Unknown("没有此办理策略 (there is no such policy)")
    return found


def policy_for(department: str, region: str, level: str, sharing_type: str) -> DecisionPolicy | None:
    """Give the policy in force that applies to a request, None where there is none."""
    upward = _upward(region)
    place = Q(department=department) | Q(department=None, region__in=upward)
    fits = Q(level__in=["", level]) & Q(sharing_type__in=["", sharing_type])
    rows = DecisionPolicy.objects.filter(place & fits, ended_at=None)
    return min(rows, key=lambda row: _distance(row, upward), default=None)


def _upward(region: str) -> list[str]:
    """A division and those above it, the nearest first."""
    found = []
    while region and region not in found:
        found.append(region)
        try:
            region = organisations.region(region).parent
        except Unknown:
            break
    return found


def _distance(row: DecisionPolicy, upward: list[str]) -> tuple[int, bool, bool]:
    near = -1 if row.department_id else upward.index(row.region_id)
    return near, not row.level, not row.sharing_type


def level_of(view: catalog.ResourceView, fields: Iterable[str]) -> str:
    """Give the highest level of a resource and of the items asked for (就高从严, GB/T 43697-2024)."""
    wanted = set(fields)
    levels = [view.level, *(item.level for item in view.items if item.field in wanted)]
    return highest(Level(level) for level in levels if level).value if any(levels) else ""


def route(
    provider: str, region: str, level: str, sharing_type: str, *, hands: frozenset[str] = frozenset(), by_people: bool = False
) -> tuple[Route, DecisionPolicy | None]:
    """Give the way a request takes, and the policy behind it.

    Args:
        provider: Credit code of the department asked.
        region: Its division.
        level: Highest level of what is asked for.
        sharing_type: Strictest of what is asked for.
        hands: Accounts that had a hand in the request: they fill no post of it.
        by_people: Leave the node's own answers aside.
    """
    policy = policy_for(provider, region, level, sharing_type)
    if not by_people and policy is not None and policy.automatic and chains.may_be_automatic(level, sharing_type):
        return Route((), automatic=True, level=level, policy=policy.pk), policy
    asked = [ChainStep.of(step) for step in policy.steps] if policy else []
    steps = chains.chain(asked, level)
    names = organisations.department_names(
        [provider, *(post.department for step in steps for post in step.posts if post.department)]
    )
    shown = tuple(
        StepView(
            position=place,
            mode=step.mode,
            posts=tuple(_post(post, provider, region, names, hands) for post in step.posts),
            decides=place == len(steps),
        )
        for place, step in enumerate(steps, start=1)
    )
    return Route(shown, automatic=False, level=level, policy=policy.pk if policy else None), policy


def _post(post: Post, provider: str, region: str, names: dict[str, str], hands: frozenset[str]) -> PostView:
    department = {Home.OWN: provider, Home.NAMED: post.department}.get(Home(post.home), "")
    place = region if post.home == Home.REGION else ""
    held = is_filled(post.role, department, place, hands)
    return PostView(post.role, department, names.get(department, ""), place, held)


def is_filled(role: str, department: str, region: str, hands: frozenset[str]) -> bool:
    """Tell whether an active account holds a post that had no hand in the request."""
    return bool(set(organisations.holders(Role(role), department=department, region=region)) - hands)


def steps_of(code: str, fields: Iterable[str] = (), *, by: Officer) -> Route:
    """Give the way a request for a resource would take, before it is made.

    Args:
        code: Resource code.
        fields: Items wanted; none means all that are shared.
        by: Who would ask: he fills no post himself.

    Raises:
        Unknown: No such resource, or none visible.
    """
    view = catalog.resource(code, by=by)
    wanted = set(fields) or {item.field for item in view.items if item.sharing_type != SharingType.WITHHELD}
    types = [SharingType(item.sharing_type) for item in view.items if item.field in wanted]
    kind = strictest(types).value if types else view.sharing_type
    level = level_of(view, wanted)
    return route(view.provider, view.region, level, kind, hands=by.hands)[0]


def steps(row: Request) -> QuerySet[DecisionStep]:
    """Give the steps of a request, all rounds, in order."""
    return DecisionStep.objects.select_related("department").filter(request=row).order_by("round", "position", "seat")


def current(row: Request) -> list[DecisionStep]:
    """Give the steps of the newest round of a request, in order."""
    listed = list(steps(row))
    newest = max((step.round for step in listed), default=0)
    return [step for step in listed if step.round == newest]


def extension_of(row: Request) -> Extension:
    """Give the question for more time of a request.

    Raises:
        Unknown: None was asked.
    """
    found = Extension.objects.select_related("request").filter(request=row).first()
    if found is None:
        raise Unknown("没有延期申请 (no more time was asked for)")
    return found


def held_by(by: Officer) -> Q:
    """Which steps an officer's posts hold."""
    own = Q(department=None, region="")
    if by.department:
        own |= Q(department=by.department)
    if by.region:
        own |= Q(department=None, region=by.region)
    return Q(role__in=[role.value for role in by.roles]) & own


def open_to(by: Officer) -> Q:
    """Which requests have a step that waits for this officer."""
    rows = DecisionStep.objects.filter(held_by(by), request=OuterRef("pk"), stage=StepStage.OPEN)
    return Q(Exists(rows))


def joined_by(by: Officer) -> Q:
    """Which requests ask a post of this officer's department, now or before."""
    rows = DecisionStep.objects.filter(held_by(by), request=OuterRef("pk"))
    return Q(Exists(rows))
