# SPDX-License-Identifier: Apache-2.0
"""Which rows are wanted or given: rules that the gateway writes into every statement (809 arts. 20 and 25).

Kept here: all rules of a request hold together; a region is a prefix of a division code, a time is two days that both
count, own cases are those whose item equals the case number of the call (header Datong-Case).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from datong.kernel.sharing import RULE_TYPES, TEXT_TYPES

VALUES: Mapping[str, str] = {
    "eq": "相等只有1个值 (eq takes one value)",
    "in": "给出1个或几个值 (give one value or several)",
    "prefix": "给出1个或几个开头 (give one beginning or several)",
    "from": "起始日写作 2026-01-31 (one day: 2026-01-31)",
    "until": "截止日写作 2026-12-31 (one day: 2026-12-31)",
    "case": "本案不需要值，以调用时的办件编号为准 (no value: the case number of the call counts)",
}
"""Operator to what its values must be."""
OPERATORS = tuple(VALUES)
DAYS = ("from", "until")
CASE = "case"
REGION_WORDS = ("行政区划", "区划代码", "地区代码", "所在地区", "所属地区", "登记机关区划", "division", "region", "adcode")
MOST_RULES = 20
MOST_VALUES = 1000
LONGEST_VALUE = 200
FIELD = re.compile(r"[a-z][a-z0-9_]{0,62}")
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class RowRule:
    """A condition every row must meet.

    Attributes:
        op: eq one value, in some, prefix any of some, from and until a day (it counts), case: the case of the call.
    """

    field: str
    op: str
    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Read a stored rule."""
        return cls(field=raw["field"], op=raw["op"], values=tuple(raw["values"]))

    def plain(self) -> dict[str, Any]:
        """Give the rule as JSON."""
        return {"field": self.field, "op": self.op, "values": list(self.values)}

    def implies(self, other: "RowRule") -> bool:
        """Tell whether every row this rule lets through is let through by the other one; no when in doubt."""
        if self.field != other.field:
            return False
        if CASE in (self.op, other.op):
            return self.op == other.op
        if other.op in DAYS:
            return self._within(other)
        if self.op in DAYS:
            return False
        if other.op == "prefix":
            return all(value.startswith(other.values) for value in self.values)
        return self.op != "prefix" and set(self.values) <= set(other.values)

    def _within(self, other: "RowRule") -> bool:
        """Days of this rule against the bound of another; days written alike compare as texts."""
        if self.op == "prefix" or (self.op in DAYS and self.op != other.op):
            return False
        if not all(is_day(value) for value in self.values):
            return False
        bound = other.values[0]
        return all(value >= bound if other.op == "from" else value <= bound for value in self.values)


def is_day(text: str) -> bool:
    """Tell whether a text is a day that exists, written YYYY-MM-DD, with a day before and after it in every zone."""
    if not DAY.fullmatch(text) or text[:4] in ("0000", "0001", "9999"):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def wants_case(rules: Iterable[RowRule]) -> bool:
    """Tell whether rows are those of the case at hand, so that each call must name its case."""
    return any(rule.op == CASE for rule in rules)


def holds_region(field: str, name: str, kind: str) -> bool:
    """Tell whether an item looks as if it held a division code: offered first, never chosen for anyone."""
    return kind in TEXT_TYPES and any(word in name or word in field for word in REGION_WORDS)


def prefix_of(region: str) -> str:
    """Give the digits that every division inside a region begins with: 330000 gives 33, 330100 gives 3301."""
    pairs = [region[at : at + 2] for at in range(0, len(region), 2)]
    while len(pairs) > 1 and pairs[-1] == "00":
        pairs.pop()
    return "".join(pairs)


def region_of(prefix: str) -> str:
    """Give the division code of a prefix: 33 gives 330000."""
    return prefix.ljust(6, "0") if prefix.isdigit() and len(prefix) in (2, 4, 6) else ""


def row_faults(rows: Iterable[RowRule]) -> dict[str, str]:
    """Give what does not read well in row rules, as `rows.0.values`."""
    listed = list(rows)
    if len(listed) > MOST_RULES:
        return {"rows": f"不得超过 {MOST_RULES} 条 (at most {MOST_RULES} rules)"}
    faults: dict[str, str] = {}
    for place, rule in enumerate(listed):
        if rule.op not in OPERATORS:
            faults[f"rows.{place}.op"] = f"请选择 (choose one of): {', '.join(OPERATORS)}"
        if not FIELD.fullmatch(rule.field):
            faults[f"rows.{place}.field"] = "请选择数据项 (choose an item)"
        if rule.op in OPERATORS and not _values_read(rule):
            faults[f"rows.{place}.values"] = (
                f"{VALUES[rule.op]}；每个不超过{LONGEST_VALUE}字，至多{MOST_VALUES}个 (at most {MOST_VALUES})"
            )
    return faults | _spans(listed)


def type_fault(rule: RowRule, kind: str) -> str:
    """Give why a rule does not work on an item of a type; empty when it does."""
    wanted = RULE_TYPES.get(rule.op)
    if wanted is None or kind in wanted:
        return ""
    if rule.op in DAYS:
        return "按时间限定须选日期或日期时间型的数据项 (a day needs an item of dates or times)"
    return "须选字符型的数据项 (needs a text item)"


def _values_read(rule: RowRule) -> bool:
    if rule.op == CASE:
        return not rule.values
    if rule.op in DAYS:
        return len(rule.values) == 1 and is_day(rule.values[0])
    most = 1 if rule.op == "eq" else MOST_VALUES
    return 1 <= len(rule.values) <= most and all(
        value and len(value) <= LONGEST_VALUE and value.isprintable() for value in rule.values
    )


def _spans(rules: list[RowRule]) -> dict[str, str]:
    """A last day before the first one lets nothing through: told at the last day."""
    opens: dict[str, str] = {}
    for rule in rules:
        if rule.op == "from" and _values_read(rule):
            opens[rule.field] = max(rule.values[0], opens.get(rule.field, ""))
    return {
        f"rows.{place}.values": "截止日早于起始日，什么也得不到 (the last day lies before the first)"
        for place, rule in enumerate(rules)
        if rule.op == "until" and _values_read(rule) and rule.values[0] < opens.get(rule.field, "")
    }
