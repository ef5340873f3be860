# SPDX-License-Identifier: Apache-2.0
"""The search index of this process: where it lies, whether it may be trusted, whether it knows what one just did.

Kept here: an index that claims to know acts the database does not have is of another database, and is not used. Who
acted on the catalogue a moment ago waits, a second at most, until the index has followed.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from datong.contexts.audit import face as audit
from datong.contexts.catalog.domain.finding import LAYOUT
from datong.engine import face as engine
from datong.kernel.actors import Officer

if TYPE_CHECKING:
    from pathlib import Path

    from datong.engine.backends.text.index import TextIndex
    from datong.engine.backends.text.reading import Reader

FOLDER = "search"
OWN = "catalog."
PATIENCE, PAUSE = 1.0, 0.02


def index() -> TextIndex:
    """Give the index of this node."""
    return _index(settings.NODE_FOLDER.path / FOLDER)


@lru_cache(maxsize=2)
def _index(folder: Path) -> TextIndex:
    return engine.TextIndex(folder, LAYOUT)


def reader(by: Officer | None) -> Reader | None:
    """Give a reader that knows what this person did last; None where the database has to answer alone.

    Args:
        by: Who looks; None is the public.
    """
    found = index().reader()
    if found is None:
        return None
    newest = audit.head()
    if seq_of(found) > newest:
        return None
    if by is None or seq_of(found) == newest:
        return found
    return _waited(found, audit.newest_of(by.account, OWN, after=seq_of(found)))


def seq_of(found: Reader) -> int:
    """Give the seq of the last act an index knows."""
    return int(found.note.get("seq", 0))


def _waited(found: Reader, own: int) -> Reader | None:
    until = time.monotonic() + PATIENCE
    newer: Reader | None = found
    while newer is not None and seq_of(newer) < own:
        if time.monotonic() > until:
            return None
        time.sleep(PAUSE)
        newer = index().reader()
    return newer
