# SPDX-License-Identifier: Apache-2.0
"""Secrets of connections at rest, sealed and opened with the key of this node (`datong.crypto.sealing`)."""

from __future__ import annotations

from django.conf import settings

from datong.crypto import sealing


def seal(secret: str, number: str) -> bytes:
    """Seal a secret for its connection; nothing for none."""
    return sealing.seal(settings.NODE_FOLDER.key, secret, number)


def unseal(sealed: bytes, number: str) -> str:
    """Open the secret of a connection.

    Raises:
        BadSeal: It was moved from another connection, or the node's key is another.
    """
    return sealing.unseal(settings.NODE_FOLDER.key, bytes(sealed), number)
