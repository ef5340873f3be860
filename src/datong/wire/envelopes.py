# SPDX-License-Identifier: Apache-2.0
"""Signing bytes under a name: what was signed as one kind of document can never pass for another kind.

Kept here: the signed bytes are `<kind> LF <body>`; the reader checks the key's id before the signature, so that a
document of another node is refused by name and not as "bad signature".
"""

from base64 import b64decode, b64encode

from datong.crypto.signing import Signer, Verifier
from datong.kernel.errors import Malformed


def sign(kind: str, body: bytes, signer: Signer) -> str:
    """Sign a body as a document of this kind; the signature in base64."""
    return b64encode(signer.sign(_signed(kind, body))).decode("ascii")


def check(kind: str, body: bytes, signature: str, key_id: str, verifier: Verifier) -> None:
    """Check a signature over a body of this kind.

    Raises:
        Malformed: signed by another key, or the signature is not base64.
        BadSignature: the bytes are not what that key signed.
    """
    if key_id != verifier.key_id:
        raise Malformed(f"signed by key {key_id[:64]!r}, expected {verifier.key_id!r}", fields={"key_id": "another key"})
    try:
        raw = b64decode(signature, validate=True)
    except ValueError as error:
        raise Malformed("the signature is not base64", fields={"signature": "not base64"}) from error
    verifier.verify(raw, _signed(kind, body))


def _signed(kind: str, body: bytes) -> bytes:
    return kind.encode("ascii") + b"\n" + body
