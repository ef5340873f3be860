# SPDX-License-Identifier: Apache-2.0
"""How like a demand an entry or a duty is, with the words they share: a hint for a person, never a decision.

Kept here: words every entry is named with (信息, 数据) count for nothing; other names of a word count as the word.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from datong.kernel.labels import Labelled

EMPTY = ("信息", "数据", "情况", "资料", "记录", "相关", "有关", "基本", "明细", "汇总", "清单", "目录", "data", "of", "and")
NAME, ITEMS, EXPECTED = 50, 40, 10
"""How much name, items and expected provider weigh."""
ALIKE = 0.6
"""Likeness from which two names of items are taken for one."""
Names = Mapping[str, Sequence[str]]


class Ground(Labelled):
    """Why a department is proposed (推荐理由)."""

    NAMED = "named", "提出部门认为由其掌握"
    DUTY = "duty", "职责相近"
    SYSTEM = "system", "信息系统相近"
    ENTRY = "entry", "已有相近目录"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that may be what is wanted; `items` are (field, name)."""

    code: str
    name: str
    provider: str
    items: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ItemMatch:
    """An item wanted and the item of an entry taken for it."""

    wanted: str
    field: str
    name: str


@dataclass(frozen=True, slots=True)
class Judged:
    """How like a candidate is.

    Attributes:
        score: 0 to 100.
        words: Words of the demand's name that the entry's name has, by themselves or by another name.
        items: Items wanted that the entry has.
        wanted: How many items are wanted.
        expected: The entry is of the department thought to hold the data.
    """

    score: int
    words: tuple[str, ...] = ()
    items: tuple[ItemMatch, ...] = field(default=())
    wanted: int = 0
    expected: bool = False


def plain(text: str) -> str:
    """Give a name without the words that say nothing, in lower case."""
    bare = text.lower()
    for word in EMPTY:
        bare = " ".join(part for part in bare.split(" ") if part != word) if word.isascii() else bare.replace(word, "")
    return bare.strip() or text.lower()


def likeness(one: str, other: str) -> float:
    """Give the share of neighbouring characters two names have in common, 0 to 1 (Dice)."""
    here, there = _pairs(plain(one)), _pairs(plain(other))
    return 2 * len(here & there) / (len(here) + len(there)) if here and there else 0.0


def _pairs(text: str) -> set[str]:
    bare = "".join(text.split())
    return {bare[place : place + 2] for place in range(len(bare) - 1)} or ({bare} if bare else set())


def shared(words: Iterable[str], text: str, others: Names) -> tuple[str, ...]:
    """Give the words, each once, that a text has by themselves or by another name."""
    low = text.lower()
    telling = [word for word in dict.fromkeys(words) if word.lower() not in EMPTY]
    return tuple(word for word in telling if any(one in low for one in (word.lower(), *others.get(word.lower(), ()))))


def items_of(wanted: Sequence[str], held: Sequence[tuple[str, str]], others: Names) -> tuple[ItemMatch, ...]:
    """Give for each item wanted the likest one that is held, where one is like enough."""
    found = []
    for name in wanted:
        rated = [(_item_likeness(name, title, others), key, title) for key, title in held]
        best = max(rated, default=(0.0, "", ""), key=lambda one: one[0])
        if best[0] >= ALIKE:
            found.append(ItemMatch(name, best[1], best[2]))
    return tuple(found)


def _item_likeness(wanted: str, held: str, others: Names) -> float:
    if held.lower() == wanted.lower() or held.lower() in others.get(wanted.lower(), ()):
        return 1.0
    return likeness(wanted, held)


def judge(
    name: str, words: Sequence[str], wanted: Sequence[str], expected: str, candidate: Candidate, others: Names
) -> Judged:  # fmt: skip
    """Judge an entry.

    Args:
        name: What is wanted.
        words: The words of that name.
        wanted: Items.
        expected: Credit code of the department thought to hold the data; empty for none.
        candidate: An entry.
        others: Other names of words, lower case.
    """
    told = [word for word in dict.fromkeys(words) if word.lower() not in EMPTY]
    common = shared(told, candidate.name, others)
    named = max(likeness(name, candidate.name), len(common) / len(told) if told else 0.0)
    items = items_of(wanted, candidate.items, others)
    here = bool(expected) and expected == candidate.provider
    whole = NAME + (ITEMS if wanted else 0) + (EXPECTED if expected else 0)
    got = NAME * named + (ITEMS * len(items) / len(wanted) if wanted else 0) + (EXPECTED if here else 0)
    return Judged(round(100 * got / whole), common, items, len(wanted), here)
