# SPDX-License-Identifier: Apache-2.0
"""Clear up the lake by night: files of versions that nobody may ask for any more.

Kept here: what serves now, what a follower was not told yet, what a table is to be brought up from and what a delivery
under way reads stays, however old; each clearing that took files away is an act. A table that cannot be cleared up is told
in the log, and the others are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from datong.contexts.audit import face as audit
from datong.contexts.exchange import queries
from datong.contexts.exchange.models import Source
from datong.contexts.exchange.usecases import deriving
from datong.contexts.exchange.usecases.landing import place_of
from datong.engine import face as engine
from datong.engine.backends.manifests import versions
from datong.kernel.actors import SYSTEM
from datong.kernel.errors import DatongError
from datong.wire import events

log = structlog.get_logger("datong.exchange")

VACUUMED = "exchange.lake.vacuumed"


def vacuum_lake() -> int:
    """Clear up every table of the lake; returns how many files went."""
    gone = 0
    for code in sorted(set(Source.objects.values_list("resource_id", flat=True))):
        try:
            gone += _vacuum(code)
        except DatongError as fault:
            log.warning("table of the lake not cleared up", resource=code, why=str(fault))
    return gone + _derived()


def _vacuum(code: str) -> int:
    landed = queries.landed(code)
    if landed is None or landed.lake_version is None:
        return 0
    place, days = place_of(code), settings.NODE.lake_keep_days
    needed = min((landed.lake_version, *_in_use(code, place.name)))
    gone = engine.apart(engine.vacuum, place, needed, days)
    if gone:
        with transaction.atomic():
            audit.record(VACUUMED, by=SYSTEM, subject=code, facts={"files": gone, "kept_from": needed, "days": days})
    return gone


def _in_use(code: str, name: str) -> Iterator[int]:
    """Versions from which on somebody goes on: followers, derived tables, and whom the settings name besides."""
    folder = Path(settings.NODE_FOLDER.path)
    for manifest in (folder / events.FOLDER / name).glob(f"*/{events.MANIFEST}"):
        held = events.manifest(manifest.parent)
        if held is not None:
            yield held.newest
    home = deriving.home(name)
    for digest in {one.name.partition("-")[2] for one in home.glob("*-*")}:
        yield from versions(home, digest)[-1:]
    for holder in settings.LAKE_HOLDERS:
        yield from import_string(holder)(code)


def _derived() -> int:
    """Files in the store that no manifest here names; nobody makes a table meanwhile."""
    gone = 0
    for name in sorted({place_of(code).name for code in Source.objects.values_list("resource_id", flat=True)}):
        store = deriving.store_of(name)
        if store is None:
            break
        try:
            gone += engine.orphans(store, deriving.stored(name))
        except DatongError as fault:
            log.warning("derived tables not cleared up", table=name, why=str(fault))
    return gone
