# SPDX-License-Identifier: Apache-2.0
"""Row rules on a form and in words: a region and a time are chosen, own cases ticked, anything else written as a line.

Kept here: a form and the rules it stands for are one list in one order, so that a fault told as `rows.2.values` finds its
place on the page again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from datong.contexts.catalog import face as catalog
from datong.contexts.organisations import face as organisations
from datong.contexts.sharing.domain import RowRule
from datong.contexts.sharing.domain.rows import CASE, DAYS, MOST_RULES, holds_region, prefix_of, region_of
from datong.kernel.actors import Officer
from datong.kernel.sharing import RULE_TYPES, SharingType

LINES = 2
"""Empty lines a form offers for what is neither region nor time nor own case."""
PARTS = re.compile(r"[\s,，、;；]+")
OPERATORS = (
    ("eq", _("等于")), ("in", _("是其中之一")), ("prefix", _("以…开头")), ("from", _("不早于")), ("until", _("不晚于")),
)  # fmt: skip
SAID = {
    "eq": _("%(name)s 等于 %(values)s"),
    "in": _("%(name)s 是 %(values)s 之一"),
    "prefix": _("%(name)s 以 %(values)s 开头"),
    "from": _("%(name)s 不早于 %(values)s"),
    "until": _("%(name)s 不晚于 %(values)s"),
    "case": _("%(name)s 等于调用时的办件编号（只取本案）"),
}
PLACED = _("%(name)s 以 %(values)s 开头（%(regions)s）")


def read(posted: QueryDict) -> tuple[RowRule, ...]:
    """Read the rules that were filled in, in the order of the form."""
    return tuple(rule for _place, rule in _read(posted))


def _read(posted: QueryDict) -> list[tuple[str, RowRule]]:
    """Each rule with the place of the form it came from."""
    found = []
    regions = tuple(prefix_of(code) for code in posted.getlist("regions") if code)
    if regions:
        found.append(("region", RowRule(posted.get("region-field", ""), "prefix", regions)))
    for op in DAYS:
        day = posted.get(f"time-{op}", "").strip()
        if day:
            found.append((f"time-{op}", RowRule(posted.get("time-field", ""), op, (day,))))
    if posted.get("case-field"):
        found.append(("case", RowRule(posted["case-field"], CASE)))
    for place in range(MOST_RULES):
        field, text = posted.get(f"rule-{place}-field", ""), posted.get(f"rule-{place}-values", "").strip()
        values = tuple(value for value in PARTS.split(text) if value)
        if field or values:
            found.append((f"line-{place}", RowRule(field, posted.get(f"rule-{place}-op", "eq"), values)))
    return found


def shown(
    rules: Sequence[RowRule], posted: QueryDict | None, view: catalog.ResourceView, errors: Mapping[str, str], by: Officer
) -> dict[str, Any]:
    """What the part of the form on rows needs: stored rules or those typed, each with its error.

    Args:
        rules: Stored ones.
        posted: What was typed, None to show the stored ones.
        view: The resource: its items are what may be chosen by.
        errors: Field to sentence, rules as `rows.2.values`.
        by: Whose region is offered with those right below it.
    """
    offered = _regions(by)
    placed = _read(posted) if posted is not None else _placed(rules, dict(offered))
    said = {place: _said(errors, at) for at, (place, _rule) in enumerate(placed) if _said(errors, at)}
    known = dict(placed)
    items = [item for item in view.items if item.sharing_type != SharingType.WITHHELD]
    texts = [item for item in items if item.type in RULE_TYPES[CASE]]
    days = [item for item in items if item.type in RULE_TYPES["from"]]
    likely = [item for item in texts if holds_region(item.field, item.name, item.type)]
    region, case = known.get("region"), known.get(CASE)
    time = known.get("time-from") or known.get("time-until")
    first = likely or texts
    return {
        "regions": offered,
        "region_items": [*likely, *(item for item in texts if item not in likely)],
        "region_field": region.field if region else (first[0].field if first else ""),
        "region_codes": [region_of(value) for value in region.values] if region else [],
        "day_items": days,
        "day_field": time.field if time else (days[0].field if len(days) == 1 else ""),
        "days": {op: known[f"time-{op}"].values[0] if f"time-{op}" in known else "" for op in DAYS},
        "case_items": texts,
        "case_field": case.field if case else "",
        "lines": _lines(known, said),
        "operators": OPERATORS,
        "errors": {place.replace("-", "_"): words for place, words in said.items()},
        "open": bool(placed),
    }


def _regions(by: Officer) -> list[tuple[str, str]]:
    """The own region whole, and those right below it."""
    if not by.region:
        return []
    own = organisations.region(by.region)
    below = [(one.code, one.name) for one in organisations.region_tree() if one.parent == own.code]
    return [(own.code, gettext("%(name)s（全部）") % {"name": own.name}), *below]


def _placed(rules: Sequence[RowRule], offered: Mapping[str, str]) -> list[tuple[str, RowRule]]:
    """Give each stored rule the place of the form it is shown at, in the order they are stored."""
    found: list[tuple[str, RowRule]] = []
    taken: dict[str, RowRule] = {}
    for rule in rules:
        place = _place(rule, taken, offered)
        taken[place] = rule
        found.append((place, rule))
    return found


def _place(rule: RowRule, taken: Mapping[str, RowRule], offered: Mapping[str, str]) -> str:
    line = f"line-{sum(place.startswith('line') for place in taken)}"
    if rule.op == CASE:
        return CASE if CASE not in taken else line
    if rule.op in DAYS:
        beside = [one.field for place, one in taken.items() if place.startswith("time")]
        fits = f"time-{rule.op}" not in taken and all(field == rule.field for field in beside)
        return f"time-{rule.op}" if fits else line
    regional = rule.op == "prefix" and all(region_of(value) in offered for value in rule.values)
    return "region" if regional and "region" not in taken else line


def _lines(known: Mapping[str, RowRule], said: Mapping[str, str]) -> list[dict[str, Any]]:
    used = [int(place[5:]) for place in known if place.startswith("line")]
    most = min(MOST_RULES, max(LINES, max(used, default=-1) + 2))
    empty = RowRule("", "eq")
    rules = [(f"line-{place}", known.get(f"line-{place}", empty)) for place in range(most)]
    return [
        {"field": rule.field, "op": rule.op, "values": " ".join(rule.values), "error": said.get(place, "")}
        for place, rule in rules
    ]


def _said(errors: Mapping[str, str], at: int) -> str:
    return next((words for name, words in errors.items() if name.startswith(f"rows.{at}.")), "")


def said(rules: Sequence[Mapping[str, Any]], view: catalog.ResourceView | None) -> list[str]:
    """Row rules as a person reads them: name of the item, relation, values; divisions by their names too."""
    names = {item.field: item.name for item in view.items} if view else {}
    codes = {region_of(value) for rule in rules if rule["op"] == "prefix" for value in rule["values"]} - {""}
    regions = organisations.region_names(sorted(codes)) if codes else {}
    return [_in_words(rule, names.get(rule["field"], rule["field"]), regions) for rule in rules]


def _in_words(rule: Mapping[str, Any], name: str, regions: Mapping[str, str]) -> str:
    words = {"name": name, "values": " ".join(rule["values"])}
    places = [regions.get(region_of(value), "") for value in rule["values"]] if rule["op"] == "prefix" else []
    if places and all(places):
        return str(PLACED) % {**words, "regions": gettext("、").join(places)}
    return str(SAID[rule["op"]]) % words
