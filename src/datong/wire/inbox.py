# SPDX-License-Identifier: Apache-2.0
"""The inbox of corrections: how a gateway hands an application's report to the control plane (809 art. 26).

Kept here: a gateway puts one row for each report into a table the control plane owns; what the report says is sealed
with a secret of the node, since it names persons, and bound to its reference, so that no row can stand in for another.
The same report of the same client that still waits is one report: its digest is keyed, so that nobody guesses from it.
"""

import hmac
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from datong.crypto import ciphers
from datong.crypto.keys import load_secret
from datong.kernel.corrections import Report
from datong.kernel.errors import Malformed

TABLE: Final = "corrections_inbox"
STATES: Final = "corrections_correction"
PURPOSE: Final = "corrections inbox"
REFERENCE: Final = r"[0-9a-f]{32}"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One report with what the gateway knows of its sender.

    Attributes:
        reference: 32 hexadecimal digits; the sender asks under it.
        at: When it came, ISO 8601 in UTC.
        client: Client id of the application.
        department: Credit code of its department.
        resource: Code.
        version: Number of the catalogue version the gateway serves.
        grant: Number of the grant the sender holds.
    """

    reference: str
    at: str
    client: str
    department: str
    resource: str
    version: int
    grant: str
    report: Report


_encoder = msgspec.json.Encoder(order="sorted")
_letters = msgspec.json.Decoder(Letter)


def secret(key_file: Path) -> bytes:
    """Give the node's secret of the inbox."""
    return load_secret(key_file, PURPOSE)


def seal(letter: Letter, key: bytes) -> bytes:
    """Seal a letter under its reference."""
    return ciphers.seal(key, _encoder.encode(letter), letter.reference.encode())


def unseal(sealed: bytes, reference: str, key: bytes) -> Letter:
    """Give the letter that was sealed under a reference.

    Raises:
        Malformed: Not a letter.
        BadSeal: Changed, of another node, or of another reference.
    """
    try:
        return _letters.decode(ciphers.open_sealed(key, sealed, reference.encode()))
    except msgspec.MsgspecError as error:
        raise Malformed("not a letter of the inbox") from error


def digest(letter: Letter, key: bytes) -> str:
    """Give the keyed digest by which the same report of the same sender is known; time and reference do not count."""
    told = _encoder.encode([letter.client, letter.resource, letter.grant, letter.report])
    return hmac.new(key, told, sha256).hexdigest()
