# SPDX-License-Identifier: Apache-2.0
"""What the shell around every page shows: node, officer, language, the ways this officer may go."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from datong.config.pages.gateways import READERS
from datong.kernel.actors import Officer, Role

WAYS: tuple[tuple[str, Any, frozenset[Role]], ...] = (
    ("/workbench", gettext_lazy("工作台"), frozenset(Role)),
    ("/search", gettext_lazy("查找数据"), frozenset()),
    ("/catalog", gettext_lazy("编目"), frozenset({Role.COMPILER, Role.PROVIDER_HEAD, Role.AUTHORITY})),
    ("/exchange/schedules", gettext_lazy("归集"), frozenset({Role.COMPILER, Role.PROVIDER_HEAD})),
    (
        "/requests",
        gettext_lazy("申请"),
        frozenset({Role.APPLICANT, Role.CONSUMER_HEAD, Role.PROVIDER_HEAD, Role.AUTHORITY, Role.COMPILER}),
    ),
    (
        "/grants",
        gettext_lazy("授权"),
        frozenset(Role) - {Role.SYSADMIN, Role.COMPILER},
    ),
    ("/deliveries", gettext_lazy("交付"), frozenset(Role) - {Role.SYSADMIN, Role.COMPILER}),
    ("/subscriptions", gettext_lazy("订阅"), frozenset(Role) - {Role.SYSADMIN}),
    ("/demands", gettext_lazy("供需"), frozenset(Role) - {Role.SYSADMIN, Role.SECURITY}),
    ("/corrections", gettext_lazy("校核"), frozenset(Role) - {Role.SYSADMIN}),
    ("/disputes", gettext_lazy("争议"), frozenset(Role) - {Role.SYSADMIN, Role.SECURITY}),
    (
        "/periods",
        gettext_lazy("期限"),
        frozenset({Role.COMPILER, Role.PROVIDER_HEAD, Role.AUTHORITY, Role.AUDITOR}),
    ),
    ("/evidence", gettext_lazy("留痕"), frozenset(Role)),
    ("/accounts", gettext_lazy("账号"), frozenset({Role.SYSADMIN})),
    ("/departments", gettext_lazy("部门"), frozenset({Role.SYSADMIN})),
)
"""Address, word, roles that see it; no roles means everybody."""
OWN_WAYS: tuple[tuple[str, Any, frozenset[Role]], ...] = (
    (
        "/applications",
        gettext_lazy("应用系统"),
        frozenset({Role.APPLICANT, Role.CONSUMER_HEAD, Role.AUTHORITY, Role.AUDITOR, Role.SECURITY}),
    ),
    ("/connections", gettext_lazy("数据源连接"), frozenset(Role) - {Role.SYSADMIN}),
    ("/gateways", gettext_lazy("网关状态"), READERS),
)
"""What a department sets up once and seldom opens again: it stands behind the own name, so that the menu keeps to one line."""


BELOW: dict[str, tuple[str, ...]] = {
    "/grants": (
        *("/exchange/use", "/exchange/figures", "/exchange/calls", "/exchange/grants"),
        *("/disposals", "/changes", "/explain"),
    ),
    "/evidence": ("/acts",),
}
"""Address of the menu to those that belong to it and begin otherwise."""


def shell(request: HttpRequest) -> dict[str, Any]:
    """The node's name, the officer in front of the page and where they may go."""
    officer: Officer | None = getattr(request, "officer", None)
    return {
        "node_name": settings.NODE.name,
        "node_code": settings.NODE.code,
        "officer": officer,
        "ways": _ways(request, officer, WAYS),
        "own_ways": _ways(request, officer, OWN_WAYS),
        "languages": settings.LANGUAGES,
    }


def _ways(
    request: HttpRequest, officer: Officer | None, among: tuple[tuple[str, Any, frozenset[Role]], ...]
) -> list[tuple[str, Any, bool]]:
    return [(href, word, _here(request.path, href)) for href, word, roles in among if _open(officer, roles)]


def _open(officer: Officer | None, roles: frozenset[Role]) -> bool:
    return not roles or (officer is not None and officer.holds(*roles))


def _here(path: str, href: str) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in (href, *BELOW.get(href, ())))
