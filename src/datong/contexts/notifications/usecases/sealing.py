# SPDX-License-Identifier: Apache-2.0
"""Secrets of webhooks at rest: sealed under a key of the node's own and bound to their account."""

from __future__ import annotations

from django.conf import settings

from datong.crypto import ciphers
from datong.crypto.keys import load_secret

PURPOSE = "webhook secrets"


def seal_secret(secret: str, account: str) -> bytes:
    """Seal a secret for its account."""
    return ciphers.seal(_key(), secret.encode(), account.encode())


def open_secret(sealed: bytes, account: str) -> str:
    """Open the secret of an account.

    Raises:
        BadSeal: It was moved from another account, or the node's key is another.
    """
    return ciphers.open_sealed(_key(), bytes(sealed), account.encode()).decode()


def _key() -> bytes:
    return load_secret(settings.NODE_FOLDER.key, PURPOSE)
