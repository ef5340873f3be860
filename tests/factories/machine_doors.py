# SPDX-License-Identifier: Apache-2.0
"""Entries of every kind as the machine doors describe them, and graphs as other people's programs read them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product
from typing import Any

from rdflib import Graph

from datong.kernel.sharing import FORMATS, Channel, Level, OpeningType, SharingType, UpdateCycle
from datong.wire import dcat

SITE = dcat.Site("https://data.zj.example", "https://gateway.zj.example", "330000", "浙江省")
PAGE = dcat.Page(f"{SITE.base}/catalog.ttl", f"{SITE.base}/catalog.ttl", "", 40, datetime(2026, 3, 2, 8, tzinfo=UTC))
PARSERS = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml"}
ENTRY = dcat.Entry(
    code="307001001/1", name="常住人口登记信息", abstract="全省常住人口登记的基本信息。", class_code="307001001",
    class_name="公安", provider="11330000002482197X", provider_name="浙江省公安厅", region="330000", version=2,
    format_class="database", format_type="postgresql", sharing_type="conditional", opening_type="closed",
    sharing_methods=("call", "verify", "table"), use_conditions="仅用于履行法定职责", update_cycle="daily",
    level="general_2", contact="0571-00000000", system="人口信息管理系统", related=("307001001/2",),
    issued=datetime(2025, 11, 3, 1, 2, 3, tzinfo=UTC), modified=datetime(2026, 3, 2, 8, tzinfo=UTC),
)  # fmt: skip
ODD = '引号"、反斜杠\\、尖括号<b>&amp;、换行\n回车\r制表\t、生僻字𠮷、撇号\'、不可见\x00\x0b\ufffe。'
"""A text with all that formats trip over."""


def an_entry(**changes: Any) -> dcat.Entry:
    """One entry, changed."""
    return replace(ENTRY, **changes)


def every_kind() -> Iterator[dcat.Entry]:
    """Entries in which every sharing and opening type, cycle, level, channel, format and contact occurs; some are bare."""
    contacts = ("0571-00000000", "(0571) 8700 0000", "data@zj.example", "数据处张三", "")
    formats = [(kind, one) for kind, types in FORMATS.items() for one in types or ("geojson",)]
    kinds = list(product(SharingType, OpeningType))
    for n in range(max(len(formats), len(kinds))):
        sharing, opening = kinds[n % len(kinds)]
        withheld = sharing is SharingType.WITHHELD
        kind, form = formats[n % len(formats)]
        yield an_entry(
            code=f"30700100{n % 3}/{n + 1}", class_code=f"30700100{n % 3}", name=f"资源{n}", abstract="" if n % 7 == 6 else ODD,
            sharing_type=sharing.value, opening_type=opening.value, update_cycle=list(UpdateCycle)[n % 9].value,
            level=list(Level)[n % 6].value, sharing_methods=() if withheld else tuple(list(Channel)[: n % 5 + 1]),
            format_class=kind.value, format_type=form, contact=contacts[n % 5], system="" if n % 4 == 0 else "系统",
            use_conditions="" if n % 3 == 0 else "仅用于履行法定职责", related=() if n % 2 else ("307001001/1",),
            issued=None if n % 11 == 10 else ENTRY.issued, period=(date(2025, 1, 1), None) if n % 5 == 4 else None,
        )  # fmt: skip


def written(suffix: str, nodes: Iterable[dcat.Node]) -> str:
    """Nodes in one format."""
    return "".join(dcat.FORMATS[suffix].write(nodes))


def read(suffix: str, text: str | bytes) -> Graph:
    """A document as rdflib reads it; its reader of JSON-LD uses a class that rdflib itself calls old."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "ConjunctiveGraph is deprecated", DeprecationWarning)
        return _parsed(suffix, text)


def _parsed(suffix: str, text: str | bytes) -> Graph:
    return Graph().parse(data=text, format=PARSERS[suffix])
