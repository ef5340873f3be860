# SPDX-License-Identifier: Apache-2.0
"""Facets: what a search may be narrowed by, in which words, whoever counts.

Kept here: each facet has one name in addresses, API and index; classes and divisions are trees, of which the next
branches below the chosen one are shown.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from functools import lru_cache

from datong.contexts.catalog.domain import Facet
from datong.contexts.catalog.domain.finding import Freshness, regions_above
from datong.contexts.catalog.models import ClassNode
from datong.contexts.organisations import face as organisations
from datong.kernel.codes import Category
from datong.kernel.labels import Labelled
from datong.kernel.sharing import FormatClass, Level, OpeningType, SharingType, UpdateCycle

LABELLED: Mapping[str, type[Labelled]] = {
    "category": Category, "sharing_type": SharingType, "opening_type": OpeningType, "format_class": FormatClass,
    "update_cycle": UpdateCycle, "freshness": Freshness, "level": Level,
}  # fmt: skip
TREES = ("class_code", "theme", "region")
NAMES = (*LABELLED, *TREES, "provider")
"""Every facet."""
MOST_VALUES = 20
LONGEST_VALUE = 40
KEPT_SECONDS = 30
"""How long the name of a class, division or department may be an old one."""


def given(filters: Mapping[str, str] | None) -> dict[str, str]:
    """Give the filters that mean something."""
    known = {name: value for name, value in (filters or {}).items() if name in NAMES and value}
    return {name: value for name, value in known.items() if value.isprintable() and len(value) <= LONGEST_VALUE}


def beginning(region: str) -> str:
    """Give the beginning all divisions in a division share: 330000 is 33."""
    province, city, county = regions_above(region)
    return county or city or province


def labelled(name: str, counted: Iterable[tuple[str, int]]) -> tuple[Facet, ...]:
    """Put words to the values of a facet; those without any are left out."""
    counts = [(value, count) for value, count in counted if value][:MOST_VALUES]
    if name == "region":
        counts = [(value.ljust(6, "0"), count) for value, count in counts]
    words = _words(name, [value for value, _count in counts])
    return tuple(Facet(value=value, label=words.get(value, value), count=count) for value, count in counts)


def chosen(given_: Mapping[str, str]) -> dict[str, str]:
    """Give the words of the values that narrow."""
    return {name: _words(name, [value]).get(value, value) for name, value in given_.items()}


def _words(name: str, values: list[str]) -> Mapping[str, str]:
    if name in LABELLED:
        return {one.value: one.label for one in LABELLED[name]}
    known = _names(name, int(time.monotonic() / KEPT_SECONDS))
    missing = [value for value in values if value not in known]
    if missing:
        known |= dict.fromkeys(missing, "") | _named(name, missing)
    return {value: known[value] for value in values if known[value]}


@lru_cache(maxsize=2 * len(NAMES))
def _names(name: str, turn: int) -> dict[str, str]:  # noqa: ARG001  a new turn forgets what was known
    return {}


def _named(name: str, values: list[str]) -> dict[str, str]:
    if name == "provider":
        return organisations.department_names(values)
    if name == "region":
        return organisations.region_names(values)
    return dict(ClassNode.objects.filter(code__in=values).values_list("code", "name"))
