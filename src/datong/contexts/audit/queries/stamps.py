# SPDX-License-Identifier: Apache-2.0
"""Reads of the time stamps: whether one is due, the newest, and the earliest that covers a record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings

from datong.contexts.audit.queries.evidence import node_verifier
from datong.crypto import timestamps
from datong.crypto.signing import BadSignature
from datong.kernel.errors import DatongError, Unavailable
from datong.ledger import stamps
from datong.ledger.merged import Merged
from datong.ledger.stamps import Stamped

LATE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class StampState:
    """A stamp as it is shown.

    Attributes:
        number: Of the node checkpoint.
        at: The instant stamped.
        authority: Who stamped, "" where the roots that are here do not vouch for it.
        trouble: Why not, "" where they do.
        stamped: The checkpoint and the stamp themselves.
    """

    number: int
    at: datetime
    authority: str
    trouble: str
    stamped: Stamped


def stamp_due(node: Merged, now: datetime) -> bool:
    """Whether a node checkpoint is to be stamped now."""
    if not settings.NODE.timestamp_url:
        return False
    newest = _last()
    wait = timedelta(hours=settings.NODE.timestamp_hours)
    return newest is None or (newest.node.number < node.number and now - newest.said.at >= wait)


def newest_stamp() -> StampState | None:
    """Give the newest stamp, None where there is none.

    Raises:
        Unavailable: The stamps are damaged.
    """
    found = _last()
    return _state(found) if found else None


def stamp_late(now: datetime) -> bool:
    """Whether a stamp is wanted and the authority has given none for too long."""
    if not settings.NODE.timestamp_url:
        return False
    newest = _last()
    return newest is None or now - newest.said.at > timedelta(hours=settings.NODE.timestamp_hours) + LATE


def stamp_of(origin: str, index: int) -> StampState | None:
    """Give the earliest stamp that covers a record of a log, None where none does.

    Raises:
        Unavailable: The stamps are damaged.
    """
    try:
        found = stamps.covering(settings.NODE_FOLDER.evidence, {origin: index + 1})
    except (DatongError, OSError) as error:
        raise _damaged(error) from None
    return _state(found) if found else None


def _last() -> Stamped | None:
    try:
        return stamps.last(settings.NODE_FOLDER.evidence)
    except (DatongError, OSError) as error:
        raise _damaged(error) from None


def _state(found: Stamped) -> StampState:
    authority, trouble = _checked(found.line(), _roots())
    return StampState(found.node.number, found.said.at, authority, trouble, found)


def _roots() -> bytes:
    try:
        return (settings.NODE_FOLDER.evidence / stamps.ROOTS).read_bytes()  # type: ignore[no-any-return]
    except OSError:
        return b""


@lru_cache(maxsize=64)
def _checked(line: bytes, roots: bytes) -> tuple[str, str]:
    try:
        return stamps.parse(line).check(node_verifier(), timestamps.roots_of(roots)), ""
    except (DatongError, BadSignature) as error:
        return "", str(error)


def _damaged(error: Exception) -> Unavailable:
    return Unavailable(f"the time stamps are damaged: {error}", remedy="datong ledger verify")
