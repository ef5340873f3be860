# SPDX-License-Identifier: Apache-2.0
"""Signing keys on disk: PKCS #8 in PEM, readable by their owner alone.

Kept here: a key file is made once (never overwritten), with mode 0600 from its first byte; a file that others may
read is refused, because nobody knows who has read it.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from tongsuopy.crypto import exceptions as tongsuo_errors
from tongsuopy.crypto import serialization as tongsuo_formats
from tongsuopy.crypto.asymciphers import ec as tongsuo_curves

from datong.crypto.ciphers import derive
from datong.crypto.signing import (
    ED25519,
    SM2,
    Ed25519Signer,
    Ed25519Verifier,
    Signer,
    Sm2Signer,
    Sm2Verifier,
    Verifier,
)
from datong.kernel.errors import Conflict, Malformed, Refused, Unknown

LARGEST_KEY_FILE: Final = 16_384


def generate(path: Path, algorithm: str = ED25519) -> Signer:
    """Make a signing key and write it to a new file of mode 0600.

    Args:
        path: The file to make; its folder must exist.
        algorithm: `ed25519` or `sm2`.

    Raises:
        Malformed: The algorithm is unknown.
        Conflict: The file exists already; a key is never overwritten.
    """
    if algorithm not in MAKERS:
        raise Malformed(f"unknown signature algorithm {algorithm!r}", remedy=f"use one of {', '.join(MAKERS)}")
    pem, signer = MAKERS[algorithm]()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(f"there is a key in {path.name} already", remedy="move it away first") from None
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(handle)
    return signer


def load_signer(path: Path) -> Signer:
    """Read a signing key.

    Raises:
        Unknown: There is no such file.
        Refused: Others than the owner may read it.
        Malformed: It is not an Ed25519 or SM2 private key.
    """
    pem = _private_bytes(path)
    international = _ed25519_private(pem)
    if international is not None:
        return Ed25519Signer(international)
    return Sm2Signer(_sm2_key(tongsuo_formats.load_pem_private_key, pem, None))


def load_secret(path: Path, purpose: str, length: int = 32) -> bytes:
    """Derive a symmetric secret from the key in a file, one for each purpose, the same at each start.

    Raises:
        Unknown: There is no such file.
        Refused: Others than the owner may read it.
        Malformed: It is empty.
    """
    return derive(_private_bytes(path), purpose, length)


def load_verifier(pem: bytes) -> Verifier:
    """Read a public key (SubjectPublicKeyInfo) from PEM.

    Raises:
        Malformed: It is not an Ed25519 or SM2 public key.
    """
    try:
        key = serialization.load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        # SM2's curve is unknown to `cryptography`; what is broken for both is refused by the second
        return Sm2Verifier(_sm2_key(tongsuo_formats.load_pem_public_key, pem))
    if not isinstance(key, Ed25519PublicKey):
        raise Malformed("the public key is neither Ed25519 nor SM2")
    return Ed25519Verifier(key)


def _private_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            pem = file.read(LARGEST_KEY_FILE)
    except FileNotFoundError:
        raise Unknown(f"there is no key file {path.name}") from None
    if mode & 0o077:
        raise Refused(f"others may read the key file {path.name} (mode {mode:o})", remedy=f"chmod 600 {path.name}")
    if not pem:
        raise Malformed(f"the key file {path.name} is empty")
    return pem


def _ed25519_private(pem: bytes) -> Ed25519PrivateKey | None:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, Ed25519PrivateKey) else None


def _sm2_key(load: Callable[..., Any], *arguments: bytes | None) -> Any:
    try:
        return load(*arguments)
    except (ValueError, TypeError, tongsuo_errors.UnsupportedAlgorithm, tongsuo_errors.InternalError):
        raise Malformed("the key is neither Ed25519 nor SM2, or it is protected by a password") from None


def _make_ed25519() -> tuple[bytes, Signer]:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
    return pem, Ed25519Signer(key)


def _make_sm2() -> tuple[bytes, Signer]:
    key = tongsuo_curves.generate_private_key(tongsuo_curves.SM2())
    pem = key.private_bytes(
        tongsuo_formats.Encoding.PEM, tongsuo_formats.PrivateFormat.PKCS8, tongsuo_formats.NoEncryption()
    )  # fmt: skip
    return bytes(pem), Sm2Signer(key)


MAKERS: Final[dict[str, Callable[[], tuple[bytes, Signer]]]] = {ED25519: _make_ed25519, SM2: _make_sm2}
