# SPDX-License-Identifier: Apache-2.0
"""Secrets of connections at rest: sealed under a key derived from the node's own and bound to their connection.

Kept here: a node that signs by SM2 seals by SM4, every other by AES-256; what is sealed says itself by which. Both planes
open what the control plane sealed, for both hold the node's key; a sealed secret may stand in a signed policy.
"""

from pathlib import Path
from typing import Final

from datong.crypto import ciphers
from datong.crypto.keys import load_secret, load_signer
from datong.crypto.signing import SM2

PURPOSE: Final = "connection secrets"
SUITES: Final = {True: ciphers.SUITES["sm4-gcm"], False: ciphers.SUITES["aes-256-gcm"]}


def seal(key: Path, secret: str, number: str) -> bytes:
    """Seal a secret for its connection; nothing for none.

    Raises:
        Unknown, Refused, Malformed: The node's key cannot be read.
    """
    if not secret:
        return b""
    suite = SUITES[load_signer(key).algorithm == SM2]
    return ciphers.seal(_derived(key, suite), secret.encode(), number.encode(), suite=suite.name)


def unseal(key: Path, sealed: bytes, number: str) -> str:
    """Open the secret of a connection.

    Raises:
        BadSeal: It was moved from another connection, or the node's key is another.
        Malformed: It is no sealed text.
    """
    if not sealed:
        return ""
    suite = ciphers.BY_MARK.get(sealed[0], SUITES[False])
    return ciphers.open_sealed(_derived(key, suite), sealed, number.encode()).decode()


def _derived(key: Path, suite: ciphers.Suite) -> bytes:
    return load_secret(key, f"{PURPOSE} {suite.name}", suite.key_bytes)
