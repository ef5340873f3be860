# SPDX-License-Identifier: Apache-2.0
"""Files of object stores and file servers: fetched first, then read as the same file handed in would be.

Kept here: what is looked at and what is landed is one version of the file, whole; columns, encodings and bounds are those
of files handed in.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from datong.engine.backends.remote.spill import LARGEST, fetched
from datong.engine.backends.remote.stores import Store
from datong.engine.backends.sources.columnar import ParquetSource
from datong.engine.backends.sources.delimited import CsvSource
from datong.engine.backends.sources.sqlite import SqliteSource
from datong.engine.backends.sources.workbook import XlsxSource
from datong.engine.base import Block, Inspection, Limits, Source
from datong.engine.errors import SourceAway, SourceUnreadable

SQLITE = (".sqlite", ".sqlite3", ".db")
"""Endings of files that hold tables."""
BESIDE = ("-wal", "-journal")
"""Endings of what lies beside a SQLite file while somebody writes to it."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A CSV, XLSX or Parquet file of a store, or a table of a SQLite file.

    Attributes:
        store: Where it lies.
        path: Its name there.
        spill: Folder copies are kept in while they are read.
        encoding: Of a text file; None finds out.
        delimiter: Of a text file; None finds out.
        sheet: Of a workbook; None takes the first.
        header_row: Of a workbook.
        table: Of a SQLite file.
        limits: Bounds of what the file may hold.
        most: Largest file in bytes.
    """

    store: Store
    path: str
    spill: Path
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int = 1
    table: str = ""
    limits: Limits = field(default_factory=Limits)
    most: int = LARGEST

    @property
    def label(self) -> str:
        """The store's and the file's name."""
        return f"{self.store.label}/{PurePosixPath(self.path).name}"

    def inspect(self) -> Inspection:
        """Fetch the file and look at its head.

        Raises:
            SourceUnreadable: It is not there, or cannot be read as what it claims to be.
        """
        return self._local().inspect()

    def blocks(self, seen: Inspection) -> Iterator[Block]:
        """Give all rows."""
        yield from self._local().blocks(seen)

    def _local(self) -> Source:
        entry = self.store.stat(self.path)
        if entry is None:
            raise SourceUnreadable(
                f"对方没有这个文件：{PurePosixPath(self.path).name[:100]} (there is no such file)",
                fields={"path": "没有这个文件 (no such file)"},
                remedy="核对路径 (check the path)",
            )
        if PurePosixPath(self.path).suffix.lower() in SQLITE:
            self._check_still()
        file = fetched(self.store, entry, self.spill, most=self.most)
        ways: Any = {".xlsx": self._workbook, ".parquet": self._columns} | dict.fromkeys(SQLITE, self._table)
        made: Any = ways.get(file.suffix, self._text)
        read: Source = made(file)
        return read

    def _check_still(self) -> None:
        """A SQLite file that is written to is not whole by itself."""
        held = [self.store.stat(self.path + ending) for ending in BESIDE]
        if any(one is not None and one.size for one in held):
            raise SourceAway(
                "SQLite 文件正在写入 (the SQLite file is being written to)",
                fields={"path": "-wal / -journal"},
                remedy="写入结束后再读，或者读备份的文件 (read it when that has ended, or read a backup)",
            )

    def _table(self, file: Path) -> Source:
        return SqliteSource(file, self.table, limits=self.limits)

    def _text(self, file: Path) -> Source:
        return CsvSource(file, encoding=self.encoding, delimiter=self.delimiter, limits=self.limits)

    def _workbook(self, file: Path) -> Source:
        return XlsxSource(file, sheet=self.sheet, header_row=self.header_row, limits=self.limits)

    def _columns(self, file: Path) -> Source:
        return ParquetSource(file, limits=self.limits)
