# SPDX-License-Identifier: Apache-2.0
"""Asking for several resources at once: what is put in a basket becomes one request for each resource.

Kept here: what is common is given once, what a resource does not offer is left out and said; each request is drafted and
filed by the use cases of a single one, in a transaction of its own, so that one that fails holds up no other.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.sharing import permissions
from datong.contexts.sharing.domain import RequestDraft
from datong.contexts.sharing.models import BasketLine
from datong.contexts.sharing.queries.baskets import basket, line_of
from datong.contexts.sharing.usecases.requesting import draft_request, file_request
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Malformed
from datong.kernel.sharing import SharingType

MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one line or request.

    Attributes:
        resource: Its code.
        number: Of the request; empty where none could be drafted.
        filed: Handed to the own head.
        fault: Why not, with each field; None where all went well.
        left_out: Channels wished for that the resource does not offer.
    """

    resource: str
    number: str
    filed: bool
    fault: DatongError | None = None
    left_out: tuple[str, ...] = ()


@transaction.atomic
def put_in_basket(code: str, items: Iterable[str] = (), *, by: Officer) -> BasketLine:
    """Put a resource, or some of its items, in the own basket; once there, the new choice of items holds.

    Args:
        code: Resource code.
        items: Fields wanted; none means all that may be asked for.
        by: An applicant.

    Raises:
        Refused: Not an applicant, or the resource is not shared at all.
        Unknown: No such resource.
        Malformed: An item that is not there or withheld, or too many lines.
    """
    permissions.check_may_apply(by)
    view = catalog.resource(code, by=by)
    permissions.check_requestable(view.sharing_type, view.withheld_basis_rank, view.withheld_basis)
    chosen = _chosen(items, view)
    if basket(by).exclude(resource=code).count() >= MOST_LINES:
        raise Malformed(
            f"申请篮最多放 {MOST_LINES} 项 (a basket holds at most {MOST_LINES})",
            fields={"resource": f"1-{MOST_LINES}"},
            remedy="先提交或移除一部分 (ask for some of them first)",
        )
    place = {"account": by.account, "department_id": by.department, "resource_id": code}
    line, _new = BasketLine.objects.update_or_create(**place, defaults={"items": chosen})
    audit.record("sharing.basket.filled", by=by, subject=code, facts={"items": chosen})
    return line


@transaction.atomic
def take_out_of_basket(pk: int, *, by: Officer) -> str:
    """Take a line out of the own basket; gives the code of its resource.

    Raises:
        Unknown: There is no such line.
    """
    line = line_of(pk, by=by, lock=True)
    code = line.resource_id
    line.delete()
    audit.record("sharing.basket.emptied", by=by, subject=code, facts={})
    return code


def ask_together(common: RequestDraft, *, by: Officer, file: bool = False, lines: Iterable[int] | None = None) -> list[Outcome]:
    """Draft one request for each line of the own basket, and hand them to the own head if wished.

    Args:
        common: What holds for all of them: basis, scene, scope, purpose, application, channels, term.
        by: An applicant.
        file: Hand in each that is complete; one that is not stays a draft and says what it lacks.
        lines: Primary keys; None takes the whole basket.

    Returns:
        What became of each, in the order of the basket; a line whose request was drafted has left it.

    Raises:
        Refused: Not an applicant.
        Malformed: The basket is empty, or nothing was chosen.
    """
    permissions.check_may_apply(by)
    rows = basket(by)
    wanted = list(rows if lines is None else rows.filter(pk__in=list(lines)))
    if not wanted:
        raise Malformed(
            "申请篮是空的 (there is nothing in the basket)",
            fields={"lines": "请选择 (choose)"},
            remedy="在资源页点“放进申请篮” (put resources in it first)",
        )
    return [_ask(line.pk, common, by, file=file) for line in wanted]


def file_together(numbers: Iterable[str], *, by: Officer) -> list[Outcome]:
    """Hand several drafts to the own head, each checked by itself.

    Raises:
        Malformed: None named, or too many.
    """
    wanted = list(dict.fromkeys(numbers))
    if not 1 <= len(wanted) <= MOST_LINES:
        raise Malformed(f"请选择1到{MOST_LINES}份申请 (choose 1 to {MOST_LINES} requests)", fields={"numbers": "请选择 (choose)"})
    return [_file(number, by) for number in wanted]


def _ask(pk: int, common: RequestDraft, by: Officer, *, file: bool) -> Outcome:
    """One line becomes a request and leaves the basket, both or neither."""
    code = ""
    try:
        with transaction.atomic():
            line = line_of(pk, by=by, lock=True)
            code = line.resource_id
            draft, left_out = _drafted(common, line, by)
            row = draft_request(draft, by=by)
            line.delete()
    except DatongError as fault:
        return Outcome(code, "", filed=False, fault=fault)
    made = Outcome(code, row.number, filed=False, left_out=left_out)
    if not file:
        return made
    tried = _file(row.number, by)
    return replace(made, filed=tried.filed, fault=tried.fault)


def _file(number: str, by: Officer) -> Outcome:
    try:
        row = file_request(number, by=by)
    except DatongError as fault:
        return Outcome("", number, filed=False, fault=fault)
    return Outcome(row.resource_id, number, filed=True)


def _drafted(common: RequestDraft, line: BasketLine, by: Officer) -> tuple[RequestDraft, tuple[str, ...]]:
    view = catalog.resource(line.resource_id, by=by)
    offered = [channel for channel in common.channels if channel in view.sharing_methods]
    items = tuple(line.items) or tuple(item.field for item in view.items if item.sharing_type != SharingType.WITHHELD)
    draft = replace(common, resource=line.resource_id, items=items, channels=tuple(offered), rows=(), amends="")
    return draft, tuple(channel for channel in common.channels if channel not in offered)


def _chosen(items: Iterable[str], view: catalog.ResourceView) -> list[str]:
    wanted = list(dict.fromkeys(items))
    may = {item.field for item in view.items if item.sharing_type != SharingType.WITHHELD}
    words = "没有此数据项，或不予共享 (no such item, or withheld)"
    strange = {f"items.{place}": words for place, field in enumerate(wanted) if field not in may}
    if strange:
        remedy = "去掉所列数据项 (leave them out)"
        raise Malformed("所选数据项有误 (these items cannot be asked for)", fields=strange, remedy=remedy)
    return wanted
