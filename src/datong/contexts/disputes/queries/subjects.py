# SPDX-License-Identifier: Apache-2.0
"""What is disputed: a request, a grant, a correction or an entry, as its own context shows it to the officer who asks.

Kept here: nobody disputes what he cannot see; which matters may be disputed follows from the stage the thing is in, from
clocks that ran out and from what the entry says. Corrections stand on the same rung of the ladder: their context is
asked by the name the settings give.
"""

from collections.abc import Callable

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from datong.contexts.catalog import face as catalog
from datong.contexts.periods import face as periods
from datong.contexts.sharing import face as sharing
from datong.kernel.actors import Officer
from datong.kernel.disputes import Disputable, Disputed, Matter
from datong.kernel.errors import Malformed, Unknown

OF_REQUEST = {"refused": Matter.REFUSED, "granted": Matter.PARTIAL}
OF_GRANT = {"active": Matter.ALTERED, "suspended": Matter.SUSPENDED, "revoked": Matter.STOPPED}
OF_ENTRY = {"withheld": Matter.WITHHELD, "conditional": Matter.CONDITIONS}
LONGEST = 44


def disputed(kind: str, code: str, *, by: Officer) -> Disputed:
    """Give a thing as an officer who sees it may dispute it.

    Raises:
        Malformed: Nothing of this kind can be disputed.
        Unknown: There is none, or none visible.
    """
    if kind not in list(Disputable):
        raise Malformed(
            "选择争议对象 (choose what is disputed)",
            fields={"kind": "申请、授权、校核或者目录 (a request, grant, correction or entry)"},
        )
    if not code or len(code) > LONGEST or not code.isprintable():
        raise Unknown("没有此事项 (there is no such matter)")
    return READERS[Disputable(kind)](code, by)


def overdue(number: str) -> bool:
    """Tell whether a clock that runs on something has run out."""
    clock = periods.running([number]).get(number)
    return clock is not None and clock.due < timezone.localdate()


def _request(number: str, by: Officer) -> Disputed:
    row = sharing.requests(by).filter(number=number).first()
    if row is None:
        raise Unknown("没有此申请 (there is no such request)")
    matters = [OF_REQUEST[row.stage]] if row.stage in OF_REQUEST else []
    if overdue(number):
        matters.append(Matter.LATE)
    title = f"{row.consumer.name}申请{row.resource.name}"
    return Disputed(
        Disputable.REQUEST, number, title, f"/requests/{number}", row.resource_id, row.provider_id, row.consumer_id,
        tuple(matters),
    )  # fmt: skip


def _grant(number: str, by: Officer) -> Disputed:
    row = sharing.grants(by).filter(number=number).first()
    if row is None:
        raise Unknown("没有此授权 (there is no such grant)")
    matters = [OF_GRANT[row.stage]] if row.stage in OF_GRANT else []
    if overdue(number):
        matters.append(Matter.LATE)
    return Disputed(
        Disputable.GRANT, number, f"{row.resource.name}共享授权", f"/grants/{number}", row.resource_id, row.provider_id,
        row.consumer_id, tuple(matters),
    )  # fmt: skip


def _entry(code: str, by: Officer) -> Disputed:
    view = catalog.resource(code, by=by)
    said = {view.sharing_type, *(item.sharing_type for item in view.items)}
    matters = tuple(matter for kind, matter in OF_ENTRY.items() if kind in said)
    return Disputed(
        Disputable.ENTRY, code, view.name, f"/resources/{code}", code, view.provider, "", matters
    )  # fmt: skip


def _correction(number: str, by: Officer) -> Disputed:
    read: Callable[..., Disputed] = import_string(settings.DISPUTED_CORRECTIONS)
    return read(number, by=by)


READERS: dict[Disputable, Callable[[str, Officer], Disputed]] = {
    Disputable.REQUEST: _request,
    Disputable.GRANT: _grant,
    Disputable.CORRECTION: _correction,
    Disputable.ENTRY: _entry,
}
"""Kind of thing to how it is read."""
