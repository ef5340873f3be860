# SPDX-License-Identifier: Apache-2.0
"""FF1, format-preserving encryption over AES (NIST SP 800-38G, algorithm 7).

Kept here: a text over an alphabet becomes a text of the same length over the same alphabet, and no two become the same; a
domain of fewer than a million texts is refused, for there guessing undoes it. Encryption alone: nothing turns a masked
value back. Why it is ours: docs/adr/0020.
"""

import math
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from datong.kernel.errors import Malformed

LEAST_DOMAIN: Final = 1_000_000
LARGEST_RADIX: Final = 2**16
LONGEST: Final = 2**16
ROUNDS: Final = 10
BLOCK: Final = 16


def encrypt(key: bytes, text: str, alphabet: str, tweak: bytes = b"") -> str:
    """Encrypt a text to another one of the same length over the same alphabet.

    Args:
        key: Of AES: 16, 24 or 32 bytes.
        text: Characters of the alphabet.
        alphabet: Each character once; its order is that of the numerals.
        tweak: Need not be secret; another one gives another permutation.

    Raises:
        Malformed: A character outside of the alphabet, a domain that is too small, or a key of another length. The text
            is not repeated.
    """
    radix, length = len(alphabet), len(text)
    numerals = {character: number for number, character in enumerate(alphabet)}
    if not 2 <= radix == len(numerals) <= LARGEST_RADIX or not numerals.keys() >= set(text):
        raise Malformed("the text does not stand in the alphabet", fields={"text": "characters of the alphabet"})
    if not 2 <= length <= LONGEST or radix**length < LEAST_DOMAIN:
        raise Malformed("the text is too short or too long to be encrypted", fields={"text": f"one of {LEAST_DOMAIN} at least"})
    left = length // 2
    sizes = (left, length - left)
    halves = [_number(text[:left], numerals), _number(text[left:], numerals)]
    rounds = _rounds(key, tweak, radix, length)
    for turn in range(ROUNDS):
        mixed = (halves[0] + rounds(turn, halves[1])) % radix ** sizes[turn % 2]
        halves = [halves[1], mixed]
    return _text(halves[0], sizes[0], alphabet) + _text(halves[1], sizes[1], alphabet)


def _rounds(key: bytes, tweak: bytes, radix: int, length: int) -> Callable[[int, int], int]:
    """Give the function of a round: its number and one half to the number that is added to the other (steps 3 to 6)."""
    left = length // 2
    half_bytes = ((radix ** (length - left) - 1).bit_length() + 7) // 8
    wanted = 4 * math.ceil(half_bytes / 4) + 4
    padded = tweak + bytes(-(len(tweak) + half_bytes + 1) % BLOCK)
    enciphered = _block_cipher(key)
    begun = b"\1\2\1" + radix.to_bytes(3) + bytes([ROUNDS, left % 256]) + length.to_bytes(4) + len(tweak).to_bytes(4)
    first = enciphered(begun)

    def of_round(turn: int, half: int) -> int:
        chained, question = first, padded + bytes([turn]) + half.to_bytes(half_bytes)
        for place in range(0, len(question), BLOCK):
            chained = enciphered(_xor(chained, question[place : place + BLOCK]))
        stream = chained
        for counter in range(1, math.ceil(wanted / BLOCK)):
            stream += enciphered(_xor(chained, counter.to_bytes(BLOCK)))
        return int.from_bytes(stream[:wanted])

    return of_round


def _block_cipher(key: bytes) -> Callable[[bytes], bytes]:
    try:
        return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update  # noqa: S305  single blocks are what it is made of
    except ValueError:
        raise Malformed("AES takes a key of 16, 24 or 32 bytes", fields={"key": "16, 24 or 32 bytes"}) from None


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(BLOCK)


def _number(text: str, numerals: dict[str, int]) -> int:
    number = 0
    for character in text:
        number = number * len(numerals) + numerals[character]
    return number


def _text(number: int, size: int, alphabet: str) -> str:
    made = []
    for _ in range(size):
        number, numeral = divmod(number, len(alphabet))
        made.append(alphabet[numeral])
    return "".join(reversed(made))
