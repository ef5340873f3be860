# SPDX-License-Identifier: Apache-2.0
"""What an applicant hands in, and what a request must say before it is filed (809 art. 20).

Kept here: a draft may lack anything; filing wants 依据, 场景, 范围, 方式, 时限 and what the gateway needs, each missing
one named, all at once (一次性告知).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from datong.contexts.sharing.domain.rows import RowRule, row_faults
from datong.kernel import texts
from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled
from datong.kernel.sharing import Channel, DeliveryMode, RequestBasis, UpdateCycle

RULE_20 = "政务数据共享条例第二十条"
MOST_ITEMS = 2000
LARGEST_QUOTA = 2**31 - 1
LONGEST: Mapping[str, int] = {"basis": 500, "scene": 500, "scope": 500, "purpose": 200, "row_scope": 500}
ONE_LINE = frozenset({"purpose"})
MANDATORY: Mapping[str, str] = {
    "basis_kind": "使用依据类别必选 (809 art. 20: choose the kind of basis)",
    "basis": "使用依据必填，写明条款或职责 (809 art. 20: cite the clause or duty)",
    "scene": "使用场景必填 (809 art. 20: describe the scene)",
    "scope": "使用范围必填 (809 art. 20: give the scope of use)",
    "channels": "共享方式必选 (809 art. 20: choose how)",
    "term_from": "使用时限起始日必填 (809 art. 20: first day)",
    "term_until": "使用时限截止日必填 (809 art. 20: last day)",
    "items": "至少选择一个数据项 (choose at least one item)",
    "purpose": "使用目的必填，调用时逐次核对 (give the purpose, each call states it)",
    "application": "应用系统必选，由它调用数据 (choose the application that calls)",
}


@dataclass(frozen=True, slots=True)
class RequestDraft:
    """A request as handed in; empty means not given yet.

    Attributes:
        resource: Resource code; fixed once the request has a number.
        application: Client id of an application of the own department.
        items: Fields wanted.
        rows: Rows wanted; no rule means all.
        term_from: First day of use.
        term_until: Last day of use.
        quota_per_day: Calls a day, None for no wish.
        delivery_mode: Whole tables or what changed; empty for no wish.
        update_cycle: How often; empty for no wish.
        amends: Number of the live grant it would change; fixed once the request has a number.
    """

    resource: str = ""
    application: str = ""
    basis_kind: str = ""
    basis: str = ""
    scene: str = ""
    scope: str = ""
    purpose: str = ""
    channels: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    rows: tuple[RowRule, ...] = ()
    row_scope: str = ""
    term_from: date | None = None
    term_until: date | None = None
    quota_per_day: int | None = None
    delivery_mode: str = ""
    update_cycle: str = ""
    amends: str = ""


CLOSED: Mapping[str, type[Labelled]] = {
    "basis_kind": RequestBasis, "delivery_mode": DeliveryMode, "update_cycle": UpdateCycle,
}  # fmt: skip
"""Field to the list it is chosen from."""


def faults_of(draft: RequestDraft) -> dict[str, str]:
    """Give what does not read well in a draft, field by field; what is not given yet is no fault."""
    faults = _text_faults(draft) | _choice_faults(draft)
    if draft.term_from and draft.term_until and draft.term_until < draft.term_from:
        faults["term_until"] = "截止日早于起始日 (the last day lies before the first)"
    if draft.quota_per_day is not None and not 1 <= draft.quota_per_day <= LARGEST_QUOTA:
        faults["quota_per_day"] = "每日调用次数为1或更大 (1 or more calls a day)"
    if len(draft.items) > MOST_ITEMS:
        faults["items"] = f"不得超过 {MOST_ITEMS} 项 (at most {MOST_ITEMS})"
    return faults | row_faults(draft.rows)


def _text_faults(draft: RequestDraft) -> dict[str, str]:
    faults: dict[str, str] = {}
    for name, longest in LONGEST.items():
        read = texts.line if name in ONE_LINE else texts.lines
        try:
            read(name, getattr(draft, name), longest=longest, least=0)
        except Malformed as fault:
            faults |= fault.fields
    return faults


def _choice_faults(draft: RequestDraft) -> dict[str, str]:
    faults = {
        name: f"请从列表中选择 (choose one of): {', '.join(kind)}"
        for name, kind in CLOSED.items()
        if getattr(draft, name) and getattr(draft, name) not in list(kind)
    }
    if any(channel not in list(Channel) for channel in draft.channels):
        faults["channels"] = f"请从列表中选择 (choose among): {', '.join(Channel)}"
    return faults


def missing(draft: RequestDraft, today: date) -> dict[str, str]:
    """Give everything that keeps a request from being filed on a day."""
    lacking = {name: words for name, words in MANDATORY.items() if not getattr(draft, name)}
    if draft.term_until and draft.term_until < today:
        lacking["term_until"] = "使用时限已过 (the last day has passed)"
    return lacking
