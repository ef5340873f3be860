# SPDX-License-Identifier: Apache-2.0
"""Headers: every column of a source gets a name that points at it alone.

Kept here: outer blanks go; an unnamed column is `#5`; a name that stands more than once becomes `名称#1`, `名称#2`
and its bare form points at nothing, so that nobody attaches the wrong one of two columns unseen.
"""

from collections import Counter
from collections.abc import Sequence

from datong.engine.base import Limits
from datong.engine.errors import SourceUnreadable


def addressable(cells: Sequence[str], limits: Limits) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the columns of a header row.

    Returns:
        The names in order, and the bare names that stand more than once.

    Raises:
        SourceUnreadable: No header at all, or too many columns.
    """
    bare = [cell.replace("\0", "").strip().strip("\ufeff").strip() for cell in cells]
    if not any(bare):
        raise SourceUnreadable("there is no header row", fields={"header": "empty"}, remedy="name the columns in the first row")
    if len(bare) > limits.columns:
        raise SourceUnreadable(
            f"there are {len(bare)} columns",
            fields={"header": f"at most {limits.columns}"},
            remedy="check the delimiter, or split the table",
        )
    repeated = {name for name, count in Counter(bare).items() if name and count > 1}
    seen: Counter[str] = Counter()
    names: list[str] = []
    for number, name in enumerate(bare, 1):
        seen[name] += 1
        names.append(_free(f"#{number}" if not name else f"{name}#{seen[name]}" if name in repeated else name, names))
    return tuple(names), tuple(dict.fromkeys(name for name in bare if name in repeated))


def _free(name: str, taken: Sequence[str]) -> str:
    """Step aside for a header that already reads like a given name."""
    while name in taken:
        name += "'"
    return name
