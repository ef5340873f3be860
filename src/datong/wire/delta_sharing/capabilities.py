# SPDX-License-Identifier: Apache-2.0
"""What a client can take, as its headers say: response format, end of stream, how files are named.

Kept here: a client that takes both formats gets parquet, which needs nothing beyond it, for no table here has deletion
vectors, mapped columns or other features that parquet cannot say; an endStreamAction goes to those alone who ask for one,
for released clients stumble over one. `asyncquery` is read and passed over: every answer is given at once.
"""

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

from datong.kernel.errors import Malformed

HEADER: Final = "delta-sharing-capabilities"
HASH_HEADER: Final = "fileidhash"
HASHES: Final = ("parquet", "delta")

Format = Literal["parquet", "delta"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """How an answer is to be written.

    Attributes:
        format: Of the lines.
        ended: Whether the last line is an endStreamAction.
        hashing: How ids of files are made: MD5 (`parquet`) or SHA-256 (`delta`); None by the format.
    """

    format: Format = "parquet"
    ended: bool = False
    hashing: Format | None = None

    def headers(self) -> dict[str, str]:
        """The headers that tell the client what was chosen."""
        told = {HEADER: f"responseformat={self.format}" + (";includeendstreamaction=true" if self.ended else "")}
        return told if self.hashing is None else told | {HASH_HEADER: self.hashing}

    def name(self, identifier: str) -> str:
        """The id of a file as this client wants it; it stays for the file."""
        if (self.hashing or self.format) == "delta":
            return hashlib.sha256(identifier.encode()).hexdigest()
        return hashlib.md5(identifier.encode(), usedforsecurity=False).hexdigest()


def capabilities(header: str, hashing: str | None = None) -> Capabilities:
    """Read the headers of a request.

    Args:
        header: `delta-sharing-capabilities`, empty where it was not sent.
        hashing: `fileidhash`, None where it was not sent.

    Raises:
        Malformed: Only formats that are not spoken here are wanted, or an unknown way to name files.
    """
    said = dict(_pair(part) for part in header.split(";"))
    wanted = [one.strip() for one in said.get("responseformat", "").split(",") if one.strip()]
    return Capabilities(_format(wanted), said.get("includeendstreamaction") == "true", _hashing(hashing))


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.lower().partition("=")
    return name.strip(), value.strip()


def _format(wanted: list[str]) -> Format:
    if not wanted or "parquet" in wanted:
        return "parquet"
    if "delta" in wanted:
        return "delta"
    raise Malformed(
        f"不提供 responseformat={wanted[0][:20]} (only the formats parquet and delta are given here)",
        fields={HEADER: "responseformat=parquet or delta"},
    )


def _hashing(said: str | None) -> Format | None:
    if said is None:
        return None
    found: dict[str, Format] = {"parquet": "parquet", "delta": "delta"}
    chosen = found.get(said.strip().lower())
    if chosen is None:
        words = f"Unsupported fileidhash: '{said[:40]}'. Supported: {', '.join(HASHES)}"
        raise Malformed(words, fields={HASH_HEADER: " or ".join(HASHES)})
    return chosen
