# SPDX-License-Identifier: Apache-2.0
"""Digest suites: SHA-256 (international) and SM3 (GB/T 32905-2016), chosen by name.

Kept here: both give 32 bytes, so that everything built on them (tree nodes, frames, receipts) has one layout. A suite
is recorded by name wherever its hashes are stored; nobody guesses.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes

from datong.kernel.errors import Malformed

SIZE: Final = 32


@dataclass(frozen=True, slots=True)
class Digest:
    """A hash function under its recorded name.

    Attributes:
        name: The name written into files and receipts.
        hash: Bytes to their digest of `SIZE` bytes.
    """

    name: str
    hash: Callable[[bytes], bytes]


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _sm3(data: bytes) -> bytes:
    running = hashes.Hash(hashes.SM3())
    running.update(data)
    return running.finalize()


SHA256: Final = Digest("sha256", _sha256)
SM3: Final = Digest("sm3", _sm3)
SUITES: Final[dict[str, Digest]] = {suite.name: suite for suite in (SHA256, SM3)}


def suite(name: str) -> Digest:
    """Give the digest suite of a recorded name.

    Raises:
        Malformed: There is no such suite.
    """
    try:
        return SUITES[name]
    except KeyError:
        raise Malformed(f"unknown digest {name!r}", remedy=f"use one of {', '.join(SUITES)}") from None


def of_file(path: Path, piece: int = 1 << 20) -> dict[str, str]:
    """Give the digests of a file in every suite, read once, as hexadecimal by name."""
    running = {"sha256": hashes.Hash(hashes.SHA256()), "sm3": hashes.Hash(hashes.SM3())}
    with path.open("rb") as file:
        while part := file.read(piece):
            for one in running.values():
                one.update(part)
    return {name: one.finalize().hex() for name, one in running.items()}
