# SPDX-License-Identifier: Apache-2.0
"""Identifiers: unified social credit codes, resident ids, division codes, bank cards and mobile numbers.

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
_CARD = re.compile(r"[1-9][0-9]{14,18}")
_MOBILE = re.compile(r"(?:\+?86[ -]?)?(1[3-9][0-9]{9})")


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


def card_check_digit(digits: str) -> str:
    """Compute the last digit of a bank card number (ISO/IEC 7812-1, Luhn) from the digits before it.

    Raises:
        Malformed: Not digits.
    """
    if not re.fullmatch(r"[0-9]+", digits):
        raise _bad("bank_card", "digits come before the check digit of a bank card")
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(digits)))
    return str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def check_bank_card(text: str) -> str:
    """Check a bank card number (ISO/IEC 7812-1): 15 to 19 digits, blanks between groups allowed, the last one checks.

    Returns:
        The digits alone.

    Raises:
        Malformed: Wrong length, character or check digit.
    """
    code = text.replace(" ", "")
    if not text.isascii() or not _CARD.fullmatch(code):
        raise _bad("bank_card", "a bank card number has 15 to 19 digits and does not begin with 0")
    if card_check_digit(code[:-1]) != code[-1]:
        raise _bad("bank_card", "the check digit of the bank card does not agree")
    return code


def check_mobile(text: str) -> str:
    """Check a mobile number of the mainland: 11 digits from 13 to 19, with or without the country code 86.

    Returns:
        The eleven digits.

    Raises:
        Malformed: Another shape.
    """
    found = _MOBILE.fullmatch(text) if text.isascii() else None
    if not found:
        raise _bad("mobile", "a mobile number has 11 digits and begins with 13 to 19")
    return found[1]


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
