# SPDX-License-Identifier: Apache-2.0
"""What changed from one version to another: fields of the entry, items added, removed and changed.

Kept here: items are the same when their field is; an item whose field was renamed is one removed and one added.
"""

from dataclasses import dataclass, fields
from typing import Any

from datong.contexts.catalog.domain.entries import EntryDraft, ItemDraft
from datong.kernel.labels import Labelled

APART = frozenset({"class_code", "secrecy", "items"})


class ChangeKind(Labelled):
    """What happened to an item."""

    ADDED = "added", "新增"
    REMOVED = "removed", "删除"
    CHANGED = "changed", "修改"
    MOVED = "moved", "调整顺序"


@dataclass(frozen=True, slots=True)
class Change:
    """One field that says something else."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One item added, removed, changed or moved; `changes` are empty unless it was changed."""

    kind: ChangeKind
    field: str
    name: str
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Diff:
    """What changed between two versions."""

    fields: tuple[Change, ...]
    items: tuple[ItemChange, ...]

    @property
    def empty(self) -> bool:
        """Whether both say the same."""
        return not self.fields and not self.items


def diff(old: EntryDraft, new: EntryDraft) -> Diff:
    """Give what changed from one version of an entry to another."""
    return Diff(_changes(old, new, APART), _items(old.items, new.items))


def _changes(old: Any, new: Any, apart: frozenset[str]) -> tuple[Change, ...]:
    names = (one.name for one in fields(old) if one.name not in apart)
    found = (Change(name, getattr(old, name), getattr(new, name)) for name in names)
    return tuple(one for one in found if one.before != one.after)


def _items(old: tuple[ItemDraft, ...], new: tuple[ItemDraft, ...]) -> tuple[ItemChange, ...]:
    before, after = {one.field: one for one in old}, {one.field: one for one in new}
    made = [ItemChange(ChangeKind.REMOVED, name, one.name) for name, one in before.items() if name not in after]
    kept = [name for name in after if name in before]
    moved = _moved([name for name in before if name in after], kept)
    for name, one in after.items():
        if name not in before:
            made.append(ItemChange(ChangeKind.ADDED, name, one.name))
        elif changes := _changes(before[name], one, frozenset()):
            made.append(ItemChange(ChangeKind.CHANGED, name, one.name, changes))
        elif name in moved:
            made.append(ItemChange(ChangeKind.MOVED, name, one.name))
    return tuple(made)


def _moved(old: list[str], new: list[str]) -> frozenset[str]:
    """Items that stand at another place among those that stayed."""
    return frozenset(name for name, other in zip(new, old, strict=True) if name != other)
