# SPDX-License-Identifier: Apache-2.0
"""Items as JSON Schema: as they are asked for, and as they are told once they are masked.

Kept here: a masked item is told as a text, whatever it was, or as null where no value is given; decimals are texts, for they
are exact; what is absent is null.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from datong.kernel.masks import FORMS, REDACTED, Mask
from datong.kernel.sharing import ItemType
from datong.wire.granted.bounds import LONGEST_VALUE
from datong.wire.granted.offer import OPEN, Offer
from datong.wire.policy import Item

Part = dict[str, Any]

TEXT: Final[Part] = {"type": "string"}
DECIMAL: Final[Part] = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
FRACTION: Final[Part] = {"type": "number", "format": "double"}
WHOLE: Final[Part] = {"type": "integer", "format": "int64"}
TYPES: Final[Mapping[ItemType, Part]] = MappingProxyType(
    {
        ItemType.C: TEXT,
        ItemType.M: TEXT,
        ItemType.G: TEXT,
        ItemType.N: DECIMAL,
        ItemType.Y: DECIMAL,
        ItemType.I: WHOLE,
        ItemType.F: FRACTION,
        ItemType.B: FRACTION,
        ItemType.D: {"type": "string", "format": "date"},
        ItemType.T: {"type": "string", "format": "date-time"},
        ItemType.L: {"type": "boolean"},
    }
)
_STARS: Final = r"\*{3}"
_PATTERNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "redact": f"^{_STARS}$",
        "hash": f"^([0-9a-f]{{32}}|{_STARS})$",
        "year": f"^([0-9]{{4}}|{_STARS})$",
        "band": rf"^(\[-?[0-9]+,-?[0-9]+\)|{_STARS})$",
    }
)
_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "redact": f"整体隐去，总是 {REDACTED} (redacted)",
        "hash": "同一授权内可比对的密钥散列 (keyed hash: equal values stay equal within this grant)",
        "year": "只留年份 (the year alone)",
        "format": "同一授权内可比对的同格式替换值 (another value of the same form: equal values stay equal within this grant)",
        "band": "数值所在的区间，含左端不含右端 (the band a number lies in: from the first end on, up to the second)",
    }
)


def asked(item: Item) -> Part:
    """An item as a question names its value."""
    shape = TYPES[ItemType(item.type)]
    return {"title": item.name, **shape, **({"maxLength": LONGEST_VALUE} if shape is TEXT else {})}


def told(item: Item, mask: str) -> Part:
    """An item as an answer tells it."""
    if mask == OPEN:
        shape = TYPES[ItemType(item.type)]
        return {"title": item.name, **shape, "type": [shape["type"], "null"]}
    kind = Mask.parse(mask)
    if kind.kind == "null":
        return {"title": item.name, "type": "null", "description": "置空，从不给值 (never a value)", "x-datong-mask": mask}
    if kind.kind == "partial":
        words = f"只留前 {kind.keep_head} 后 {kind.keep_tail} 个字符 (the first and last characters alone)"
        return {"title": item.name, "type": ["string", "null"], "description": words, "x-datong-mask": mask}
    pattern = f"^({FORMS[kind.form].pattern}|{_STARS})$" if kind.kind == "format" else _PATTERNS[kind.kind]
    shape = {"type": ["string", "null"], "pattern": pattern}
    return {"title": item.name, **shape, "description": _WORDS[kind.kind], "x-datong-mask": mask}


def record(offer: Offer) -> Part:
    """A record as it is told; only what was asked for of it is there."""
    return closed({one.field: told(one, offer.masks[one.field]) for one in offer.items}, needed=())


def values(items: Iterable[Item], *, whole: bool = False, least: int = 0) -> Part:
    """Items to the values a question gives them: all of them, or as many as it likes."""
    shapes = {one.field: asked(one) for one in items}
    made = closed(shapes, needed=tuple(shapes) if whole else ())
    return made | ({"minProperties": least} if least else {})


def group(offer: Offer) -> Part:
    """A group of an aggregate as it is told."""
    by = {one.field: told(one, OPEN) for one in offer.claims}
    shown: Part = {"by": closed(by, needed=()), "count": {"type": "integer", "minimum": 0}}
    for function in ("sum", "min", "max"):
        fields = [one.partition(":")[2] for one in offer.measures if one.startswith(f"{function}:")]
        measured = {one.field: _measured(function, one) for one in offer.claims if one.field in fields}
        shown |= {function: closed(measured, needed=())} if measured else {}
    return closed(shown, needed=("by", "count"))


def _measured(function: str, item: Item) -> Part:
    """A measure; a sum of whole numbers that is too large for one is a text."""
    shape = told(item, OPEN)
    return shape | {"type": ["integer", "string", "null"]} if function == "sum" and item.type == ItemType.I else shape


def closed(properties: Part, *, needed: Iterable[str]) -> Part:
    """An object of these members and no others."""
    required = [*needed]
    made = {"type": "object", "properties": properties, "additionalProperties": False}
    return made | ({"required": required} if required else {})


def listed(names: Iterable[str]) -> Part:
    """A list of some of the names, each once."""
    return {"type": "array", "items": {"type": "string", "enum": [*names]}, "minItems": 1, "uniqueItems": True}


def joined(names: Iterable[str], *, most: int | None = None) -> Part:
    """The same as a query has it, with commas: a text, for clients made from a document say lists in ways of their own."""
    known = [*names]
    one, more = "|".join(known), f"{{0,{min(most or len(known), len(known)) - 1}}}"
    return {"type": "string", "pattern": f"^({one})(,({one})){more}$", "x-datong-names": known}


def whole(most: int, usual: int | None = None) -> Part:
    """A number of something, from one on."""
    made: Part = {"type": "integer", "minimum": 1, "maximum": most}
    return made | ({"default": usual} if usual is not None else {})
