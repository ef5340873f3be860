# SPDX-License-Identifier: Apache-2.0
"""What the forms of asking offer to choose from, and what is still missing as a list of links to the fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from datong.contexts.catalog import face as catalog
from datong.contexts.organisations import face as organisations
from datong.contexts.sharing.queries.fitting import WHOLESALE
from datong.kernel.actors import Officer
from datong.kernel.labels import choices
from datong.kernel.sharing import Channel, DeliveryMode, RequestBasis, UpdateCycle

FIELDS: Mapping[str, Any] = {
    "basis_kind": _("使用依据类别"),
    "basis": _("使用依据"),
    "scene": _("使用场景"),
    "scope": _("使用范围"),
    "purpose": _("使用目的"),
    "items": _("信息项"),
    "rows": _("行范围"),
    "row_scope": _("行范围说明"),
    "channels": _("共享方式"),
    "delivery_mode": _("供数方式"),
    "update_cycle": _("供数频率"),
    "application": _("应用系统"),
    "quota_per_day": _("每日调用次数"),
    "term_from": _("使用时限起始日"),
    "term_until": _("使用时限截止日"),
    "amends": _("要变更的授权"),
    "resource": _("资源"),
    "lines": _("资源"),
}
"""Field to what people call it, in the order of the form."""
PLACES = {"items": "items", "rows": "rows", "amends": "amends", "resource": "amends", "lines": "lines"}
"""Field to the part of the page that holds it, where that is no field of its own."""


def gaps(errors: Mapping[str, str]) -> list[dict[str, Any]]:
    """Everything at fault at once, in the order of the form: name, sentence, place on the page."""
    order = list(FIELDS)
    first: dict[str, str] = {}
    for name, words in errors.items():
        first.setdefault(name.partition(".")[0], words)
    known = sorted(first, key=lambda name: order.index(name) if name in order else len(order))
    return [{"label": FIELDS.get(name, name), "words": first[name], "place": PLACES.get(name, f"f-{name}")} for name in known]


def named(fields: Iterable[str]) -> str:
    """Fields as people call them, listed."""
    return gettext("、").join(str(FIELDS.get(name, name)) for name in fields)


def offered(by: Officer, methods: Iterable[str]) -> dict[str, Any]:
    """Lists of a form of asking: applications, bases, laws and duties to cite, channels, wishes."""
    known = set(methods)
    own = [one for one in organisations.applications(by.department) if one.active]
    return {
        "applications": [(one.client_id, f"{one.name} · {one.address} · {one.responsible}") for one in own],
        "bases": choices(RequestBasis),
        "laws": _laws(),
        "duties": catalog.duties_to_cite(by.department),
        "offered": [(one, label) for one, label in choices(Channel) if one in known],
        "wholesale": bool(known & WHOLESALE),
        "modes": choices(DeliveryMode),
        "cycles": choices(UpdateCycle),
    }


def only_application(by: Officer) -> str:
    """The client id of the department's application where it has one only, so that nobody has to choose it."""
    own = [one.client_id for one in organisations.applications(by.department) if one.active]
    return own[0] if len(own) == 1 else ""


def _laws() -> list[dict[str, Any]]:
    """For each kind of basis the laws in force on the list, with the articles cited often."""
    laws = catalog.laws_to_cite()
    ranks = dict.fromkeys(law.rank for law in laws)
    return [{"kind": rank, "laws": [law for law in laws if law.rank == rank]} for rank in ranks]
