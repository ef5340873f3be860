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
LABELS = ("sharing_type", "opening_type", "update_cycle", "level", "format_class")
"""Columns of the version that are labels as they stand."""
LAYOUT = Layout(
    edition=3,
    fields={
        NAME: Kind.WORDS, ORG: Kind.WORDS, ITEMS: Kind.TERMS, ABSTRACT: Kind.TERMS, SOUND: Kind.TERMS, CODES: Kind.TERMS,
        HEAD: Kind.EDGES, EXACT: Kind.WHOLE, "open": Kind.LABEL, "category": Kind.LABEL, "class_code": Kind.LABEL,
        "subclass": Kind.LABEL, "theme": Kind.LABEL, "provider": Kind.LABEL, "region_2": Kind.LABEL, "region_4": Kind.LABEL,
        "region_6": Kind.LABEL, "rung": Kind.LABEL, **dict.fromkeys(LABELS, Kind.LABEL), "by_name": Kind.LABEL,
        "by_provider": Kind.LABEL, "published": Kind.NUMBER, "stale_on": Kind.NUMBER, "proof": Kind.NUMBER,
    },
)  # fmt: skip
Labels = dict[str, tuple[str, ...]]
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
    _orgs: dict[str, tuple[str, str]] = field(default_factory=dict)
    _classes: dict[str, tuple[str, Labels]] = field(default_factory=dict)
    _places: dict[str, Labels] = field(default_factory=dict)
    _choices: dict[tuple[str, ...], Labels] = field(default_factory=dict)

    def entry(self, row: Row) -> Entry:
        """Write one resource down."""
        runs = self.tongue.runs(row.name)
        sounded = self.tongue.sounded_of(runs)
        org, by_org = self._org(row)
        head = row.code.partition("/")[0]
        flat = "".join(runs)
        stale = self.stale_on.get(row.code)
        above, classed = self._class(head)
        texts = {
            NAME: self.tongue.bag_of(runs),
            ORG: org,
            ITEMS: " ".join([self._bag(item) for item in row.items.split("\n")]) if row.items else "",
            ABSTRACT: f"{self.tongue.prose(row.abstract)} {self._bag(row.class_name)} {self._bag(row.system)}",
            SOUND: " ".join(sounded.pairs + sounded.initials),
            CODES: f"{above} {row.code} {row.provider}",
            HEAD: flat,
            EXACT: flat,
        }
        numbers = {
            "published": int(row.published_at.timestamp()) if row.published_at else 0,
            "stale_on": day_of(stale) if stale else 0,
            "proof": proof(row),
        }
        own = {"provider": row.provider, "by_name": sounded.letters[:SORTED], "by_provider": by_org}
        labels = classed | self._place(row.region) | self._said(row) | {name: (value,) for name, value in own.items()}
        return Entry(row.code, row.pk, texts, labels, numbers)

    def _class(self, head: str) -> tuple[str, Labels]:
        known = self._classes.get(head)
        if known is None:
            theme = head[:3] if head.startswith("2") else ""
            held = {"category": head[:1], "class_code": head[:3], "subclass": head[:6], "theme": theme}
            known = self._classes[head] = (" ".join(head[:end] for end in range(1, len(head) + 1)), _labels(held))
        return known

    def _place(self, region: str) -> Labels:
        known = self._places.get(region)
        if known is None:
            province, city, county = regions_above(region)
            rung = "3" if county else "2" if city else "1"
            held = {"region_2": province, "region_4": city, "region_6": county, "rung": rung}
            known = self._places[region] = _labels(held)
        return known

    def _said(self, row: Row) -> Labels:
        values = (row.sharing_type, row.opening_type, row.update_cycle, row.level, row.format_class)
        known = self._choices.get(values)
        if known is None:
            held = dict(zip(LABELS, values, strict=True))
            open_ = "" if held["sharing_type"] == SharingType.WITHHELD else OPEN
            known = self._choices[values] = _labels({"open": open_, **held})
        return known

    def _org(self, row: Row) -> tuple[str, str]:
        key = f"{row.provider_name}\n{row.provider_short}"
        known = self._orgs.get(key)
        if known is None:
            whole, short = self.tongue.sounded(row.provider_name), self.tongue.sounded(row.provider_short)
            sounds = (*whole.pairs, *whole.initials, *short.pairs, *short.initials)
            terms = f"{self.tongue.bag(row.provider_name)} {self.tongue.bag(row.provider_short)}".split()
            known = self._orgs[key] = (_once((*terms, *sounds)), whole.letters[:SORTED])
        return known

    def _bag(self, text: str) -> str:
        known = self._kept.get(text)
        if known is None:
            if len(self._kept) > MOST_KEPT:
                self._kept.clear()
            known = self._kept[text] = _once(self.tongue.bag(text).split())
        return known


def _once(terms: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(terms))


def _labels(held: Mapping[str, str]) -> Labels:
    return {name: (value,) if value else () for name, value in held.items()}
