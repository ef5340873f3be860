# SPDX-License-Identifier: Apache-2.0
"""What is visible to whom: lists, the queue, one entry, one resource.

Kept here: `visible` and `visible_versions` are the one predicate of each model; lists, search, pages and API all use
them. Unknown and forbidden look the same.
"""

from django.db.models import Q, QuerySet

from datong.contexts.catalog.domain import HOLDER, ResourceView, Stage
from datong.contexts.catalog.models import ClassNode, Resource, Version
from datong.contexts.catalog.queries.views import view
from datong.kernel.actors import SYSTEM, Officer, Role
from datong.kernel.errors import Unknown
from datong.kernel.sharing import SharingType

OPEN_STAGES = (Stage.PUBLISHED, Stage.SUPERSEDED)
REVIEWED_STAGES = (Stage.CONSENTED, Stage.RETURNED, Stage.WITHDRAWN)
DEPARTMENT_ROLES = (Role.COMPILER, Role.PROVIDER_HEAD)
LONGEST_CODE = 44


def visible(by: Officer | None) -> Q:
    """Which resources someone sees: all published ones; without signing in, only those that are shared.

    Drafts of a resource that was never published are seen through `visible_versions`.
    """
    published = Q(current__isnull=False, withdrawn_at__isnull=True)
    return published if by is not None else published & ~Q(current__sharing_type=SharingType.WITHHELD)


def visible_versions(by: Officer | None) -> Q:
    """Which versions someone sees: published ones as `visible`, drafts by their own department, then the reviewers."""
    if by is None:
        return Q(pk__in=[])
    seen = Q(stage__in=OPEN_STAGES, resource__withdrawn_at__isnull=True)
    if by.department and by.holds(*DEPARTMENT_ROLES):
        seen |= Q(resource__provider=by.department)
    if by.holds(Role.AUTHORITY):
        seen |= Q(stage__in=[*REVIEWED_STAGES, *OPEN_STAGES], resource__provider__region=by.region)
    if by.holds(Role.AUDITOR):
        seen |= ~Q(stage=Stage.DRAFT)
    return seen


def version_of(pk: int, *, by: Officer | None, lock: bool = False) -> Version:
    """Give one version someone may see, with resource, class and provider at hand.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = Version.objects.select_related("resource__provider", "resource__class_node").filter(visible_versions(by))
    if lock:
        rows = rows.select_for_update(of=("self", "resource"))
    found = rows.filter(pk=pk).first() if 0 < pk < 2**63 else None
    if found is None:
        raise Unknown("没有此目录 (there is no such entry)")
    return found


def entries(by: Officer, *, stage: str = "", q: str = "", mine: bool = False) -> QuerySet[Version]:
    """Versions an officer sees, newest first.

    Args:
        by: Who looks.
        stage: Only this stage.
        q: Only those whose name or code holds this text.
        mine: Only those of the own department.
    """
    rows = Version.objects.select_related("resource__provider", "resource__class_node").filter(visible_versions(by))
    if stage and stage.isprintable():
        rows = rows.filter(stage=stage)
    if mine:
        rows = rows.filter(resource__provider=by.department)
    if q and q.isprintable():
        rows = rows.filter(Q(name__icontains=q) | Q(resource__code__startswith=q))
    return rows.order_by("-changed_at", "-pk")


def waiting(by: Officer) -> QuerySet[Version]:
    """Versions that wait for this officer to act, those due first."""
    held = Q(pk__in=[])
    for stage, role in HOLDER.items():
        if role is None or not by.holds(role):
            continue
        if role is Role.AUTHORITY:
            held |= Q(stage=stage, resource__provider__region=by.region)
        elif role is Role.PROVIDER_HEAD:
            held |= Q(stage=stage, resource__provider=by.department) & ~Q(created_by__in=by.hands)
        else:
            held |= Q(stage=stage, resource__provider=by.department)
    return entries(by).filter(held).order_by("due", "changed_at")


def history(code: str, *, by: Officer | None) -> QuerySet[Version]:
    """Versions of a resource that someone sees, newest first."""
    rows = Version.objects.select_related("resource__provider").filter(visible_versions(by))
    return rows.filter(resource__code=code).order_by("-number") if code.isprintable() else rows.none()


def classes(*, level: int | None = None, under: str = "") -> QuerySet[ClassNode]:
    """Classes in order of code, of one level or under one code."""
    rows = ClassNode.objects.filter(code__startswith=under if under.isprintable() else "-").order_by("code")
    return rows if level is None else rows.filter(level=level)


def resource(code: str, *, by: Officer | None) -> ResourceView:
    """Give a published resource someone may see; items only to those who are signed in.

    Raises:
        Unknown: There is none, or none visible.
    """
    rows = _resources().filter(visible(by))
    found = rows.filter(code=code).first() if len(code) <= LONGEST_CODE and code.isprintable() else None
    if found is None:
        raise Unknown("没有此信息资源 (there is no such resource)")
    return view(found.current, with_items=by is not None)


def version(code: str, number: int) -> ResourceView:
    """Give one version of a resource whatever its stage, for the platform's own work.

    Raises:
        Unknown: There is none.
    """
    rows = Version.objects.select_related("resource__provider", "resource__class_node").prefetch_related("items")
    found = rows.filter(resource__code=code, number=number).first()
    if found is None:
        raise Unknown("没有此目录版本 (there is no such version)")
    return view(found)


def served(code: str) -> ResourceView | None:
    """Give the published version of a resource, None when there is none or it was withdrawn."""
    found = _resources().filter(visible(SYSTEM), code=code).first()
    return view(found.current) if found else None


def published(by: Officer | None, *, provider: str = "") -> list[ResourceView]:
    """Give every published resource someone may see, or those of one provider, in order of code."""
    rows = _resources().filter(visible(by))
    rows = rows.filter(provider=provider) if provider else rows
    return [view(row.current, with_items=by is not None) for row in rows.order_by("code")]


def _resources() -> QuerySet[Resource]:
    needed = ("current__resource__provider", "current__resource__class_node")
    return Resource.objects.select_related(*needed).prefetch_related("current__items")
