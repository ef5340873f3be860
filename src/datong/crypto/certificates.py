# SPDX-License-Identifier: Apache-2.0
"""Client certificates by their thumbprints: the SHA-256 of the DER, as RFC 8705 writes it (`x5t#S256`).

Kept here: a thumbprint is all that is kept of a certificate. Who issued it, and whether it is still valid, is for whoever
ends the TLS to check; what counts for us is that it is this very one.
"""

import re
from base64 import b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from datong.kernel.errors import Malformed

LONGEST: Final = 16_384
"""Characters of a certificate in PEM."""
WRITTEN: Final = re.compile(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
"""43 characters of base64url hold 258 bits: the last two are nothing."""
HEX: Final = re.compile(r"(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}")
PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*")
FIELD: Final = "certificates"


def thumbprint(der: bytes) -> str:
    """The thumbprint of a certificate in DER."""
    return urlsafe_b64encode(sha256(der).digest()).decode().rstrip("=")


def der_of(pem: str) -> bytes:
    """The bytes within one certificate in PEM, as they are written there; nothing of it is read.

    Raises:
        ValueError: It is not one such certificate.
    """
    found = PEM.fullmatch(pem)
    if found is None:
        raise ValueError("not one certificate in PEM")
    return b64decode("".join(found[1].split()), validate=True)


def named(text: str) -> str:
    """Read which certificate is meant: one in PEM, or its SHA-256 in base64url or hexadecimal.

    Raises:
        Malformed: None of them, or a private key.
    """
    given = text.strip()
    if WRITTEN.fullmatch(given):
        return given
    if HEX.fullmatch(given):
        return urlsafe_b64encode(bytes.fromhex(given.replace(":", ""))).decode().rstrip("=")
    if "PRIVATE" in given:
        raise _amiss("这是私钥，不要交给任何人 (this is a private key: never hand it over)")
    try:
        return thumbprint(x509.load_pem_x509_certificate(given[:LONGEST].encode("ascii")).public_bytes(Encoding.DER))
    except ValueError:
        raise _amiss("请粘贴 PEM 证书，或填它的 SHA-256 指纹 (a certificate in PEM, or its SHA-256)") from None


def _amiss(why: str) -> Malformed:
    return Malformed("这不是证书 (this is not a certificate)", fields={FIELD: why})
