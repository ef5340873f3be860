# SPDX-License-Identifier: Apache-2.0
"""What every room of the engine speaks: columns, schemas, steps, blocks of rows, and the seams to backends.

Kept here: a type is declared by the catalogue and never guessed; a step is a named SELECT that may read the steps
before it; a source hands out blocks of text cells with the physical line each row began on.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from datong.engine.places import Place
from datong.kernel.errors import Malformed
from datong.kernel.sharing import ItemType

DEFAULT_SCALE = 10
LARGEST_SCALE = 18
LONGEST_NAME = 128
PROVENANCE = ("_source", "_batch", "_landed_at")
_CONNECT = re.compile(r"sc://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?(?=/|$)")
_FORBIDDEN = frozenset(" ,;{}()\n\t=\"'`\\")  # Delta Lake refuses most of these in column names


@dataclass(frozen=True, slots=True)
class Column:
    """One item as it is landed.

    Attributes:
        field: Column name in the lake and in answers.
        type: Type letter of 发改高技〔2017〕1272号.
        length: Most bytes of UTF-8 a text may take (1272: 数据长度 counts bytes); None sets no limit. Text only.
        nullable: Whether an empty cell is allowed. Key columns never are.
        key: Whether it belongs to the key.
        precision: Digits after the point of N and Y; None allows up to 10. More digits are refused, never rounded.
    """

    field: str
    type: ItemType
    length: int | None = None
    nullable: bool = True
    key: bool = False
    precision: int | None = None

    def __post_init__(self) -> None:
        if not self.field or len(self.field) > LONGEST_NAME or self.field.startswith("_"):
            raise Malformed("a field name has 1 to 128 characters and no leading underscore",
                            fields={"field": self.field[:40]})  # fmt: skip
        if not self.field.isprintable() or _FORBIDDEN & set(self.field):
            raise Malformed(f"field {self.field[:40]!r} holds a blank or a sign a table name may not hold",
                            fields={"field": "letters, digits, underscore, Chinese"})  # fmt: skip
        if self.length is not None and self.length < 1:
            raise Malformed(f"the length of {self.field} is not positive", fields={self.field: "length"})
        if self.precision is not None and not 0 <= self.precision <= LARGEST_SCALE:
            raise Malformed(f"the precision of {self.field} lies outside 0 to 18", fields={self.field: "precision"})

    @property
    def scale(self) -> int:
        """Digits after the point kept in the lake (N and Y)."""
        return DEFAULT_SCALE if self.precision is None else self.precision

    @property
    def required(self) -> bool:
        """Whether an empty cell is a fault."""
        return self.key or not self.nullable


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a lake table, in order."""

    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.columns))
        if not self.columns:
            raise Malformed("a table needs at least one item", fields={"items": "none"})
        seen: set[str] = set()
        for column in self.columns:
            if column.field.lower() in seen:
                raise Malformed(f"two items are called {column.field}", fields={column.field: "twice"})
            seen.add(column.field.lower())

    @property
    def fields(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(column.field for column in self.columns)

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of the key columns in order; empty when the table has no key."""
        return tuple(column.field for column in self.columns if column.key)


@dataclass(frozen=True, slots=True)
class Step:
    """A named SELECT; later steps read it under its name."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A row the reader itself could not take apart.

    Attributes:
        line: Physical line it began on, 1-based.
        code: A code of `plans.reasons`.
        raw: The text as it stood, cut to 10,000 characters.
    """

    line: int
    code: str
    raw: str


@dataclass(frozen=True, slots=True)
class Block:
    """Some thousand rows, column by column.

    Attributes:
        lines: Physical line (file) or row number (table) of each row.
        columns: One sequence of text cells per source column (list, tuple or Arrow array); "" and None are empty.
        faults: Rows that are not in `columns`.
        doubts: Line to source column (from 0) to "formula" or "error": cells that read as empty and are not.
    """

    lines: Sequence[int]
    columns: Sequence[Any]
    faults: Sequence[Fault] = ()
    doubts: Mapping[int, Mapping[int, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a source looks like before anything is landed.

    Attributes:
        columns: Addressable headers: unnamed columns are `#5`, repeated ones `名称#1`, `名称#2`.
        rows: The first rows as text.
        encoding: Character set found (text files).
        delimiter: Cell separator found (text files).
        sheets: Sheet names (workbooks).
        duplicates: Headers that stand more than once and therefore need their `#n`.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...] = ()
    encoding: str | None = None
    delimiter: str | None = None
    sheets: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view of a database as its own catalogue tells it.

    Attributes:
        schema: Schema it lies in; empty where the database has none.
        name: Its name.
        kind: "table" or "view".
        comment: What its owner says of it.
        rows: Estimated rows; None where the database does not know.
    """

    schema: str
    name: str
    kind: str = "table"
    comment: str = ""
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """A column as its database declares it.

    Attributes:
        declared: The declared type in the database's own words.
        type: Type letter that follows from it.
        length: Most bytes of a text, bytes of a whole number or fraction, digits of a decimal; None where unbounded.
        precision: Digits after the point.
        enforced: False where the database would take any value whatever it declares (SQLite).
        note: Why the letter is not the obvious one, in both languages.
    """

    name: str
    declared: str
    type: ItemType
    length: int | None = None
    precision: int | None = None
    nullable: bool = True
    key: bool = False
    comment: str = ""
    enforced: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What the values of a column look like, over the rows that were read.

    Attributes:
        name: The column.
        rows: Rows read.
        nulls: Empty cells among them.
        distinct: Different values, counted up to a bound.
        shortest: Fewest characters of a value.
        longest: Most characters of a value.
        longest_bytes: Most bytes of a value in UTF-8.
        pattern: The commonest shape: 9 a digit, A and a letters, 汉 a Chinese character, with how often each repeats.
        shapes: How many values read as what; see `plans.profiling`.
        scale: Most digits after the point among plain numbers.
        samples: Some different values as they stand; never stored, never logged.
    """

    name: str
    rows: int
    nulls: int
    distinct: int
    shortest: int
    longest: int
    longest_bytes: int
    pattern: str
    shapes: Mapping[str, int]
    scale: int = 0
    samples: tuple[str, ...] = field(default=(), repr=False)

    @property
    def values(self) -> int:
        """Cells that are not empty."""
        return self.rows - self.nulls


@dataclass(frozen=True, slots=True)
class Survey:
    """A table or file looked at: what its columns are declared as, and what their values look like.

    Attributes:
        label: Name of the table or file.
        comment: What the database says of the table.
        declared: One for each column; empty for files, which declare nothing.
        profiles: One for each column, in order.
        complete: Whether every row was read.
        sounds: Runs of Chinese in the columns' names to the sound of each character, without tones.
    """

    label: str
    comment: str
    declared: tuple[Declared, ...]
    profiles: tuple[Profile, ...]
    complete: bool
    sounds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook."""

    name: str
    visible: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet.

    Attributes:
        line: The number Excel shows.
        cells: Texts from column A on; None is empty.
        doubts: Column from 0 to "formula" (never computed) or "error" (such as #N/A).
    """

    line: int
    cells: tuple[str | None, ...]
    doubts: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Landing:
    """What a landing did.

    Attributes:
        rows_good: Rows now in the table.
        rows_bad: Rows now in quarantine.
        delta_version: Version of the Delta table after it.
        digest: SHA-256 (hex) over the good rows in source order; equal content gives an equal digest.
    """

    rows_good: int
    rows_bad: int
    delta_version: int
    digest: str


@dataclass(frozen=True, slots=True)
class Misfit:
    """Rows of a source that a declared item does not take.

    Attributes:
        field: The item; the key's items joined by commas where keys repeat; empty where the reader itself stumbled.
        code: A code of `plans.reasons`.
        rows: How many.
    """

    field: str
    code: str
    rows: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a landing would find now.

    Attributes:
        missing: Items whose column is not there.
        rows: Rows read.
        misfits: What would be set aside, by item and reason.
        unread: Columns of the source that no item is read from, in its order.
        emptied: Whether the source was emptied at once since it was read last.
    """

    missing: tuple[str, ...]
    rows: int
    misfits: tuple[Misfit, ...] = ()
    unread: tuple[str, ...] = ()
    emptied: bool = False


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """A finished serving index: its file, its rows, and the SHA-256 (hex) of the file."""

    path: str
    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of what a file may ask of this machine."""

    line_bytes: int = 4 * 1024 * 1024
    cell_chars: int = 1024 * 1024
    columns: int = 2_000
    workbook_bytes: int = 512 * 1024 * 1024
    workbook_ratio: int = 200
    workbook_entries: int = 2_000
    workbook_cells: int = 20_000_000
    block_rows: int = 20_000


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where landed rows come from: source label, batch, UTC time."""

    source: str
    batch: str
    landed_at: datetime


class Source(Protocol):
    """Something rows can be landed from."""

    @property
    def label(self) -> str:
        """Name to show and to keep with each row: never a path or a password."""

    def inspect(self) -> Inspection:
        """Look at the head without landing anything."""

    def blocks(self, seen: Inspection) -> Iterator[Block]:
        """Give all rows; `seen` is this source's own inspection."""


class Database(Protocol):
    """Something that holds tables and says what they are."""

    def tables(self) -> list[Table]:
        """Give the tables and views the account may read, in order."""

    def declared(self, table: Table) -> tuple[Declared, ...]:
        """Give the columns of a table as declared."""

    def source(self, table: Table) -> Source:
        """Give the table as something rows can be read from."""


class Dialect(Protocol):
    """The few words in which engines differ; everything else of a plan is common SQL.

    Attributes:
        name: Of the engine.
        text: Its type of texts of any length.
    """

    name: str
    text: str

    def identifier(self, name: str) -> str:
        """Quote a name."""

    def literal(self, text: str) -> str:
        """Quote a text."""

    def octets(self, expression: str) -> str:
        """Bytes of a text in UTF-8."""

    def matches(self, expression: str, pattern: str) -> str:
        """Whether the whole text matches a regular expression."""

    def zoned(self, expression: str) -> str:
        """Instant of an ISO text with an offset; null when there is no such time."""

    def shanghai(self, expression: str) -> str:
        """Instant of an ISO text without an offset, read as Asia/Shanghai; null when there is no such time."""

    def row_text(self, names: Sequence[str], expressions: Sequence[str]) -> str:
        """A row as JSON object text."""

    def begins(self, expression: str, pattern: str) -> str:
        """Whether a text begins with what a regular expression matches."""

    def unpadded(self, expression: str) -> str:
        """The text of a decimal with a point, without needless zeros."""

    def day(self, expression: str) -> str:
        """Text `YYYY-MM-DD` of a date."""

    def moment(self, expression: str) -> str:
        """Text of an instant in UTC as `plans.values` stores it."""

    def keyed_hash(self, expression: str, key: bytes) -> str:
        """First 32 hexadecimal digits of the HMAC-SHA-256 (RFC 2104) of a text; raises Unsupported."""

    def keyed_form(self, expression: str, form: str, key: bytes) -> str:
        """Another text of a form of `kernel.masks` for one that has it, stars for others; raises Unsupported."""


class Engine(Protocol):
    """A backend that runs steps."""

    dialect: Dialect

    def open_table(self, name: str, folder: Place, version: int | None = None) -> None:
        """Give a Delta table a name that steps can read."""

    def run(self, step: Step) -> None:
        """Compute a step under its name."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Fetch a small result."""


@dataclass(frozen=True, slots=True)
class Bulk:
    """Who does the work on whole tables.

    Attributes:
        remote: Address of a Spark Connect server, `sc://host:15002`; empty for DuckDB in process. May hold a token: never shown.
    """

    remote: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if self.remote and not _CONNECT.match(self.remote):
            raise Malformed("this is no address of a Spark Connect server", fields={"engine": "duckdb, or sc://host:15002"})

    @property
    def label(self) -> str:
        """What may be shown of it: `duckdb`, or the address without what follows the port."""
        found = _CONNECT.match(self.remote)
        return found[0] if found else "duckdb"


EMBEDDED = Bulk()
"""DuckDB in process."""
