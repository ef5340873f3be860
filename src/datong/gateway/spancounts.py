# SPDX-License-Identifier: Apache-2.0
"""How many spans a process handed over and how many it let go, told to whoever answers /metrics.

Kept here: one small file for each process, replaced whole; a process begins anew with nothing, as counters do. Nothing of
OpenTelemetry is needed to read them.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from datong.ledger import files

log = logging.getLogger("datong.traces")

STEM: Final = "traces-"


@dataclass(slots=True)
class Counts:
    """Of one process.

    Attributes:
        exported: Spans that the collector took.
        dropped: Spans let go: the queue was full, or the collector did not take them.
    """

    exported: int = 0
    dropped: int = 0


def write(folder: Path, process: str, counts: Counts) -> None:
    """Tell the counts of a process; where they cannot be written they are told the next time."""
    try:
        files.place(folder / f"{STEM}{process}.json", json.dumps(asdict(counts)).encode(), durable=False)
    except OSError as error:
        log.warning("counts of spans cannot be written: %s", error)


def read(folder: Path) -> Iterator[tuple[str, Counts]]:
    """Give what each process told; one that does not read is left out."""
    for path in sorted(folder.glob(f"{STEM}*.json")):
        try:
            counts = Counts(**json.loads(path.read_text("ascii")))
        except (OSError, ValueError, TypeError):
            continue
        yield path.stem.removeprefix(STEM), counts
