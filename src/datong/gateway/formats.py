# SPDX-License-Identifier: Apache-2.0
"""In which form records leave: JSON, CSV or an Arrow stream, as the caller's Accept says (RFC 9110 section 12.5.1).

Kept here: every form shows the same values: what is masked is text in all of them. No cell of CSV starts a formula: texts
that would get an apostrophe in front, as in delivered files. In CSV and Arrow the cursor of the next page is a header.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import orjson

from datong.engine import face as engine
from datong.engine.plans.delivering import STARTS_FORMULA
from datong.gateway.refusals import NotAcceptable
from datong.gateway.snapshot import Standing
from datong.kernel.sharing import TEXT_TYPES, ItemType

JSON: Final = "application/json"
CSV: Final = "text/csv"
ARROW: Final = "application/vnd.apache.arrow.stream"
TABLES: Final = (JSON, CSV, ARROW)
NEXT: Final = b"datong-next"
_FORMULA: Final = re.compile(STARTS_FORMULA)
_LINE: Final = "\r\n"


Records = Sequence[Mapping[str, Any]]


@lru_cache(maxsize=1_024)
def choose(accept: str, offered: tuple[str, ...]) -> str:
    """Choose the form a caller likes best; among equals the one offered first. An empty Accept takes anything.

    Raises:
        NotAcceptable: it takes none of them.
    """
    if not accept:
        return offered[0]
    liked = [_range(part) for part in accept.split(",")]
    weights = {kind: _weight(kind, liked) for kind in offered}
    best = max(offered, key=lambda kind: weights[kind])
    if weights[best] <= 0:
        raise NotAcceptable("this place answers in none of the forms wanted", fields={"accept": f"one of: {', '.join(offered)}"})
    return best


def told(kind: str) -> bytes:
    """The Content-Type of a form."""
    return b"text/csv; charset=utf-8; header=present" if kind == CSV else kind.encode()


def written(kind: str, records: Records, after: str | None, standing: Standing, names: Sequence[str]) -> bytes:
    """Write records in a form.

    Args:
        kind: JSON, CSV or ARROW.
        records: by item.
        after: cursor of the next page, which stands in JSON alone.
        standing: the grant they leave under.
        names: items shown, in order.
    """
    if kind == JSON:
        return orjson.dumps({"records": records, "next": after})
    masked = {one.field for one in standing.grant.items if one.mask != "none"}
    kinds = {one.field: ItemType.C if one.field in masked else ItemType(one.type) for one in standing.resource.items}
    columns = {name: kinds[name] for name in names}
    if kind == CSV:
        return csv(columns, records)
    labels = {one.field: one.name for one in standing.resource.items}
    return engine.arrow_stream(columns, labels, records)


def csv(columns: Mapping[str, ItemType], records: Sequence[Mapping[str, Any]]) -> bytes:
    """Write CSV (RFC 4180): a header of fields, every value in quotes, nothing at all where there is none."""
    guarded = {name for name, kind in columns.items() if kind in TEXT_TYPES}
    lines = [",".join(map(_cell, columns))]
    lines += [",".join(_cell(_safe(row[name]) if name in guarded else row[name]) for name in columns) for row in records]
    return (_LINE.join(lines) + _LINE).encode()


def _safe(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def _cell(value: object) -> str:
    if value is None:
        return ""
    text = ("false", "true")[value] if isinstance(value, bool) else str(value)
    return '"' + text.replace('"', '""') + '"'


def _range(part: str) -> tuple[str, float]:
    """A media range and how much it is liked; one that cannot be read is not liked."""
    kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
    weight = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    return kind, float(weight) if re.fullmatch(r"0(\.\d{0,3})?|1(\.0{0,3})?", weight) else 0.0


def _weight(kind: str, liked: Sequence[tuple[str, float]]) -> float:
    """How much a form is liked: the nearest range that covers it says."""
    for wanted in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
        for said, weight in liked:
            if said == wanted:
                return weight
    return 0.0
