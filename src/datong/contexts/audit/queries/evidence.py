# SPDX-License-Identifier: Apache-2.0
"""State of the evidence logs of this node, read without disturbing their writers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from datong.crypto.keys import load_verifier
from datong.crypto.signing import Verifier
from datong.kernel.errors import DatongError, Unavailable, Unknown
from datong.ledger import history, identity, merged, notes
from datong.ledger.identity import Identity
from datong.ledger.merged import Merged
from datong.ledger.verify import PUBLIC_KEY


@dataclass(frozen=True, slots=True)
class LogState:
    """Where a log stands.

    Attributes:
        name: Folder inside the evidence folder.
        origin: Name of the log, "" where it cannot be read.
        size: Records under the newest checkpoint.
        root: Root of the Merkle tree over them, hexadecimal, "" while empty.
        at: When the newest checkpoint was signed, "" while empty.
        checkpoint: The newest checkpoint as it stands in the file, "" while empty.
        verifier_key: By which tools of others check its notes, "" where C2SP has no form for them.
        trouble: What is wrong, "" when nothing is.
    """

    name: str
    origin: str
    size: int = 0
    root: str = ""
    at: str = ""
    checkpoint: str = ""
    verifier_key: str = ""
    trouble: str = ""


def logs() -> list[LogState]:
    """Give the state of every log in the evidence folder."""
    folder = settings.NODE_FOLDER.evidence
    return [_state(path) for path in sorted(folder.glob("*")) if (path / identity.NAME).exists()]


def node_checkpoint() -> Merged | None:
    """Give the newest signed statement over all logs, None where there is none yet.

    Raises:
        Unavailable: It cannot be read.
    """
    try:
        return merged.last(settings.NODE_FOLDER.evidence)
    except (DatongError, OSError) as error:
        raise Unavailable(f"the node checkpoints are damaged: {error}", remedy="datong ledger verify") from None


def public_key() -> str:
    """Give the node's public key (PEM), which verifies checkpoints and receipts.

    Raises:
        Unavailable: The node has lost it.
    """
    path = settings.NODE_FOLDER.evidence / PUBLIC_KEY
    try:
        return str(path.read_text("ascii"))
    except (OSError, UnicodeDecodeError):
        raise Unavailable(f"{PUBLIC_KEY} is missing in the evidence folder", remedy="datong node doctor") from None


def node_verifier() -> Verifier:
    """Give a verifier for the node's key."""
    return load_verifier(public_key().encode())


def _state(path: Path) -> LogState:
    try:
        facts = identity.load(path)
        origin, key = facts.origin, _verifier_key(facts)
        newest = history.last(path)
    except (DatongError, OSError) as error:
        return LogState(path.name, "", trouble=str(error))
    if newest is None:
        return LogState(path.name, origin, verifier_key=key)
    return LogState(
        path.name, origin, newest.size, newest.root.hex(), newest.at, newest.line().decode().rstrip("\n"), key
    )  # fmt: skip


def _verifier_key(facts: Identity) -> str:
    try:
        return notes.key_of(facts.origin, facts.verifier()).text()
    except Unknown:
        return ""
