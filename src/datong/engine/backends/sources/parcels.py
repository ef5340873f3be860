# SPDX-License-Identifier: Apache-2.0
"""Parcels: an XLSX file is a ZIP of XML; it is measured here before any reader unpacks it.

Kept here: sizes are counted by inflating, not believed from the directory; an encrypted, foreign or damaged file, one
with too many entries, one that swells beyond a bound or ratio, and a sheet whose cells lie so far apart that a reader
would build a table of billions are refused, each with its own words.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from datong.engine.base import Limits
from datong.engine.errors import SourceUnreadable

_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CHUNK = 1 << 20
_SMALL = 1 << 20
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
_OVERLAP = 32


def check(path: Path, limits: Limits) -> None:
    """Measure a workbook.

    Raises:
        SourceUnreadable: It is not a sound XLSX file within bounds; says why and what to do.
    """
    with path.open("rb") as file:
        _check_kind(file)
        try:
            with zipfile.ZipFile(file) as parcel:
                _check_entries(parcel, limits)
                _check_contents(parcel, file, limits)
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError) as error:
            raise _damaged() from error


def _check_kind(file: BinaryIO) -> None:
    head = file.read(8)
    if head == _OLD:
        file.seek(0)
        if _ENCRYPTED in file.read(1 << 20):
            raise SourceUnreadable("the workbook is encrypted", fields={"file": "password"}, remedy="save it without a password")
        raise SourceUnreadable("this is an old .xls workbook", fields={"file": ".xls"}, remedy="save it as .xlsx")
    if not head.startswith(b"PK"):
        raise SourceUnreadable(
            "this is not an XLSX workbook",
            fields={"file": "not a ZIP"},
            remedy="save it as .xlsx, or attach it as text",
        )
    file.seek(0)


def _check_entries(parcel: zipfile.ZipFile, limits: Limits) -> None:
    entries = parcel.infolist()
    if len(entries) > limits.workbook_entries:
        raise _too_large(f"it holds more than {limits.workbook_entries} parts")
    if any(entry.flag_bits & 1 for entry in entries):
        raise SourceUnreadable("the workbook is encrypted", fields={"file": "password"}, remedy="save it without a password")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise _damaged()
    if "xl/workbook.xml" not in {entry.filename.lower() for entry in entries}:
        raise SourceUnreadable(
            "this ZIP is not an XLSX workbook", fields={"file": "no xl/workbook.xml"}, remedy="save it as .xlsx"
        )


def _check_contents(parcel: zipfile.ZipFile, file: BinaryIO, limits: Limits) -> None:
    total = 0
    for entry in parcel.infolist():
        size, row, column, tail = 0, 0, 0, b""
        sheet = entry.filename.lower().startswith("xl/worksheets/")
        for piece in _inflated(entry, file):
            size += len(piece)
            total += len(piece)
            if total > limits.workbook_bytes:
                raise _too_large(f"it unpacks to more than {limits.workbook_bytes >> 20} MB")
            if size > max(_SMALL, limits.workbook_ratio * entry.compress_size):
                raise _too_large(f"a part of it swells more than {limits.workbook_ratio} times")
            if sheet:
                row, column = _farthest(tail + piece, row, column)
                tail = piece[-_OVERLAP:]
        if row * column > limits.workbook_cells:
            raise _too_large(f"a sheet reaches {row} rows by {column} columns")


def _inflated(entry: zipfile.ZipInfo, file: BinaryIO) -> Iterator[bytes]:
    """Unpack one part from its raw bytes, piece by piece."""
    file.seek(entry.header_offset)
    header = file.read(30)
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        raise _damaged()
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    left = entry.compress_size
    unpack = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0:
        packed = file.read(min(left, _CHUNK))
        if not packed:
            raise _damaged()
        left -= len(packed)
        if unpack is None:
            yield packed
            continue
        while packed:
            yield unpack.decompress(packed, _CHUNK)
            packed = unpack.unconsumed_tail
    if unpack is not None and not unpack.eof:
        raise _damaged()


def _farthest(xml: bytes, row: int, column: int) -> tuple[int, int]:
    for letters, digits in set(_REFERENCE.findall(xml)):
        row = max(row, int(digits))
        column = max(column, _column(letters))
    return row, column


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large(why: str) -> SourceUnreadable:
    return SourceUnreadable(f"the workbook is too large: {why}", fields={"file": why}, remedy="split it, or hand it in as CSV")


def _damaged() -> SourceUnreadable:
    return SourceUnreadable("the workbook is damaged", fields={"file": "not a sound ZIP"}, remedy="save it again as .xlsx")
