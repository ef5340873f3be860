# SPDX-License-Identifier: Apache-2.0
"""What a log is: `log.json`, written once when the log is made and never changed.

Kept here: origin, digest, signature algorithm and public key. The key in it helps a reader; a verifier who distrusts
the folder brings the key from elsewhere.
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from datong.crypto.digests import SHA256, SM3, Digest, suite
from datong.crypto.keys import load_verifier
from datong.crypto.signing import SM2, Signer, Verifier
from datong.kernel import canonical
from datong.kernel.errors import Conflict, Malformed, Unknown
from datong.ledger import files

NAME: Final = "log.json"
FORMAT: Final = "datong-log/1"
LONGEST_ORIGIN: Final = 200


@dataclass(frozen=True, slots=True)
class Identity:
    """The facts of `log.json`."""

    origin: str
    hash: str
    algorithm: str
    public_key: str
    created: str
    format: str = FORMAT

    @property
    def digest(self) -> Digest:
        """The digest suite of the log."""
        return suite(self.hash)

    def verifier(self) -> Verifier:
        """Give a verifier for the key the log itself names."""
        return load_verifier(self.public_key.encode())


def load(directory: Path) -> Identity:
    """Read what the log in a folder is.

    Raises:
        Unknown: There is no log.
        Malformed: `log.json` cannot be read, or it is of another format.
    """
    try:
        facts = canonical.loads((directory / NAME).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise Unknown(f"there is no log in {directory.name}: {NAME} is missing") from None
    try:
        identity = Identity(**facts)
    except TypeError:
        raise Malformed(f"{NAME} has not the fields of a log") from None
    if identity.format != FORMAT or not all(isinstance(value, str) for value in facts.values()):
        raise Malformed(f"{NAME} is not of the format {FORMAT}")
    suite(identity.hash)
    return identity


def settle(directory: Path, origin: str, signer: Signer) -> Identity:
    """Read what the log in a folder is and see that it is ours, or make it when the folder holds none.

    Raises:
        Conflict: The log is of another origin or key, or segments lie there without `log.json`.
        Malformed: `log.json` cannot be read, or the origin is empty or too long.
    """
    try:
        identity = load(directory)
    except Unknown:
        if any(directory.glob("*.seg")):
            raise Conflict(f"segments lie in {directory.name} without {NAME}", remedy="restore log.json") from None
        return _make(directory, origin, signer)
    if identity.origin != origin:
        raise Conflict(f"the log in {directory.name} is of {identity.origin}, not of {origin}")
    if identity.verifier().key_id != signer.key_id:
        raise Conflict(f"the log of {origin} is signed by another key", remedy="open it with the key it was made with")
    return identity


def _make(directory: Path, origin: str, signer: Signer) -> Identity:
    if not 0 < len(origin.encode()) <= LONGEST_ORIGIN:
        raise Malformed(f"an origin has 1 to {LONGEST_ORIGIN} bytes", fields={"origin": "empty or too long"})
    identity = Identity(
        origin=origin,
        hash=(SM3 if signer.algorithm == SM2 else SHA256).name,
        algorithm=signer.algorithm,
        public_key=signer.public_pem().decode(),
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    )
    files.place(directory / NAME, canonical.dumps(asdict(identity)) + b"\n", durable=True)
    return identity
