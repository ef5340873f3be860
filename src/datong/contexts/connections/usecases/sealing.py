# SPDX-License-Identifier: Apache-2.0
"""Secrets of connections at rest: sealed under a key of the node's own and bound to their connection.

Kept here: a node that signs by SM2 seals by SM4, every other by AES-256; what is sealed says itself by which.
"""

from __future__ import annotations

from django.conf import settings

from datong.crypto import ciphers
from datong.crypto.keys import load_secret, load_signer
from datong.crypto.signing import SM2

PURPOSE = "connection secrets"
SUITES = {True: ciphers.SUITES["sm4-gcm"], False: ciphers.SUITES["aes-256-gcm"]}


def seal(secret: str, number: str) -> bytes:
    """Seal a secret for its connection; nothing for none."""
    if not secret:
        return b""
    suite = SUITES[load_signer(settings.NODE_FOLDER.key).algorithm == SM2]
    return ciphers.seal(_key(suite), secret.encode(), number.encode(), suite=suite.name)


def unseal(sealed: bytes, number: str) -> str:
    """Open the secret of a connection.

    Raises:
        BadSeal: It was moved from another connection, or the node's key is another.
    """
    said = bytes(sealed)
    if not said:
        return ""
    suite = ciphers.BY_MARK.get(said[0], SUITES[False])
    return ciphers.open_sealed(_key(suite), said, number.encode()).decode()


def _key(suite: ciphers.Suite) -> bytes:
    return load_secret(settings.NODE_FOLDER.key, f"{PURPOSE} {suite.name}", suite.key_bytes)
