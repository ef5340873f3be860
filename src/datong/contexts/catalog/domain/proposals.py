# SPDX-License-Identifier: Apache-2.0
"""反向编目: from a table or a file looked at to an entry proposed.

Kept here: a proposal is nobody's entry until a person has ticked its items; every part of it says why; values are
shown masked, at most three of a column, and nothing else of them leaves.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from datong.contexts.catalog.domain.entries import EntryDraft, ItemDraft
from datong.contexts.catalog.domain.lettering import propose_type
from datong.contexts.catalog.domain.naming import codes_of, field_of, name_of
from datong.contexts.catalog.domain.recognition import Finding, masked, recognise
from datong.engine.base import Declared, Profile, Survey
from datong.kernel.sharing import ItemType, Level, highest

SHOWN = 3
FEW_CODES = 12
REPEATED = 5
LONGEST_CODE = 20


@dataclass(frozen=True, slots=True)
class ProposedItem:
    """One column as an item proposed.

    Attributes:
        column: Its name in the source.
        item: What would be taken.
        declared: Type as the database declares it; empty for files.
        why: Why this type letter, in both languages.
        finding: What sensitive kind it seems to be.
        null_rate: Share of empty cells, 0 to 1.
        samples: A few values, masked.
    """

    column: str
    item: ItemDraft
    declared: str
    why: str
    finding: Finding | None
    null_rate: float
    distinct: int
    shortest: int
    longest: int
    pattern: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An entry proposed.

    Attributes:
        source: Table or file it comes from.
        rows: Rows looked at.
        complete: Whether these were all.
        draft: What would be compiled if every item were ticked; class and the rest are the person's to give.
        items: Its items with what speaks for them, in order.
    """

    source: str
    rows: int
    complete: bool
    draft: EntryDraft
    items: tuple[ProposedItem, ...]


def propose(survey: Survey, *, format_class: str, format_type: str) -> Proposal:
    """Propose an entry for a table or file.

    Args:
        survey: What was found.
        format_class: A `FormatClass`.
        format_type: Its type, such as "postgresql" or "csv".
    """
    declared: dict[str, Declared] = {one.name: one for one in survey.declared}
    made: list[ProposedItem] = []
    for place, profile in enumerate(survey.profiles, 1):
        field = field_of(profile.name, (one.item.field for one in made), place, survey.sounds)
        made.append(_item(profile, declared.get(profile.name), field))
    items = _unique_names(made)
    name, rest = name_of(_bare(survey.label), survey.comment)
    levels = [Level(one.item.level) for one in items if one.item.level]
    draft = EntryDraft(
        name=name, abstract=rest, format_class=format_class, format_type=format_type,
        level=highest(levels).value if levels else "", items=tuple(one.item for one in items),
    )  # fmt: skip
    rows = max((one.rows for one in survey.profiles), default=0)
    return Proposal(survey.label, rows, survey.complete, draft, items)


def _item(profile: Profile, declared: Declared | None, field: str) -> ProposedItem:
    comment = declared.comment if declared else ""
    name, description = name_of(profile.name, comment)
    finding = recognise((name, profile.name, comment), profile.samples)
    type_ = propose_type(profile, f"{profile.name} {name}", declared)
    key = declared.key if declared else False
    whole_bytes = type_.type in (ItemType.I, ItemType.F, ItemType.B)
    item = ItemDraft(
        field=field, name=name, type=type_.type.value, length=type_.length, precision=type_.precision,
        code_list="" if whole_bytes else codes_of(comment) or _codes(profile, finding),
        level=finding.level.value if finding else "",
        personal=finding.personal if finding else False, key=key, nullable=not key and (declared.nullable if declared else True),
        query=key, description=description[:500],
    )  # fmt: skip
    return ProposedItem(
        column=profile.name, item=item, declared=declared.declared if declared else "", why=type_.why, finding=finding,
        null_rate=profile.nulls / profile.rows if profile.rows else 0.0, distinct=profile.distinct, shortest=profile.shortest,
        longest=profile.longest, pattern=profile.pattern, samples=tuple(masked(one, finding) for one in profile.samples[:SHOWN]),
    )  # fmt: skip


def _codes(profile: Profile, finding: Finding | None) -> str:
    """A few short values that come again and again are a code list; never those of a sensitive item."""
    few = 2 <= profile.distinct <= FEW_CODES and profile.values >= REPEATED * profile.distinct
    if finding is not None or not few or profile.longest > LONGEST_CODE or profile.shapes.get("date"):
        return ""
    return "；".join(sorted(profile.samples))


def _unique_names(items: Iterable[ProposedItem]) -> tuple[ProposedItem, ...]:
    """Two columns of one name would be refused together: the later one says its column too."""
    seen: set[str] = set()
    made = []
    for one in items:
        name = one.item.name
        if name in seen:
            name = f"{name}（{one.item.field}）"[:100]
        seen.add(name)
        made.append(replace(one, item=replace(one.item, name=name)))
    return tuple(made)


def _bare(label: str) -> str:
    """`schema.table` gives the table, `文件.csv#表1` the file's name without its ending."""
    name = label.split("#", 1)[0]
    head, dot, tail = name.rpartition(".")
    return head if dot and tail.lower() in ("csv", "txt", "xlsx", "parquet", "db", "sqlite", "sqlite3") else tail or name
