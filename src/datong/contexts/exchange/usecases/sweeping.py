# SPDX-License-Identifier: Apache-2.0
"""Sweep away what nobody needs: files handed in and never attached, and serving indexes long replaced.

Kept here: a file that a source names stays; of each resource the two newest landed indexes stay, and any that a policy
under lease may still name. A gateway that has a removed index open reads it to its end.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from datong.contexts.exchange.domain import UNFINISHED, BatchStage
from datong.contexts.exchange.models import Batch, Source
from datong.contexts.exchange.usecases.policy import LEASE
from datong.engine import face as engine

HELD_FOR = 24 * 3600
"""Seconds for which a file handed in waits for its attaching."""
MARGIN = 3600
KEPT_INDEXES = 2


def sweep(now: float | None = None) -> int:
    """Remove uploads and indexes that nobody needs; returns how many files.

    Args:
        now: seconds since 1970; None is the present.
    """
    moment = time.time() if now is None else now
    forgotten = moment - HELD_FOR - MARGIN
    gone = _sweep_uploads(forgotten) + _sweep_indexes(moment - LEASE.total_seconds()) + _sweep_remains(forgotten)
    if settings.LAKE_BUCKET is not None:
        gone += engine.make_room(Path(settings.NODE_FOLDER.kept), settings.LAKE_ROOM, now=moment)
    return gone


def _sweep_uploads(before: float) -> int:
    uploads = Path(settings.NODE_FOLDER.uploads)
    old = {str(file.relative_to(uploads)): file for file in _files(uploads.rglob("*"), before)}
    named = set(Source.objects.filter(stored__in=old).values_list("stored", flat=True))
    return _remove(file for name, file in old.items() if name not in named)


def _sweep_indexes(before: float) -> int:
    found = _files(Path(settings.NODE_FOLDER.serving).glob("*/*.sqlite"), before)
    kept = _serving(datetime.fromtimestamp(before, UTC))
    return _remove(file for file in found if not (file.stem.isdecimal() and int(file.stem) in kept))


def _serving(since: datetime) -> set[int]:
    """Batches whose index stays: at work, the newest landed ones of each resource, and those replaced lately."""
    kept = set(Batch.objects.filter(stage__in=UNFINISHED).values_list("pk", flat=True))
    seen: Counter[str] = Counter()
    replaced_at: dict[str, datetime | None] = {}
    rows = Batch.objects.filter(stage=BatchStage.LANDED).order_by("-pk")
    for code, number, finished in rows.values_list("source__resource_id", "pk", "finished_at").iterator():
        lately = (replaced_at.get(code) or since) > since
        if seen[code] < KEPT_INDEXES or lately:
            kept.add(number)
        seen[code] += 1
        replaced_at[code] = finished
    return kept


def _sweep_remains(before: float) -> int:
    """What landings that were killed left: spilled rows and half an index."""
    gone = 0
    folder = settings.NODE_FOLDER
    for root in (Path(folder.lake), Path(folder.kept), Path(folder.serving)):
        gone += _remove(_files(root.rglob(".index-*.partial"), before))
        for folder in [one for one in root.rglob(".spill-*") if one.is_dir() and one.stat().st_mtime < before]:
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return gone


def _files(found: Iterable[Path], before: float) -> Iterator[Path]:
    """Plain files that were last written before a time; links are no files of ours."""
    for file in found:
        try:
            if file.is_file() and not file.is_symlink() and file.stat().st_mtime < before:
                yield file
        except FileNotFoundError:
            continue


def _remove(files: Iterable[Path]) -> int:
    gone = list(files)
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)
