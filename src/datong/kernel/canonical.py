# SPDX-License-Identifier: Apache-2.0
"""Canonical JSON: one value, one sequence of bytes, so that it can be hashed and signed.

Kept here: keys sorted by code point, no spaces, UTF-8 unescaped; only objects, lists, text, booleans, null and whole
numbers of 64 bits. Fractions are refused (their text differs between machines): carry them as text.
"""

import json
from typing import Any, NoReturn

from datong.kernel.errors import Malformed

LARGEST = 2**63 - 1


def dumps(value: object) -> bytes:
    """Give the canonical bytes of a value.

    Raises:
        Malformed: A fraction, a number beyond 64 bits, a key that is not text, a lone surrogate, or another type.
    """
    try:
        _check(value)
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode()
    except UnicodeEncodeError:
        raise Malformed("text holds a lone surrogate: not canonical") from None
    except RecursionError:
        raise Malformed("nested too deeply: not canonical") from None


def loads(data: bytes) -> Any:
    """Read JSON that could have been canonical; its spaces and order of keys are free.

    Raises:
        Malformed: Not JSON in UTF-8, a key twice, a fraction, NaN, or a number beyond 64 bits.
    """
    try:
        value = json.loads(
            data.decode("utf-8"), parse_float=_refuse, parse_constant=_refuse, object_pairs_hook=_object,
        )  # fmt: skip
        _check(value)
    except RecursionError:
        raise Malformed("nested too deeply: not canonical") from None
    except ValueError as error:
        raise Malformed(f"not JSON: {error}") from None
    return value


def _check(value: object) -> None:
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, int):
        _check_number(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_key(key)
            _check(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            _check(inner)
    else:
        raise Malformed(f"a {type(value).__name__} is not canonical", remedy="carry it as text")


def _check_number(value: int) -> None:
    if not -LARGEST <= value <= LARGEST:
        raise Malformed("a number beyond 64 bits is not canonical", remedy="carry it as text")


def _check_key(key: object) -> None:
    if not isinstance(key, str):
        raise Malformed(f"a key of type {type(key).__name__} is not canonical")


def _refuse(text: str) -> NoReturn:
    raise Malformed(f"the number {text[:30]} is not canonical", remedy="carry it as text")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Malformed("a key stands twice in one object")
    return made
