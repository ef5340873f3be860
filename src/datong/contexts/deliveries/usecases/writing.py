# SPDX-License-Identifier: Apache-2.0
"""Write the files of a delivery: in its form, split where the form has a limit, each with its digests beside it.

Kept here: the files are made beside their place and get their names in one move, so a folder is there whole or not at all;
its digests are read back from the disk. What a form cannot hold as it is, is counted and said, never lost in silence.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.conf import settings

from datong.contexts.deliveries.domain.asking import CharacterSet, FileForm
from datong.contexts.exchange import face as exchange
from datong.crypto import digests
from datong.engine import face as engine
from datong.engine.plans import delivering
from datong.wire import deliveries as wire
from datong.wire import workbook

BOM = b"\xef\xbb\xbf"
KINDS: Mapping[str, str] = {
    FileForm.CSV: "text/csv", FileForm.XLSX: workbook.TYPE, FileForm.JSONL: "application/jsonl",
    FileForm.PARQUET: "application/vnd.apache.parquet",
}  # fmt: skip
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be written.

    Attributes:
        number: Of the delivery.
        outlet: What the grant lets out.
        titles: Item to what people call it, for the heads of CSV and XLSX.
        secret: Key of the traceable order; empty for none.
        sheet_rows: Rows of one XLSX file, the head aside.
    """

    number: str
    outlet: exchange.Outlet
    form: str
    encoding: str
    guard: bool
    titles: Mapping[str, str] = field(default_factory=dict)
    secret: bytes = b""
    sheet_rows: int = workbook.ROWS_PER_SHEET

    @property
    def stem(self) -> str:
        """Beginning of the names of its files: letters, digits and signs that every system takes."""
        return f"{self.outlet.lake.name}_{self.number}"


@dataclass(frozen=True, slots=True)
class Written:
    """The folder that was written, what is in it, and what has to be said of it."""

    manifest: wire.Manifest
    said: tuple[str, ...]
    told_apart_by: tuple[dict[str, str], ...] = ()


def home(number: str) -> Path:
    """Folder of the files of a delivery."""
    return Path(settings.NODE_FOLDER.path) / wire.FOLDER / number


def removed(number: str) -> None:
    """Remove the files of a delivery, and what an attempt left half-written."""
    for folder in (home(number), _making(number)):
        shutil.rmtree(folder, ignore_errors=True)


def write(job: Job, progress: Progress) -> Written:
    """Write the files.

    Args:
        job: What.
        progress: Told the rows written so far; what it raises ends the writing, and nothing of it stays.

    Raises:
        Unknown, ItemNotGranted: The grant lets nothing out.
        BackendFailed: A character that the character set does not have.
        OSError: The disk does not take it.
    """
    removed(job.number)
    making = _making(job.number)
    making.mkdir(parents=True)
    try:
        outlet = job.outlet
        what = (outlet.lake, outlet.schema, outlet.access, outlet.version)
        rows = engine.outflow(*what, beside=making.parent, secret=job.secret, by=settings.BULK)
        with rows as out:
            parts = _WRITERS[FileForm(job.form)](job, out, making, progress)
            said, apart = tuple(_said(job, out)), delivering.identifying(out.shapes, out.keys)
            made = _manifest(job, out, making, parts)
        (making / wire.MANIFEST).write_bytes(wire.encode(made))
        _settle(making)
        making.rename(home(job.number))
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return Written(made, said, tuple({"field": one, "name": job.titles.get(one, "")} for one in apart if job.secret))


def _making(number: str) -> Path:
    return home(number).with_name(f".making-{number}")


def _csv(job: Job, out: engine.Outflow, folder: Path, progress: Progress) -> dict[str, int]:
    name, done = f"{job.stem}.csv", 0
    heads = ",".join('"' + head.replace('"', '""') + '"' for head in _heads(job, out)) + "\r\n"
    with (folder / name).open("wb") as file:
        file.write(BOM + heads.encode() if job.encoding == CharacterSet.UTF8 else heads.encode(job.encoding))
        for piece, rows in out.csv(guard=job.guard, encoding=job.encoding):
            file.write(piece)
            done += rows
            progress(done)
    return {name: done}


def _jsonl(job: Job, out: engine.Outflow, folder: Path, progress: Progress) -> dict[str, int]:
    name, done = f"{job.stem}.jsonl", 0
    with (folder / name).open("wb") as file:
        for piece, rows in out.json():
            file.write(piece)
            done += rows
            progress(done)
    return {name: done}


def _parquet(job: Job, out: engine.Outflow, folder: Path, progress: Progress) -> dict[str, int]:
    name, done = f"{job.stem}.parquet", 0
    for rows in out.parquet(folder / name):
        done += rows
        progress(done)
    return {name: done}


def _xlsx(job: Job, out: engine.Outflow, folder: Path, progress: Progress) -> dict[str, int]:
    made: dict[str, int] = {}
    heads, rows = _heads(job, out), _counted(out, progress)
    first: tuple[Any, ...] | None = next(rows, None)
    while first is not None or not made:
        name = f"{job.stem}.xlsx" if not made else f"{job.stem}-{len(made) + 1}.xlsx"
        taken = _Counter(islice(chain([first] if first is not None else [], rows), job.sheet_rows))
        with (folder / name).open("wb") as file:
            file.writelines(workbook.stream_xlsx(heads, taken, sheet="data"))
        made[name] = taken.rows
        first = next(rows, None)
    return made


class _Counter:
    """Rows that are counted while they pass."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._coming, self.rows = rows, 0

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for row in self._coming:
            self.rows += 1
            yield row


def _counted(out: engine.Outflow, progress: Progress) -> Iterator[tuple[Any, ...]]:
    done = 0
    for piece in out.texts():
        yield from piece
        done += len(piece)
        progress(done)


_WRITERS: Mapping[FileForm, Callable[[Job, engine.Outflow, Path, Progress], dict[str, int]]] = {
    FileForm.CSV: _csv,
    FileForm.XLSX: _xlsx,
    FileForm.JSONL: _jsonl,
    FileForm.PARQUET: _parquet,
}


def _heads(job: Job, out: engine.Outflow) -> list[str]:
    """Heads of the columns: what people call the items, or their fields were two called alike."""
    fields = [one.field for one in out.shapes]
    titles = [job.titles.get(name) or name for name in fields]
    return titles if len(set(titles)) == len(titles) else fields


def _said(job: Job, out: engine.Outflow) -> Iterator[str]:
    if job.form == FileForm.CSV and job.guard:
        cells = out.count(delivering.guarded(out.shapes))
        if cells:
            yield f"{cells} 个单元格前加了撇号，以免被当作公式 ({cells} cells got an apostrophe, or they would be formulas)"
    if job.form == FileForm.XLSX:
        cells = out.count(delivering.unsheetable(out.shapes))
        if cells:
            yield (
                f"{cells} 个单元格含 XLSX 存不下的控制字符或过长文字，这些字符没有写入；需要原样请改用 CSV、JSON Lines 或 Parquet"
                f" ({cells} cells hold what XLSX cannot: those characters are not in the file)"
            )
    if job.secret:
        yield "各行已按接收方独有的顺序排列，可据以溯源 (rows stand in an order of this recipient alone)"


def _manifest(job: Job, out: engine.Outflow, folder: Path, parts: dict[str, int]) -> wire.Manifest:
    files = []
    for name, rows in parts.items():
        found = digests.of_file(folder / name)
        files.append(wire.File(name=name, size=(folder / name).stat().st_size, rows=rows, kind=KINDS[job.form], **found))
        for suite, digest in found.items():
            beside = folder / f"{name}.{suite}"
            beside.write_text(f"{digest}  {name}\n", "ascii")
            files.append(wire.File(name=beside.name, size=beside.stat().st_size, kind="text/plain", **digests.of_file(beside)))
    columns = [{"field": one.field, "name": job.titles.get(one.field, ""), "type": one.type.value} for one in out.shapes]
    return wire.Manifest(
        delivery=job.number, grant=job.outlet.grant, resource=job.outlet.lake.name, version=job.outlet.version,
        rows=sum(parts.values()), columns=columns, files=files,
    )  # fmt: skip


def _settle(folder: Path) -> None:
    """See that every file is on the disk before the folder gets its name."""
    for file in folder.iterdir():
        with file.open("rb") as held:
            os.fsync(held.fileno())
