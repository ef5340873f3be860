# SPDX-License-Identifier: Apache-2.0
"""What the search index keeps of a published resource.

Kept here: only what is published is ever indexed; what the public may not see carries that as a label, so that counts
and facets are taken under the same rule as hits. Nothing here decides visibility: each hit is read again from the
database before it is shown.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import ModuleType
from typing import NamedTuple

from datong.engine.plans.seeking import Entry, Kind, Layout
from datong.kernel.labels import Labelled
from datong.kernel.sharing import SharingType

NAME, ORG, ITEMS, ABSTRACT, SOUND, CODES, HEAD, EXACT = "name", "org", "items", "abstract", "sound", "codes", "head", "exact"
RUNG, OPENED, BY_NAME, BY_PROVIDER = "rung", "open", "by_name", "by_provider"
LABELS = ("sharing_type", "opening_type", "update_cycle", "level", "format_class")
"""Columns of the version that are labels as they stand."""
LAYOUT = Layout(
    edition=4,
    fields={
        NAME: Kind.WORDS, ORG: Kind.TERMS, ITEMS: Kind.TERMS, ABSTRACT: Kind.TERMS, SOUND: Kind.TERMS, CODES: Kind.TERMS,
        HEAD: Kind.EDGES, EXACT: Kind.WHOLE, OPENED: Kind.WHOLE, RUNG: Kind.WHOLE, "class_code": Kind.LABEL,
        "subclass": Kind.LABEL, "provider": Kind.LABEL, "region_2": Kind.LABEL, "region_4": Kind.LABEL, "region_6": Kind.LABEL,
        **dict.fromkeys(LABELS, Kind.LABEL), BY_NAME: Kind.ORDER, BY_PROVIDER: Kind.ORDER, "published": Kind.NUMBER,
        "stale_on": Kind.NUMBER, "proof": Kind.NUMBER,
    },
)  # fmt: skip
Labels = dict[str, str]
OPEN = "1"
"""Label of what people who have not signed in may find."""
MOST_KEPT = 200_000
HALF = 2**63 - 1
SORTED = 60
"""Letters a name is sorted by."""


class Freshness(Labelled):
    """更新情况 of the attached data against the promised cycle (更新周期)."""

    FRESH = "fresh", "按期更新"
    STALE = "stale", "超期未更新"
    NONE = "none", "未挂接或无周期"


class Row(NamedTuple):
    """One published resource as the database gives it."""

    pk: int
    code: str
    name: str
    abstract: str
    system: str
    class_code: str
    class_name: str
    provider: str
    provider_name: str
    provider_short: str
    region: str
    sharing_type: str
    opening_type: str
    update_cycle: str
    level: str
    format_class: str
    published_at: datetime
    version: int
    items: str | None


def day_of(moment: date) -> int:
    """Number of a day, to compare by."""
    return moment.toordinal()


def proof(row: Row) -> int:
    """63 bits that change when an entry would be found or shown otherwise; a published version never changes itself."""
    parts = (row.pk, row.code, row.version, row.sharing_type, row.class_name, row.provider, row.provider_name)
    told = "\x1f".join(map(str, (*parts, row.provider_short, row.region)))
    return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8]) & HALF


def regions_above(code: str) -> tuple[str, str, str]:
    """Province, city and county of a division code as beginnings of it, "" for what it is above of."""
    city = code[:4] if code[2:4] not in ("", "00") else ""
    return code[:2], city, code if city and code[4:6] not in ("", "00") else ""


@dataclass(slots=True)
class Scribe:
    """Writes rows down as entries of the index; keeps what repeats.

    Attributes:
        tongue: The language: `datong.engine.face.chinese`.
        stale_on: Code to the day its data turns stale; without the day the lamp shows nothing.
    """

    tongue: ModuleType
    stale_on: Mapping[str, date] = field(default_factory=dict)
    _kept: dict[str, str] = field(default_factory=dict)
    _items: dict[str, str] = field(default_factory=dict)
    _orgs: dict[str, tuple[str, str]] = field(default_factory=dict)
    _classes: dict[str, tuple[str, Labels]] = field(default_factory=dict)
    _places: dict[str, tuple[str, Labels]] = field(default_factory=dict)
    _choices: dict[tuple[str, ...], tuple[str, Labels]] = field(default_factory=dict)

    def entry(self, row: Row) -> Entry:
        """Write one resource down."""
        runs = self.tongue.runs(row.name)
        sounded = self.tongue.sounded_of(runs)
        org, by_org = self._org(row)
        flat = "".join(runs)
        stale = self.stale_on.get(row.code)
        above, classed = self._class(row.code.partition("/")[0])
        rung, placed = self._place(row.region)
        open_, said = self._said(row)
        texts = {
            NAME: self.tongue.neighbours(runs),
            ORG: org,
            ITEMS: " ".join([self._item(item) for item in row.items.split("\n")]) if row.items else "",
            ABSTRACT: f"{self.tongue.prose(row.abstract)} {self._bag(row.class_name)} {self._bag(row.system)}",
            SOUND: " ".join(sounded.pairs + sounded.initials),
            CODES: f"{above} {row.provider}",
            HEAD: flat,
            EXACT: flat,
            OPENED: open_,
            RUNG: rung,
            BY_NAME: sounded.letters[:SORTED],
            BY_PROVIDER: by_org,
        }
        numbers = {
            "published": int(row.published_at.timestamp()) if row.published_at else 0,
            "stale_on": day_of(stale) if stale else 0,
            "proof": proof(row),
        }
        return Entry(row.code, row.pk, texts, {**classed, **placed, **said, "provider": row.provider}, numbers)

    def _class(self, head: str) -> tuple[str, Labels]:
        known = self._classes.get(head)
        if known is None:
            held = {"class_code": head[:3], "subclass": head[:6]}
            known = self._classes[head] = (" ".join(head[:end] for end in range(1, len(head) + 1)), held)
        return known

    def _place(self, region: str) -> tuple[str, Labels]:
        known = self._places.get(region)
        if known is None:
            province, city, county = regions_above(region)
            rung = "3" if county else "2" if city else "1"
            known = self._places[region] = (rung, {"region_2": province, "region_4": city, "region_6": county})
        return known

    def _said(self, row: Row) -> tuple[str, Labels]:
        values = (row.sharing_type, row.opening_type, row.update_cycle, row.level, row.format_class)
        known = self._choices.get(values)
        if known is None:
            held = dict(zip(LABELS, values, strict=True))
            known = self._choices[values] = ("" if held["sharing_type"] == SharingType.WITHHELD else OPEN, held)
        return known

    def _org(self, row: Row) -> tuple[str, str]:
        key = f"{row.provider_name}\n{row.provider_short}"
        known = self._orgs.get(key)
        if known is None:
            whole, short = self.tongue.sounded(row.provider_name), self.tongue.sounded(row.provider_short)
            sounds = (*whole.pairs, *whole.initials, *short.pairs, *short.initials)
            terms = self.tongue.neighbours(self.tongue.runs(f"{row.provider_name} {row.provider_short}")).split()
            known = self._orgs[key] = (_once((*terms, *sounds)), whole.letters[:SORTED])
        return known

    def _bag(self, text: str) -> str:
        known = self._kept.get(text)
        if known is None:
            if len(self._kept) > MOST_KEPT:
                self._kept.clear()
            known = self._kept[text] = _once(self.tongue.bag(text).split())
        return known

    def _item(self, text: str) -> str:
        known = self._items.get(text)
        if known is None:
            if len(self._items) > MOST_KEPT:
                self._items.clear()
            known = self._items[text] = self.tongue.neighbours(self.tongue.runs(text))
        return known


def _once(terms: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(terms))
