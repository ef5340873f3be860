# SPDX-License-Identifier: Apache-2.0
"""Entity tags of answers (RFC 9110 section 8.8.3).

Kept here: a tag is a keyed hash of the grant as it stands, the mark of the data and the question, and never of an answer:
whoever sees one learns nothing, nor can anybody make one up. It changes with every landing and every new policy of the
grant. Tags are weak, for a body may leave compressed.
"""

from hashlib import blake2b
from typing import Final, Protocol

import msgspec

from datong.gateway.snapshot import Standing

PURPOSE: Final = "entity tags"
LONGEST_SECRET: Final = 64


class Begun(Protocol):
    """A hash that was begun, to be gone on with again and again."""

    def copy(self) -> "Begun":
        """Give another one that stands where this one does."""

    def update(self, data: bytes, /) -> None:
        """Go on."""

    def hexdigest(self) -> str:
        """Give the hash."""


class Tags:
    """Gives tags under one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret[:LONGEST_SECRET]

    def of(self, standing: Standing, mark: str, *question: bytes) -> str:
        """Give the tag of an answer.

        Args:
            standing: the grant it rests on.
            mark: of the data.
            question: what was asked, and the form it is answered in.
        """
        known: tuple[str, Begun] | None = standing.made.get(self)
        if known is None or known[0] != mark:
            known = standing.made[self] = mark, self._begin(standing, mark)
        made = known[1].copy()
        made.update(b"".join([b"%d:%b" % (len(part), part) for part in question]))
        return f'W/"{made.hexdigest()}"'

    def _begin(self, standing: Standing, mark: str) -> Begun:
        """What the tags of one grant on the same data have in common."""
        stated = msgspec.json.encode((standing.grant, standing.resource, mark))
        return blake2b(blake2b(stated).digest(), key=self._secret, digest_size=16)


def matches(tag: str, wanted: str) -> bool:
    """Tell whether If-None-Match names a tag, by weak comparison."""
    opaque = tag.removeprefix("W/")
    return bool(tag) and any(part.strip().removeprefix("W/") == opaque for part in wanted.split(","))
