# SPDX-License-Identifier: Apache-2.0
"""Signers and logs for tests, made without files where no file is needed."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tongsuopy.crypto.asymciphers import ec

from datong.crypto.keys import load_verifier
from datong.crypto.signing import Ed25519Signer, Signer, Sm2Signer, Verifier
from datong.ledger.log import Log

ORIGIN = "330000/test"


@cache
def a_signer(algorithm: str = "ed25519", number: int = 1) -> Signer:
    """Give a signer that is the same in the whole run."""
    if algorithm == "sm2":
        return Sm2Signer(ec.derive_private_key(number, ec.SM2()))
    return Ed25519Signer(Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big")))


def its_verifier(signer: Signer) -> Verifier:
    """Give the verifier of a signer, by its public key alone."""
    return load_verifier(signer.public_pem())


def a_log(directory, **options) -> Log:
    """Open a log, signed by Ed25519 unless said otherwise."""
    return Log.open(directory, **{"origin": ORIGIN, "signer": a_signer(), **options})


def some_records(count: int, start: int = 0) -> list[bytes]:
    """Give records that differ in content and length."""
    return [f"record {number} ".encode() * (number % 3 + 1) for number in range(start, start + count)]
