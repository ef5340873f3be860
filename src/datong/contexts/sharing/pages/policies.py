# SPDX-License-Identifier: Apache-2.0
"""The policies by which requests are decided: those in force, those before, a form that sets another."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from datong.contexts.organisations import face as organisations
from datong.contexts.sharing import permissions, usecases
from datong.contexts.sharing.domain.chains import ChainStep, Home, Mode, Post
from datong.contexts.sharing.models import DecisionPolicy
from datong.contexts.sharing.queries import chains
from datong.contexts.sharing.usecases import PolicyDraft
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import DatongError, Unknown
from datong.kernel.labels import choices
from datong.kernel.sharing import Level, SharingType

STEPS, SEATS = 3, 3
"""Steps and posts a form offers."""
POSTS = (
    ("region", _("同级主管部门"), Post(Role.AUTHORITY.value, Home.REGION.value)),
    ("node", _("安全保密员"), Post(Role.SECURITY.value, Home.NODE.value)),
    ("own", _("提供部门的目录编制人"), Post(Role.COMPILER.value)),
    ("named", _("指定部门的提供方负责人"), Post(Role.PROVIDER_HEAD.value, Home.NAMED.value)),
    ("named_user", _("指定部门的需求方负责人"), Post(Role.CONSUMER_HEAD.value, Home.NAMED.value)),
)
"""What a form offers for a post: value, words, post; a named one takes its department from the field beside it."""
MOST_SHOWN = 500


@require_http_methods(["GET", "POST"])
def policies(request: HttpRequest) -> HttpResponse:
    """List policies and set another."""
    if request.method == "GET":
        return _page(request)
    try:
        usecases.set_policy(_draft(request.POST), by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, error)
    messages.success(request, gettext("办理策略已生效，此前的申请仍按原环节办理"))
    return redirect("sharing:policies")


@require_POST
def end(request: HttpRequest, policy: int) -> HttpResponse:
    """End a policy."""
    try:
        usecases.end_policy(policy, by=request.officer)
    except Unknown:
        raise
    except DatongError as error:
        return _page(request, error)
    messages.success(request, gettext("办理策略已停止，改按上一级策略办理"))
    return redirect("sharing:policies")


def _page(request: HttpRequest, error: DatongError | None = None) -> HttpResponse:
    by = request.officer
    ended = request.GET.get("tab") == "ended"
    rows = chains.policies(by, ended=ended)
    departments = _own_departments(by)
    names = organisations.department_names(sorted(_named(rows[:MOST_SHOWN])))
    more: dict[str, Any] = {
        "rows": rows,
        "lines": [{"row": row, "steps": _said(row, names), "ends": _may_end(by, row)} for row in rows[:MOST_SHOWN]],
        "tab": "ended" if ended else "now",
        "tabs": (("now", _("现行")), ("ended", _("已停止"))),
        "may_set": bool(departments) or by.holds(Role.AUTHORITY),
        "authority": by.holds(Role.AUTHORITY),
        "departments": departments,
        "named": [(one.uscc, one.name) for one in organisations.departments()],
        "levels": choices(Level),
        "types": [one for one in choices(SharingType) if one[0] != SharingType.WITHHELD],
        "modes": choices(Mode),
        "posts": [(value, words) for value, words, _post in POSTS],
        "grid": _grid(request.POST, error),
        "refusal": error,
        "errors": error.fields if error else {},
        "values": request.POST,
    }
    return render(request, "sharing/policies.html", more, status=error.status if error else 200)


def _own_departments(by: Officer) -> list[tuple[str, str]]:
    """Departments this officer may set policies for."""
    if by.holds(Role.AUTHORITY):
        return [(one.uscc, one.name) for one in organisations.departments(region=by.region) if one.region == by.region]
    return [(by.department, by.department_name)] if by.holds(Role.PROVIDER_HEAD) else []


def _may_end(by: Officer, row: DecisionPolicy) -> bool:
    where = (row.department_id or "", row.region_id)
    return row.ended_at is None and permissions.check_may_set_policy.allowed(by, *where, automatic=False, ordered=row.ordered)


def _draft(posted: QueryDict) -> PolicyDraft:
    steps = [ChainStep(posts, posted.get(f"step-{place}-mode", Mode.ALL)) for place, posts in _posts(posted)]
    return PolicyDraft(
        department=posted.get("department", ""),
        level=posted.get("level", ""),
        sharing_type=posted.get("sharing_type", ""),
        steps=tuple(steps),
        automatic=bool(posted.get("automatic")),
        reason=posted.get("reason", ""),
    )


def _posts(posted: QueryDict) -> list[tuple[int, tuple[Post, ...]]]:
    """The steps that were filled in: their place in the form and their posts."""
    known = {value: post for value, _words, post in POSTS}
    found = []
    for place in range(STEPS):
        seats = [f"step-{place}-{seat}" for seat in range(SEATS)]
        asked = [(posted.get(seat, ""), posted.get(f"{seat}-department", "").strip()) for seat in seats]
        posts = tuple(_post(known[value], department) for value, department in asked if value in known)
        if posts:
            found.append((place, posts))
    return found


def _post(post: Post, department: str) -> Post:
    """A post of the form; a department is named by its code or by its whole name."""
    if post.home != Home.NAMED:
        return post
    same = (one.uscc for one in organisations.departments(q=department) if one.name == department) if department else iter(())
    return Post(post.role, post.home, next(same, department[:18]))


def _grid(posted: QueryDict, error: DatongError | None) -> list[dict[str, Any]]:
    """The steps of the form, as they were left, each with what is wrong in it."""
    faults = error.fields if error else {}
    filled = [place for place, _posts_of in _posts(posted)]
    made = []
    for place in range(STEPS):
        seats = [
            {
                "name": f"step-{place}-{seat}",
                "value": posted.get(f"step-{place}-{seat}", ""),
                "department": posted.get(f"step-{place}-{seat}-department", ""),
            }
            for seat in range(SEATS)
        ]
        number = filled.index(place) if place in filled else -1
        wrong = [words for name, words in faults.items() if name.startswith(f"steps.{number}.")]
        mode = posted.get(f"step-{place}-mode", "all")
        error_words = wrong[0] if wrong else ""
        made.append({"place": place, "mode": mode, "seats": seats, "filled": place in filled, "error": error_words})
    return made


def _named(rows: Any) -> set[str]:
    return {post["department"] for row in rows for step in row.steps for post in step["posts"] if post["department"]}


def _said(row: DecisionPolicy, names: dict[str, str]) -> list[dict[str, Any]]:
    """The steps of a policy in words."""
    return [
        {"mode": step["mode"], "posts": [{**post, "name": names.get(post["department"], "")} for post in step["posts"]]}
        for step in row.steps
    ]
