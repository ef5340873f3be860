# SPDX-License-Identifier: Apache-2.0
"""What is left of records that retention removed: `pruned.json`, signed by the node.

Kept here: how many records, the peaks of the tree over them, and the leaf hashes that no complete subtree of 32 records covers.
Whoever verifies goes on from the peaks; peaks that are not those of the log lead to no signed root.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from datong.crypto.digests import SIZE, Digest
from datong.crypto.signing import BadSignature, Verifier
from datong.kernel import canonical
from datong.kernel.errors import Malformed
from datong.ledger.frames import Flaw
from datong.ledger.frontier import Frontier

NAME: Final = "pruned.json"
FORMAT: Final = "datong-pruned/1"
CONTEXT: Final = b"datong-pruned/1\n"
TILE: Final = 32


@dataclass(frozen=True, slots=True)
class Removed:
    """The beginning of a log that is no longer there.

    Attributes:
        origin: Name of the log.
        size: How many records were removed, from the first on; 0 where none was.
        nodes: Peaks of the tree over them, by level.
        leaves: Leaf hashes of those behind the last multiple of 32.
        at: When, ISO 8601 in UTC; a remark.
        key_id: Names the key.
        signature: Over `signed_bytes`.
    """

    origin: str = ""
    size: int = 0
    nodes: Mapping[int, bytes] = field(default_factory=dict)
    leaves: tuple[bytes, ...] = ()
    at: str = ""
    key_id: str = ""
    signature: bytes = b""

    @property
    def signed_bytes(self) -> bytes:
        """The bytes the signature is made over."""
        return CONTEXT + canonical.dumps(self._facts())

    def frontier(self, digest: Digest) -> Frontier:
        """Give the tree over what was removed, ready to grow."""
        return Frontier(digest, self.size, self.nodes)

    def leaf(self, index: int) -> bytes | None:
        """Give the leaf hash of a removed record, where it is kept."""
        place = index - self.size // TILE * TILE
        return self.leaves[place] if 0 <= place < len(self.leaves) else None

    def line(self) -> bytes:
        """Give the file."""
        return canonical.dumps({**self._facts(), "signature": base64.b64encode(self.signature).decode()}) + b"\n"

    def check(self, origin: str, verifier: Verifier) -> None:
        """See that the node says so itself.

        Raises:
            Flaw: Another log, or not signed by this key.
        """
        if not self.size:
            return
        missing = f"records 0 to {self.size - 1} are missing, and what says why"
        if (self.origin, self.key_id) != (origin, verifier.key_id):
            raise Flaw(0, f"{missing} is of another log or key", NAME)
        try:
            verifier.verify(self.signature, self.signed_bytes)
        except BadSignature as error:
            raise Flaw(0, f"{missing} is {error}", NAME) from None

    def _facts(self) -> dict[str, Any]:
        return {
            "at": self.at, "format": FORMAT, "key_id": self.key_id, "leaves": [leaf.hex() for leaf in self.leaves],
            "nodes": {str(level): node.hex() for level, node in self.nodes.items()}, "origin": self.origin, "size": self.size,
        }  # fmt: skip


def load(directory: Path) -> Removed:
    """Read what was removed from the log in a folder; its signature is not checked here.

    Raises:
        Malformed: The file cannot be read, or is not in its one form.
    """
    try:
        raw = (directory / NAME).read_bytes()
    except FileNotFoundError:
        return Removed()
    try:
        facts = canonical.loads(raw.rstrip(b"\n"))
        found = Removed(
            str(facts["origin"]), int(facts["size"]), {int(level): bytes.fromhex(node) for level, node in facts["nodes"].items()},
            tuple(bytes.fromhex(leaf) for leaf in facts["leaves"]), str(facts["at"]), str(facts["key_id"]),
            base64.b64decode(facts["signature"], validate=True),
        )  # fmt: skip
    except (Malformed, KeyError, ValueError, TypeError, AttributeError, binascii.Error):
        raise Malformed(f"{NAME} cannot be read") from None
    _check_form(found, raw)
    return found


def _check_form(found: Removed, raw: bytes) -> None:
    peaks = {level for level in range(max(found.size, 0).bit_length()) if found.size >> level & 1}
    hashes = (*found.nodes.values(), *found.leaves)
    fits = found.size > 0 and found.nodes.keys() == peaks and len(found.leaves) == found.size % TILE
    if not fits or any(len(one) != SIZE for one in hashes) or found.line() != raw:
        raise Malformed(f"{NAME} is not in its one form")
