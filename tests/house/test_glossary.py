# SPDX-License-Identifier: Apache-2.0
"""Every word that people read for a concept stands in the glossary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

import pytest

from datong.kernel.labels import Labelled
from factories.house import ROOT, modules

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")
CELLS = frozenset(cell.strip(" `") for line in GLOSSARY.splitlines() if line.startswith("|") for cell in line.split("|"))
WORDED = ("organisations", "catalog", "sharing", "exchange", "demands", "corrections", "disputes", "deliveries", "subscriptions")
PLACES = ("datong.kernel", *(f"datong.contexts.{name}.domain" for name in WORDED))


def kinds() -> Iterator[type[Enum]]:
    """Every enumeration with labels in the kernel and in the rules of the contexts."""
    seen: set[type[Enum]] = set()
    for place in PLACES:
        for module in modules(place):
            for value in vars(module).values():
                if isinstance(value, type) and issubclass(value, Labelled) and value is not Labelled and value not in seen:
                    seen.add(value)
                    yield value


KINDS = list(kinds())


def test_kinds_are_found():
    assert len(KINDS) > 10


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_label_is_in_the_glossary(kind):
    missing = [f"{member.value}: {member.label}" for member in kind if member.label and member.label not in CELLS]
    assert missing == []


def test_each_identifier_stands_once_in_its_section():
    twice = []
    for section in re.split(r"^## ", GLOSSARY, flags=re.MULTILINE)[1:]:
        rows = [line.split("|")[1].strip() for line in section.splitlines() if line.startswith("| ") and "identifier" not in line]
        twice += [row for row in set(rows) if rows.count(row) > 1 and row]
    assert twice == []
