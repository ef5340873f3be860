# SPDX-License-Identifier: Apache-2.0
"""合成目录: catalogues of any size, made of real classes, divisions, bodies and matters; what they describe is made up.

Kept here: the same numbers give the same entries, so that a figure measured on one machine can be measured on another.
Used to try search at the size of a country; every abstract says 合成数据.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import islice
from random import Random
from typing import Any

from datong.config.demo.matters import BODIES, ITEMS, KINDS
from datong.kernel.identifiers import USCC_ALPHABET, uscc_check_digit
from datong.kernel.sharing import FormatClass, Level, OpeningType, UpdateCycle

MARK = "合成数据"
SEED = 20250801
NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)
THEMES = {
    "人力资源和社会保障": "203", "医疗保障": "202", "卫生健康": "202", "生态环境": "211", "应急管理": "205",
    "住房和城乡建设": "209", "市场监督管理": "208", "药品监督管理": "204", "能源": "207", "民政": "210", "教育": "201",
}  # fmt: skip
MUNICIPALITIES = ("11", "12", "31", "50")
"""Divisions right below the state whose bodies are called as a city's."""
ASKED_ABOUT = ("33", "4403", "4201")
MATTERS_EACH = 10
"""Entries of one department, about."""
OTHERS = "307"
"""Class of bodies whose matters have no theme of their own."""
SHARED = ("unconditional",) * 9 + ("conditional",) * 10 + ("withheld",)
OPENED, CYCLES = tuple(one.value for one in OpeningType), tuple(one.value for one in UpdateCycle)
LEVELS, FORMATS = tuple(one.value for one in Level)[2:], tuple(one.value for one in FormatClass)
MOST_ITEMS = 6
TWICE = ITEMS + ITEMS


@dataclass(frozen=True, slots=True)
class Body:
    """A department of the made-up catalogue; the name is that of a real body."""

    uscc: str
    name: str
    short: str
    region: str
    stem: str


@dataclass(frozen=True, slots=True)
class Made:
    """One made-up entry."""

    code: str
    head: str
    sequence: int
    body: Body
    name: str
    abstract: str
    system: str
    sharing_type: str
    opening_type: str
    update_cycle: str
    level: str
    format_class: str
    published_at: datetime
    items: tuple[tuple[str, str], ...]


def regions() -> list[dict[str, Any]]:
    """Give the divisions in use: provinces, then all of the divisions the questions are about, cities, counties."""
    text = (files("datong.contexts.organisations") / "seeds" / "regions.json").read_text("utf-8")
    held: list[dict[str, Any]] = json.loads(text)["regions"]
    return sorted(held, key=lambda one: (_turn(one["code"]), one["code"]))


def _turn(code: str) -> int:
    if code.endswith("0000"):
        return 0
    if code.startswith(ASKED_ABOUT):
        return 1
    return 2 if code.endswith("00") else 3


def bodies(places: Sequence[dict[str, Any]] | None = None) -> list[Body]:
    """Give every body of every division, a province's before its cities'."""
    known = {one["code"]: one["name"] for one in regions()}
    made: list[Body] = []
    for place in regions() if places is None else places:
        province = place["code"].endswith("0000") and place["code"][:2] not in MUNICIPALITIES
        for stem, (top, below, short, _matters) in BODIES.items():
            ending = top if province else below
            name = f"{_above(place['code'], known)}{place['name']}{stem}{ending}"
            called = f"{short}{'委' if ending == '委员会' else ending}"
            made.append(Body(_uscc(len(made), place["code"]), name, called, place["code"], stem))
    return made


def homes_of(number: int) -> list[Body]:
    """Give the departments that hold so many entries, each about MATTERS_EACH."""
    return bodies(regions()[: max(1, -(-number // MATTERS_EACH // len(BODIES)))])


def entries(number: int, homes: Sequence[Body]) -> Iterator[Made]:
    """Give so many entries, each name once in each department.

    Args:
        number: How many.
        homes: Departments that hold them.
    """
    chance = Random(SEED)  # noqa: S311  the same every time is the point
    held = list(homes)
    yield from islice(_endless(held, chance), number)


def _endless(homes: list[Body], chance: Random) -> Iterator[Made]:
    sequences: dict[str, int] = {}
    round_ = 0
    while True:
        for body in homes:
            matters = BODIES[body.stem][3]
            matter = matters[round_ % len(matters)]
            kind = KINDS[(round_ // len(matters)) % len(KINDS)]
            head = f"{THEMES.get(body.stem, OTHERS)}001"
            sequences[head] = sequences.get(head, 0) + 1
            yield _made(body, (matter, kind, round_), head, sequences[head], chance)
        round_ += 1


def _made(body: Body, about: tuple[str, str, int], head: str, sequence: int, chance: Random) -> Made:
    matter, kind, round_ = about
    edition = round_ // (len(BODIES[body.stem][3]) * len(KINDS))
    place = body.name.split(body.stem)[0]
    tail = f"（{2026 - edition}年）" if edition else ""
    abstract = (
        f"{place}{matter}的{kind}，由{body.name}在履行职责过程中采集，供各部门核对{matter}办理情况使用；"
        f"含编号、名称、日期和状态。{MARK}。"
    )
    start = chance.randrange(len(ITEMS))
    return Made(
        code=f"{head}/{sequence}", head=head, sequence=sequence, body=body, name=f"{place}{matter}{kind}{tail}",
        abstract=abstract, system=f"{matter}管理系统", sharing_type=_pick(SHARED, chance),
        opening_type=_pick(OPENED, chance),
        update_cycle=_pick(CYCLES, chance), level=_pick(LEVELS, chance), format_class=_pick(FORMATS, chance),
        published_at=NOON + timedelta(minutes=chance.randrange(300_000)), items=TWICE[start : start + MOST_ITEMS],
    )  # fmt: skip


def _pick(values: tuple[str, ...], chance: Random) -> str:
    return values[int(chance.random() * len(values))]


def _above(code: str, known: dict[str, str]) -> str:
    """Names of the province and city above a division, as its bodies write them."""
    if code.endswith("0000"):
        return ""
    province = known[f"{code[:2]}0000"]
    if code.endswith("00"):
        return province
    return province + known.get(f"{code[:4]}00", "")


def _uscc(number: int, region: str) -> str:
    base, digits = len(USCC_ALPHABET), ""
    rest = number
    for _ in range(9):
        rest, digit = divmod(rest, base)
        digits = USCC_ALPHABET[digit] + digits
    first = f"11{region}{digits}"
    return first + uscc_check_digit(first)
