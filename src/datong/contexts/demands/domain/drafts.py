# SPDX-License-Identifier: Apache-2.0
"""What an applicant says of the data he needs, and what a demand must say before it is filed (809 art. 20).

Kept here: a draft may lack anything but a name; filing names everything missing at once (一次性告知).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from datong.kernel import texts
from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled
from datong.kernel.sharing import RequestBasis

RULE_20 = "政务数据共享条例第二十条"
MOST_ITEMS = 60
LONGEST_ITEM = 100
LONGEST: Mapping[str, int] = {"name": 200, "basis": 500, "scene": 500, "purpose": 200, "expected_words": 200, "coverage": 200}
LINES = frozenset({"basis", "scene"})
MANDATORY: Mapping[str, str] = {
    "name": "需要的数据名称必填 (name the data you need)",
    "items": "至少写一个信息项 (name at least one item)",
    "basis_kind": "使用依据类别必选 (809 art. 20: choose the kind of basis)",
    "basis": "使用依据必填，写明条款或职责 (809 art. 20: cite the clause or duty)",
    "scene": "使用场景必填 (809 art. 20: describe the scene)",
    "purpose": "使用目的必填 (809 art. 20: give the purpose)",
}


class Urgency(Labelled):
    """How much a demand presses (紧急程度)."""

    ORDINARY = "ordinary", "一般"
    PRESSING = "pressing", "较急"
    URGENT = "urgent", "紧急"


@dataclass(frozen=True, slots=True)
class DemandDraft:
    """A demand as handed in; empty means not given yet.

    Attributes:
        items: Names of the items wanted.
        expected: Credit code of the department thought to hold the data.
        expected_words: The same in words, where the department is not known.
        coverage: Which region and years the data should cover, in words.
        needed_by: Day by which the data are needed.
    """

    name: str = ""
    items: tuple[str, ...] = ()
    basis_kind: str = ""
    basis: str = ""
    scene: str = ""
    purpose: str = ""
    expected: str = ""
    expected_words: str = ""
    coverage: str = ""
    urgency: str = Urgency.ORDINARY.value
    needed_by: date | None = None


def settle(draft: DemandDraft) -> dict[str, object]:
    """Give the values of a draft as they are kept.

    Raises:
        Malformed: With every field at fault.
    """
    faults: dict[str, str] = {}
    values: dict[str, object] = {"needed_by": draft.needed_by, "basis_kind": draft.basis_kind, "urgency": draft.urgency}
    for name, longest in LONGEST.items():
        read = texts.lines if name in LINES else texts.line
        try:
            values[name] = read(name, getattr(draft, name), longest=longest, least=1 if name == "name" else 0)
        except Malformed as fault:
            faults |= fault.fields
    if draft.basis_kind and draft.basis_kind not in list(RequestBasis):
        faults["basis_kind"] = f"请从列表中选择 (choose one of): {', '.join(RequestBasis)}"
    if draft.urgency not in list(Urgency):
        faults["urgency"] = f"请从列表中选择 (choose one of): {', '.join(Urgency)}"
    values["items"] = _items(draft.items, faults)
    if faults:
        raise Malformed("需求内容有误，见各字段 (the demand does not read: see the fields)", fields=faults, rule=RULE_20)
    return values


def _items(names: tuple[str, ...], faults: dict[str, str]) -> list[str]:
    found: dict[str, None] = {}
    for name in names:
        try:
            found[texts.line("items", name, longest=LONGEST_ITEM, least=0)] = None
        except Malformed as fault:
            faults |= fault.fields
    found.pop("", None)
    if len(found) > MOST_ITEMS:
        faults["items"] = f"不得超过 {MOST_ITEMS} 项 (at most {MOST_ITEMS})"
    return list(found)


def missing(values: Mapping[str, object], today: date) -> dict[str, str]:
    """Give everything that keeps a demand from being filed on a day."""
    lacking = {name: words for name, words in MANDATORY.items() if not values.get(name)}
    needed = values.get("needed_by")
    if isinstance(needed, date) and needed < today:
        lacking["needed_by"] = "需要日期已过 (that day has passed)"
    return lacking
