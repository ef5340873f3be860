# SPDX-License-Identifier: Apache-2.0
"""Signatures behind two small protocols: Ed25519 (RFC 8032) and SM2 with SM3 (GB/T 32918).

Kept here: a key is named by the first 16 hexadecimal digits of the SHA-256 of its SubjectPublicKeyInfo in DER,
whatever its algorithm. SM2 signs with the distinguishing identifier 1234567812345678 of GM/T 0009-2012; its signature
is the DER sequence of r and s.
"""

import hashlib
from typing import Any, ClassVar, Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tongsuopy.crypto import exceptions as tongsuo_errors
from tongsuopy.crypto import hashes as tongsuo_hashes
from tongsuopy.crypto import serialization as tongsuo_formats
from tongsuopy.crypto.asymciphers import ec as tongsuo_curves

from datong.kernel.errors import DatongError

ED25519: Final = "ed25519"
SM2: Final = "sm2"


class BadSignature(DatongError):
    """The signature is not of this key over these bytes."""

    code, status, title = "bad_signature", 403, "Bad signature"


class Signer(Protocol):
    """Holds a private key and signs with it."""

    @property
    def key_id(self) -> str:
        """Sixteen hexadecimal digits that name the key pair."""

    @property
    def algorithm(self) -> str:
        """`ed25519` or `sm2`."""

    def sign(self, data: bytes) -> bytes:
        """Give the signature over the data."""

    def public_pem(self) -> bytes:
        """Give the public key (SubjectPublicKeyInfo) in PEM."""


class Verifier(Protocol):
    """Holds a public key and checks signatures with it."""

    @property
    def key_id(self) -> str:
        """Sixteen hexadecimal digits that name the key pair."""

    @property
    def algorithm(self) -> str:
        """`ed25519` or `sm2`."""

    def public_pem(self) -> bytes:
        """Give the public key (SubjectPublicKeyInfo) in PEM."""

    def verify(self, signature: bytes, data: bytes) -> None:
        """Return when the signature holds, else raise BadSignature."""


def key_id(spki: bytes) -> str:
    """Name a public key given as SubjectPublicKeyInfo in DER."""
    return hashlib.sha256(spki).hexdigest()[:16]


class Ed25519Signer:
    """Signs by Ed25519."""

    algorithm: ClassVar[str] = ED25519

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.key_id = key_id(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    def sign(self, data: bytes) -> bytes:
        """Give the signature (64 bytes) over the data."""
        return self._key.sign(data)

    def public_pem(self) -> bytes:
        """Give the public key in PEM."""
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class Ed25519Verifier:
    """Checks Ed25519 signatures."""

    algorithm: ClassVar[str] = ED25519

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        self.key_id = key_id(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    def public_pem(self) -> bytes:
        """Give the public key in PEM."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def verify(self, signature: bytes, data: bytes) -> None:
        """Return when the signature holds, else raise BadSignature."""
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            raise BadSignature(f"not signed by key {self.key_id}") from None


def _sm2_public(key: Any, encoding: str) -> bytes:
    spki = tongsuo_formats.PublicFormat.SubjectPublicKeyInfo
    return bytes(key.public_bytes(tongsuo_formats.Encoding[encoding], spki))


class Sm2Signer:
    """Signs by SM2 with SM3."""

    algorithm: ClassVar[str] = SM2

    def __init__(self, key: Any) -> None:
        self._key = key
        self.key_id = key_id(_sm2_public(key.public_key(), "DER"))

    def sign(self, data: bytes) -> bytes:
        """Give the signature (DER, 70 to 72 bytes) over the data."""
        return bytes(self._key.sign(data, tongsuo_curves.ECDSA(tongsuo_hashes.SM3())))

    def public_pem(self) -> bytes:
        """Give the public key in PEM."""
        return _sm2_public(self._key.public_key(), "PEM")


class Sm2Verifier:
    """Checks SM2 signatures."""

    algorithm: ClassVar[str] = SM2

    def __init__(self, key: Any) -> None:
        self._key = key
        self.key_id = key_id(_sm2_public(key, "DER"))

    def public_pem(self) -> bytes:
        """Give the public key in PEM."""
        return _sm2_public(self._key, "PEM")

    def verify(self, signature: bytes, data: bytes) -> None:
        """Return when the signature holds, else raise BadSignature."""
        try:
            self._key.verify(signature, data, tongsuo_curves.ECDSA(tongsuo_hashes.SM3()))
        except (tongsuo_errors.InvalidSignature, tongsuo_errors.InternalError):
            # tongsuopy answers a signature that is not DER with InternalError, not with InvalidSignature
            raise BadSignature(f"not signed by key {self.key_id}") from None
