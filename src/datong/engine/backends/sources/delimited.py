# SPDX-License-Identifier: Apache-2.0
"""Delimited text: CSV in any usual Chinese or Unicode encoding, each row with the physical line it began on.

Kept here: the encoding is declared, marked (BOM) or proved by decoding the whole file (UTF-8, then GB18030), never
assumed; quoted line breaks belong to the cell; a row that cannot be taken apart is a fault with its line and reading
goes on at the next physical line, so one stray quote costs one line and not the rest of the file; no line or cell is
read beyond a bound.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from datong.engine.backends.sources.headers import addressable
from datong.engine.base import Block, Fault, Inspection, Limits
from datong.engine.errors import SourceUnreadable

ENCODINGS = ("utf-8", "gb18030", "gbk", "gb2312", "big5", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
DELIMITERS = (",", "\t", ";", "|")
PREVIEW = 20
_RAW = 10_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class CsvSource:
    """A delimited text file.

    Attributes:
        path: The file.
        encoding: Declared character set; None finds it.
        delimiter: Declared separator; None takes the one that stands most often in the header.
        name: Name to show; the file's own name when empty.
        limits: Bounds.
    """

    path: Path
    encoding: str | None = None
    delimiter: str | None = None
    name: str = ""
    limits: Limits = field(default_factory=Limits)

    @property
    def label(self) -> str:
        """File name without its folder."""
        return self.name or Path(self.path).name

    def inspect(self) -> Inspection:
        """Find encoding, delimiter and header, and read the first rows.

        Raises:
            SourceUnreadable: Empty, not text, or of no known encoding.
        """
        encoding = _encoding(Path(self.path), self.encoding)
        with _text(self, encoding) as text:
            lines = _Lines(text, self.limits)
            delimiter = _delimiter(lines, self.delimiter)
            rows = _rows(lines, delimiter, self.limits)
            header = next((row for _, row in rows if isinstance(row, list)), [])
            names, repeated = addressable(header, self.limits)
            head = [tuple(row) for _, row in _first(rows, PREVIEW) if isinstance(row, list)]
        return Inspection(names, tuple(head), encoding, delimiter, duplicates=repeated)

    def blocks(self, seen: Inspection) -> Iterator[Block]:
        """Give all rows below the header.

        Raises:
            SourceUnreadable: A line beyond the bound, or a byte that is not of the encoding; names the line.
        """
        width = len(seen.columns)
        with _text(self, seen.encoding or "utf-8") as text:
            rows = _rows(_Lines(text, self.limits), seen.delimiter or ",", self.limits)
            for _, row in rows:
                if isinstance(row, list):
                    break
            while True:
                batch = _first(rows, self.limits.block_rows)
                if not batch:
                    return
                yield _block(batch, width)


Row = tuple[int, list[str] | Fault]


class _Lines:
    """Physical lines with a bound, a count, and a way back to the line after a bad one."""

    def __init__(self, text: io.TextIOBase, limits: Limits) -> None:
        self._text = text
        self._limit = limits.line_bytes
        self._waiting: list[str] = []
        self.number = 0
        self.record: list[str] = []

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._waiting.pop() if self._waiting else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self.record.append(line)
        return line

    def start(self) -> None:
        """Begin a new record."""
        self.record.clear()

    def retreat(self) -> str:
        """Give up the record being read: keep its first line, put the others back."""
        first, *others = self.record
        self._waiting.extend(reversed(others))
        self.number -= len(others)
        self.record.clear()
        return first

    def peek(self) -> str:
        """Look at the next line and leave it there."""
        line = next(self, "")
        if line:
            self.retreat()
            self._waiting.append(line)
            self.number -= 1
        return line

    def _read(self) -> str:
        try:
            line = self._text.readline(self._limit)
        except UnicodeDecodeError as error:
            raise SourceUnreadable(
                f"after line {self.number} there are bytes that are not {error.encoding}",
                fields={"encoding": error.encoding},
                remedy="declare the right encoding, or save the file as UTF-8",
            ) from error
        if len(line) >= self._limit and not line.endswith(("\n", "\r")):
            raise SourceUnreadable(
                f"line {self.number + 1} is longer than {self._limit} characters",
                fields={"line": str(self.number + 1)},
                remedy="check that this is a delimited text file",
            )
        return line


def _rows(lines: _Lines, delimiter: str, limits: Limits) -> Iterator[Row]:
    """Give (line, cells) or (line, fault); blank lines give nothing.

    The cell bound of the csv module is a setting of the whole process, so it is only ever raised here.
    """
    csv.field_size_limit(max(csv.field_size_limit(), limits.cell_chars))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.start()
        begun = lines.number + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            code = "cell_too_long" if "field larger" in str(error) else "bad_quotes"
            yield begun, Fault(begun, code, lines.retreat()[:_RAW].rstrip("\r\n"))
            continue
        if row:
            yield begun, row


def _block(batch: list[Row], width: int) -> Block:
    sound: list[list[str]] = []
    lines: list[int] = []
    faults: list[Fault] = []
    for line, row in batch:
        if isinstance(row, Fault):
            faults.append(row)
        elif len(row) != width:
            faults.append(Fault(line, "ragged", _shown(row)))
        elif any("\0" in cell for cell in row):
            faults.append(Fault(line, "nul", _shown(row)))
        else:
            sound.append(row)
            lines.append(line)
    return Block(lines, list(zip(*sound, strict=True)) if sound else [()] * width, faults)


def _shown(row: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(row)
    return text.getvalue()[:_RAW].replace("\0", "\\0")


def _first(rows: Iterator[Row], count: int) -> list[Row]:
    return [row for _, row in zip(range(count), rows, strict=False)]


def _text(source: CsvSource, encoding: str) -> io.TextIOWrapper:
    return Path(source.path).open("r", encoding=encoding, errors="strict", newline="")


def _delimiter(lines: _Lines, declared: str | None) -> str:
    if declared is not None:
        if len(declared) != 1 or declared in '\r\n"':
            raise SourceUnreadable("a delimiter is one character", fields={"delimiter": "such as , ; | or a tab"})
        return declared
    head = lines.peek()
    outside = "".join(head.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def _encoding(path: Path, declared: str | None) -> str:
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise SourceUnreadable("the file is empty", fields={"file": "empty"}, remedy="hand in a file with a header and rows")
    for magic, what in ((b"PK\x03\x04", "a ZIP or Excel workbook"), (b"\xd0\xcf\x11\xe0", "an old Excel workbook")):
        if head.startswith(magic):
            raise SourceUnreadable(f"this is {what}, not delimited text", fields={"file": what}, remedy="attach it as a workbook")
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if declared is not None:
        name = declared.strip().lower().replace("_", "-")
        if name not in ENCODINGS and name != "utf-8-sig":
            raise SourceUnreadable("this encoding is not known", fields={"encoding": ", ".join(ENCODINGS)})
        return marked if marked and name in {"utf-8", "utf-16"} else name
    return _proved(path, [marked] if marked else [*_wide(head), "utf-8", "gb18030"])


def _proved(path: Path, candidates: list[str]) -> str:
    for name in candidates:
        if _decodes(path, name):
            return name
    raise SourceUnreadable(
        "the encoding of the file is not recognised",
        fields={"encoding": "neither UTF-8 nor GB18030 nor marked UTF-16"},
        remedy="declare the encoding, or save the file as UTF-8",
    )


def _wide(head: bytes) -> list[str]:
    """UTF-16 without a mark shows as zeros in every other byte of the ASCII part."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 4 * even and odd * 10 > len(head):
        return ["utf-16-le"]
    return ["utf-16-be"] if even > 4 * odd and even * 10 > len(head) else []


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
