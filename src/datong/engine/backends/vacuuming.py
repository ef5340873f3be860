# SPDX-License-Identifier: Apache-2.0
"""Clearing up a lake table: files that no version needs any more which somebody may still ask for.

Kept here: no commit is made of it, so versions mean what they meant; a file stays while a version that is needed, or the
telling of what changed since, names it, and for some days after whatever replaced it. What writers that broke off left
behind goes as well, after as many days.
"""

import json

from datong.engine.backends import keeping, lake
from datong.engine.backends.landings import quarantine_of
from datong.engine.errors import BackendFailed
from datong.engine.places import Place, Remote


def vacuum(place: Place, needed: int, days: int) -> int:
    """Remove old files of a table and of its quarantine.

    Args:
        place: Where it lies.
        needed: The oldest version that is needed, with what changed since.
        days: For which files stay after they were replaced.

    Returns:
        How many files were removed.

    Raises:
        BackendFailed: The table could not be read, or its store refuses; nothing was removed, or a part of what may be.
    """
    return _cleared(place, needed, days) + _cleared(quarantine_of(place), None, days)


def _cleared(place: Place, needed: int | None, days: int) -> int:
    if not lake.exists(place):
        return 0
    with lake.writing(place):
        held = lake.handle(place)
        newest = int(held.version())
        kept = list(range(newest if needed is None else max(0, min(needed, newest)), newest + 1))
        old = held.vacuum(
            retention_hours=days * 24, dry_run=True, enforce_retention_duration=False, full=True, keep_versions=kept
        )
        told = {path for version in kept[1:] for path in _fed(place, version)}
        gone = set(old) - told  # the log names those as well that went before
        if isinstance(place, Remote):
            return keeping.remove(place, sorted(gone & set(keeping.listed(place))))
        there = [place / one for one in sorted(gone) if (place / one).is_file()]
        for one in there:
            one.unlink(missing_ok=True)
    return len(there)


def orphans(store: Remote, named: set[str]) -> int:
    """Remove what lies at a place in the store and no manifest names: left by who was killed between file and manifest.

    Args:
        store: The place; nobody writes there meanwhile.
        named: Paths below it that stay.

    Raises:
        BackendFailed: The store is not reached or refuses.
    """
    return keeping.remove(store, [one for one in keeping.listed(store) if one not in named])


def _fed(place: Place, version: int) -> list[str]:
    """Files of the change data feed of a commit."""
    try:
        lines = lake.log(place, version)
    except FileNotFoundError as error:
        raise BackendFailed(f"the log of table {place.name} is not whole", remedy="land the resource again") from error
    said = (json.loads(line) for line in lines if '"cdc"' in line)
    return [str(one["cdc"]["path"]) for one in said if "cdc" in one]
