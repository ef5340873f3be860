# SPDX-License-Identifier: Apache-2.0
"""Identifiers: unified social credit codes, resident ids and division codes.

Kept here: our own check digits. A check settles shape, check digit and date of birth, nothing else: a division code
nobody knows is never an error, since counties come and go (GB 11643's own example names one that is gone), and
letter-led credit codes (A, N, Y) and resident ids of 81, 82 and 83 are as good as any. Small letters are read as
capitals; nothing else is mended.
"""

import re
from datetime import date

from datong.kernel.errors import Malformed

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015: no I, O, S, V, Z."""
_USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_USCC = re.compile(rf"[1-9ANY][{USCC_ALPHABET}][0-9]{{6}}[{USCC_ALPHABET}]{{10}}")
_RESIDENT_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_RESIDENT_CHECKS = "10X98765432"
_RESIDENT = re.compile(r"[1-9][0-9]{16}[0-9X]")
_REGION = re.compile(r"[1-9][0-9]{5}")


def uscc_check_digit(first17: str) -> str:
    """Compute the last character of a unified social credit code (GB 32100-2015, modulus 31).

    Args:
        first17: The first 17 characters, capitals.

    Raises:
        Malformed: Not 17 characters of the alphabet.
    """
    if len(first17) != 17 or any(character not in USCC_ALPHABET for character in first17):
        raise _bad("uscc", "17 characters of 0-9 and A-Y without I, O, S, V, Z come before the check digit")
    total = sum(
        USCC_ALPHABET.index(character) * weight for character, weight in zip(first17, _USCC_WEIGHTS, strict=True)
    )
    return USCC_ALPHABET[-total % 31]


def check_uscc(text: str) -> str:
    """Check a unified social credit code (统一社会信用代码, GB 32100-2015).

    Returns:
        The code in capitals.

    Raises:
        Malformed: Wrong length, character, place of letters or check digit, each named.
    """
    code = _capitals("uscc", text, 18)
    if any(character not in USCC_ALPHABET for character in code):
        raise _bad("uscc", "a unified social credit code has digits and capitals without I, O, S, V, Z")
    if not _USCC.fullmatch(code):
        raise _bad("uscc", "a unified social credit code begins with 1-9, A, N or Y and has six digits from the third")
    if uscc_check_digit(code[:17]) != code[17]:
        raise _bad("uscc", "the check digit of the unified social credit code does not agree")
    return code


def resident_check_digit(first17: str) -> str:
    """Compute the last character of a resident id (GB 11643-1999, ISO 7064 MOD 11-2).

    Args:
        first17: The first 17 digits.

    Raises:
        Malformed: Not 17 digits.
    """
    if not re.fullmatch(r"[0-9]{17}", first17):
        raise _bad("resident_id", "17 digits come before the check digit of a resident id")
    total = sum(int(digit) * weight for digit, weight in zip(first17, _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def check_resident_id(text: str, *, today: date | None = None) -> str:
    """Check a resident id (公民身份号码, GB 11643-1999).

    Args:
        text: 18 characters.
        today: When given, a birth after this day is refused.

    Returns:
        The id with a capital X.

    Raises:
        Malformed: Wrong length, character, date of birth or check digit, each named.
    """
    code = _capitals("resident_id", text, 18)
    if not _RESIDENT.fullmatch(code):
        raise _bad("resident_id", "a resident id has 17 digits, not beginning with 0, then a digit or X")
    birth = _birth(code)
    if today is not None and birth > today:
        raise _bad("resident_id", "the date of birth in the resident id is yet to come")
    if resident_check_digit(code[:17]) != code[17]:
        raise _bad("resident_id", "the check digit of the resident id does not agree")
    return code


def check_region(text: str) -> str:
    """Check the shape of a division code (行政区划代码, GB/T 2260): six digits, the first not 0.

    Returns:
        The code.

    Raises:
        Malformed: Another shape.
    """
    if not _REGION.fullmatch(text):
        raise _bad("region", "a division code has six digits and does not begin with 0")
    return text


def _birth(code: str) -> date:
    try:
        return date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        raise _bad("resident_id", "characters 7 to 14 of a resident id are a date of birth") from None


def _capitals(field: str, text: str, length: int) -> str:
    if len(text) != length or not text.isascii():
        raise _bad(field, f"{length} characters of half width are needed")
    return text.upper()


def _bad(field: str, why: str) -> Malformed:
    """Make the error: the value itself never goes into a message, it may be a person's."""
    return Malformed(why, fields={field: why})
