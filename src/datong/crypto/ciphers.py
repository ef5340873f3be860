# SPDX-License-Identifier: Apache-2.0
"""Authenticated encryption and key derivation: AES-256-GCM and SM4-GCM (RFC 8998), HKDF (RFC 5869).

Kept here: a sealed text says in its first byte by which suite it was sealed, and that byte is authenticated with the
rest, so that nobody can move a text to another suite. Layout: suite (1), nonce (12), ciphertext, tag (16).
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm, Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from datong.kernel.errors import DatongError, Malformed

NONCE: Final = 12
TAG: Final = 16
LONGEST_DERIVED: Final = 255 * 32


class BadSeal(DatongError):
    """The sealed text was changed, or it was sealed with another key or for another context."""

    code, status, title = "bad_seal", 403, "Bad seal"


@dataclass(frozen=True, slots=True)
class Suite:
    """A cipher under the byte that names it in sealed texts."""

    name: str
    mark: int
    key_bytes: int
    cipher: Callable[[bytes], BlockCipherAlgorithm]


SUITES: Final[dict[str, Suite]] = {
    "aes-256-gcm": Suite("aes-256-gcm", 1, 32, algorithms.AES),
    "sm4-gcm": Suite("sm4-gcm", 2, 16, algorithms.SM4),
}
BY_MARK: Final[dict[int, Suite]] = {suite.mark: suite for suite in SUITES.values()}


def seal(key: bytes, plaintext: bytes, aad: bytes = b"", *, suite: str = "aes-256-gcm") -> bytes:
    """Encrypt and authenticate.

    Args:
        key: 32 bytes for AES-256-GCM, 16 bytes for SM4-GCM.
        plaintext: What is hidden.
        aad: The context it belongs to: authenticated, not hidden, and needed again to open.
        suite: `aes-256-gcm` or `sm4-gcm`.

    Raises:
        Malformed: An unknown suite, or a key of the wrong length.
    """
    if suite not in SUITES:
        raise Malformed(f"unknown cipher {suite!r}", remedy=f"use one of {', '.join(SUITES)}")
    chosen = _fitting(SUITES[suite], key)
    mark, nonce = bytes([chosen.mark]), os.urandom(NONCE)
    running = Cipher(chosen.cipher(key), modes.GCM(nonce)).encryptor()
    running.authenticate_additional_data(mark + aad)
    hidden = running.update(plaintext) + running.finalize()
    return mark + nonce + hidden + running.tag


def open_sealed(key: bytes, sealed: bytes, aad: bytes = b"") -> bytes:
    """Give back what was sealed with the same key and context.

    Raises:
        Malformed: Not a sealed text, or a key of the wrong length for its suite.
        BadSeal: Changed on the way, or another key or context.
    """
    if len(sealed) < 1 + NONCE + TAG or sealed[0] not in BY_MARK:
        raise Malformed("not a sealed text")
    chosen = _fitting(BY_MARK[sealed[0]], key)
    nonce, hidden, tag = sealed[1 : 1 + NONCE], sealed[1 + NONCE : -TAG], sealed[-TAG:]
    running = Cipher(chosen.cipher(key), modes.GCM(nonce, tag)).decryptor()
    running.authenticate_additional_data(sealed[:1] + aad)
    try:
        return running.update(hidden) + running.finalize()
    except InvalidTag:
        raise BadSeal("the sealed text was changed, or key or context are others") from None


def derive(key_material: bytes, purpose: str, length: int = 32) -> bytes:
    """Derive a key for one purpose from key material by HKDF with SHA-256.

    Args:
        key_material: Secret bytes of high entropy (not a password).
        purpose: What the key is for; another purpose gives an unrelated key.
        length: Bytes wanted, 16 to 8160.

    Raises:
        Malformed: No key material, or a length out of range.
    """
    if not key_material or not 16 <= length <= LONGEST_DERIVED:
        raise Malformed(f"a key of 16 to {LONGEST_DERIVED} bytes can be derived, from material that is not empty")
    info = b"datong/" + purpose.encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=info).derive(key_material)


def _fitting(suite: Suite, key: bytes) -> Suite:
    if len(key) != suite.key_bytes:
        raise Malformed(f"{suite.name} needs a key of {suite.key_bytes} bytes, not {len(key)}")
    return suite
