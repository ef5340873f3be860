# SPDX-License-Identifier: Apache-2.0
"""Two people changed one draft: what differs, who changed it, and the draft that follows from the choices.

Kept here: the second person's work is never lost; what only one side changed is taken from that side unless a person
says otherwise; what both changed is a person's choice. The state both began from travels as digests alone, which
suffice to tell who changed what. Items are the same when their field is.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from datong.contexts.catalog.domain.columns import ENTRY
from datong.contexts.catalog.domain.entries import EntryDraft, ItemDraft
from datong.kernel.labels import Labelled

APART = frozenset({"items", "secrecy", "class_code"})
ITEMS = "items."
LONGEST = 200_000


class Side(Labelled):
    """Whose words."""

    MINE = "mine", "我的修改"
    THEIRS = "theirs", "已保存的内容"


@dataclass(frozen=True, slots=True)
class Difference:
    """One field or one item that differs.

    Attributes:
        path: Field of the entry, or `items.` and the field of the item.
        word: What people call it.
        mine: What the person handed in; None for an item that is not there.
        theirs: What is stored; None for an item that is not there.
        changed_by: Who changed it since both began: one side, or None where both did or nobody knows.
    """

    path: str
    word: str
    mine: Any
    theirs: Any
    changed_by: Side | None

    @property
    def preferred(self) -> Side:
        """What is chosen where the person chooses nothing: whoever changed it; his own words where both did."""
        return self.changed_by or Side.MINE


def fingerprint(draft: EntryDraft) -> str:
    """Give the digests of a draft's parts, as text for a form."""
    return json.dumps({path: _digest(value) for path, value in _parts(draft).items()}, separators=(",", ":"))


def differences(base: str, mine: EntryDraft, theirs: EntryDraft) -> list[Difference]:
    """Give what differs between two drafts.

    Args:
        base: Fingerprint of what both began from; anything unreadable counts as unknown.
        mine: What the person handed in.
        theirs: What is stored now.
    """
    began, ours, stored = _read(base), _parts(mine), _parts(theirs)
    found = []
    for path in dict.fromkeys((*ours, *stored)):
        one, other = ours.get(path), stored.get(path)
        if one != other:
            found.append(Difference(path, _word(path, one, other), one, other, _who(began, path, one, other)))
    return found


def merge(mine: EntryDraft, theirs: EntryDraft, found: list[Difference], choices: Mapping[str, str]) -> EntryDraft:
    """Give the draft that follows from the choices.

    Args:
        mine: What the person handed in.
        theirs: What is stored now.
        found: What differs.
        choices: Path to the value of a `Side`; what is not chosen takes the side preferred.
    """
    sides = {one.path: Side(choices.get(one.path, "")) if choices.get(one.path) in list(Side) else one.preferred for one in found}
    taken = {path: (mine if side is Side.MINE else theirs) for path, side in sides.items() if not path.startswith(ITEMS)}
    return replace(mine, items=_items(mine, theirs, sides), **{name: getattr(side, name) for name, side in taken.items()})


def _items(mine: EntryDraft, theirs: EntryDraft, sides: Mapping[str, Side]) -> tuple[ItemDraft, ...]:
    """Items in my order, those only the other side has after them."""
    ours, stored = {one.field: one for one in mine.items}, {one.field: one for one in theirs.items}
    made = []
    for field in dict.fromkeys((*ours, *stored)):
        side = sides.get(f"{ITEMS}{field}", Side.MINE)
        chosen = (ours if side is Side.MINE else stored).get(field)
        if chosen is not None:
            made.append(chosen)
    return tuple(made)


def _parts(draft: EntryDraft) -> dict[str, Any]:
    parts: dict[str, Any] = {one.name: getattr(draft, one.name) for one in fields(draft) if one.name not in APART}
    return parts | {f"{ITEMS}{item.field}": item for item in draft.items}


def _who(began: Mapping[str, str] | None, path: str, mine: Any, theirs: Any) -> Side | None:
    if began is None:
        return None
    i_did = _digest(mine) != began.get(path, _digest(None))
    they_did = _digest(theirs) != began.get(path, _digest(None))
    if i_did == they_did:
        return None
    return Side.MINE if i_did else Side.THEIRS


def _digest(value: Any) -> str:
    plain = asdict(value) if isinstance(value, ItemDraft) else list(value) if isinstance(value, tuple) else value
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:12]


def _read(base: str) -> dict[str, str] | None:
    try:
        said = json.loads(base) if 0 < len(base) <= LONGEST else None
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _word(path: str, mine: Any, theirs: Any) -> str:
    if not path.startswith(ITEMS):
        return ENTRY.get(path, path)
    item = mine or theirs
    return f"{item.name}（{item.field}）"
