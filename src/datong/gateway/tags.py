# SPDX-License-Identifier: Apache-2.0
"""Entity tags of answers (RFC 9110 section 8.8.3).

Kept here: a tag is a keyed hash of the grant as it stands, the mark of the data and the question, and never of an answer:
whoever sees one learns nothing, nor can anybody make one up. It changes with every landing and every new policy of the
grant. Tags are weak, for a body may leave compressed.
"""

from hashlib import blake2b
from typing import Final
from weakref import WeakKeyDictionary

import msgspec

from datong.gateway.snapshot import Standing

PURPOSE: Final = "entity tags"
LONGEST_SECRET: Final = 64


class Tags:
    """Gives tags under one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret[:LONGEST_SECRET]
        self._prints: WeakKeyDictionary[Standing, bytes] = WeakKeyDictionary()

    def of(self, standing: Standing, mark: str, *question: bytes) -> str:
        """Give the tag of an answer.

        Args:
            standing: the grant it rests on.
            mark: of the data.
            question: what was asked, and the form it is answered in.
        """
        known = self._prints.get(standing)
        if known is None:
            stated = msgspec.json.encode((standing.grant, standing.resource))
            known = self._prints[standing] = blake2b(stated, digest_size=32).digest()
        made = blake2b(known, key=self._secret, digest_size=16)
        for part in (mark.encode(), *question):
            made.update(b"%d:" % len(part) + part)
        return f'W/"{made.hexdigest()}"'


def matches(tag: str, wanted: str) -> bool:
    """Tell whether If-None-Match names a tag, by weak comparison."""
    opaque = tag.removeprefix("W/")
    return bool(tag) and any(part.strip().removeprefix("W/") == opaque for part in wanted.split(","))
