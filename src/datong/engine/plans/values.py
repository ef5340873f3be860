# SPDX-License-Identifier: Apache-2.0
"""Stored values: the one exact form in which a typed value stands in a serving index, and how answers show it.

Kept here: a condition is brought into the same form as the stored value, so equality is exact in every type.

==========  =======================================================  ==================
letter      stored in SQLite                                         in a JSON answer
==========  =======================================================  ==================
C, M, G     text, byte for byte                                      string
N, Y        shortest plain decimal as text: `12.5`, `-3`, `0`        string (exact)
I           integer of 64 bits                                       number
F, B        real                                                     number
D           `YYYY-MM-DD`                                             string
T           UTC `YYYY-MM-DDTHH:MM:SSZ`, six digits when a fraction   string
L           0 or 1                                                   true, false
==========  =======================================================  ==================
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import NoReturn
from zoneinfo import ZoneInfo

from datong.engine.plans import casting
from datong.engine.plans.reasons import REASONS
from datong.kernel.errors import Malformed
from datong.kernel.sharing import ItemType

Stored = str | int | float

SHANGHAI = ZoneInfo("Asia/Shanghai")
LONGEST = 4_000
_LARGEST_INTEGER = 2**63
_INTEGER = re.compile(casting.INTEGER)
_DECIMAL = re.compile(casting.DECIMAL)
_FLOAT = re.compile(casting.FLOAT)
_DATE = re.compile(casting.DATE)
_COMPACT = re.compile("[0-9]{14}")
_CLOCK = re.compile(
    "([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.]([0-9]{1,6}))?)?"
    "(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_TIME = re.compile(f"{casting.NAIVE_TIME}|{casting.ZONED_TIME}")


def as_stored(kind: ItemType, field: str, value: object) -> Stored:
    """Bring a condition's value into the stored form of its item.

    Args:
        kind: Type letter of the item.
        field: Name for the error.
        value: Text as it came in a query, or a JSON scalar.

    Raises:
        Malformed: Not a value of this type; names the field and the form wanted, not the value.
    """
    return _FORMS[kind](field, value if isinstance(value, str) and len(value) <= LONGEST else _as_text(field, value))


def form(kind: ItemType, field: str, text: str) -> Stored:
    """Bring a cell's text, of whatever length, into the stored form of its item.

    Raises:
        Malformed: Not a value of this type; names the field and the form wanted, not the value.
    """
    return _FORMS[kind](field, text)


def decimal_text(value: Decimal) -> str:
    """Write a decimal in its shortest plain form."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def instant_text(moment: datetime) -> str:
    """Write an instant as UTC ISO 8601; a fraction has six digits or is absent."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _as_text(field: str, value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if not isinstance(value, str):
        raise Malformed(f"{field} needs one value", fields={field: "a text, number or boolean"})
    if len(value) > LONGEST:
        raise Malformed(f"the value of {field} is too long", fields={field: f"at most {LONGEST} characters"})
    return value


def _no(field: str, code: str) -> NoReturn:
    raise Malformed(f"the value of {field} does not fit its type", fields={field: REASONS[code]})


def _text(field: str, text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        _no(field, "nul")
    if "\0" in text:
        _no(field, "nul")
    return text


def _integer(field: str, text: str) -> int:
    text = text.strip(" ")
    if not _INTEGER.fullmatch(text):
        _no(field, "not_integer")
    whole = text.partition(".")[0]
    if len(whole.lstrip("+-0")) > 19 or not -_LARGEST_INTEGER <= int(whole) < _LARGEST_INTEGER:
        _no(field, "out_of_range")
    return int(whole)


def _decimal(field: str, text: str) -> str:
    text = text.strip(" ")
    if not _DECIMAL.fullmatch(text):
        _no(field, "not_number")
    return decimal_text(Decimal(text))


def _float(field: str, text: str) -> float:
    text = text.strip(" ")
    if not _FLOAT.fullmatch(text):
        _no(field, "not_float")
    number = float(text)
    if math.isinf(number):
        _no(field, "out_of_range")
    return number


def _date(field: str, text: str) -> str:
    text = text.strip(" ")
    if not _DATE.fullmatch(text):
        _no(field, "not_date")
    day = re.split("[T ]", text)[0]
    parts = [day[:4], day[4:6], day[6:]] if day.isdigit() else re.split("[-/]", day)
    try:
        return date(*map(int, parts)).isoformat()
    except ValueError:
        _no(field, "no_such_day")


def _time(field: str, text: str) -> str:
    text = text.strip(" ")
    if not _TIME.fullmatch(text):
        _no(field, "not_time")
    if _COMPACT.fullmatch(text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[8:10]}:{text[10:12]}:{text[12:]}"
    parts = _CLOCK.fullmatch(text)
    if parts is None:
        _no(field, "not_time")
    year, month, day, hour, minute = (int(part) for part in parts.groups()[:5])
    fraction = int((parts[7] or "").ljust(6, "0"))
    try:
        zone = _zone(parts[8])
        return instant_text(datetime(year, month, day, hour, minute, int(parts[6] or 0), fraction, zone))
    except (ValueError, OverflowError):
        _no(field, "no_such_time")


def _zone(text: str | None) -> ZoneInfo | timezone:
    if text is None:
        return SHANGHAI
    if text == "Z":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _boolean(field: str, text: str) -> int:
    word = text.strip(" ").lower()
    if word not in casting.TRUE + casting.FALSE:
        _no(field, "not_boolean")
    return int(word in casting.TRUE)


_FORMS: Mapping[ItemType, Callable[[str, str], Stored]] = {
    ItemType.C: _text,
    ItemType.M: _text,
    ItemType.G: _text,
    ItemType.I: _integer,
    ItemType.N: _decimal,
    ItemType.Y: _decimal,
    ItemType.F: _float,
    ItemType.B: _float,
    ItemType.D: _date,
    ItemType.T: _time,
    ItemType.L: _boolean,
}
