# SPDX-License-Identifier: Apache-2.0
"""Rows into a table of somebody else's database: the statements, in the words of PostgreSQL and of MySQL.

Kept here: rows come into a temporary table shaped like the target first; from there one transaction brings them in, whole
or not at all, and says so in a ledger table beside the target. What is compared afterwards is computed over there with
the same text of every value as here. Statements need no unique index and take none for granted.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from datong.engine.plans.delivering import Shape
from datong.kernel.errors import Malformed
from datong.kernel.labels import Labelled
from datong.kernel.sharing import DECIMAL_TYPES, FLOAT_TYPES, ItemType

LEDGER = "datong_deliveries"
STAGE = "datong_stage"
MOST_DIGITS = 38


class PushMode(Labelled):
    """How rows come into a consumer's table (写入方式)."""

    FULL = "full", "整表替换"
    APPEND = "append", "追加"
    UPSERT = "upsert", "按主键更新或插入"


@dataclass(frozen=True, slots=True)
class Order:
    """What is pushed, and how.

    Attributes:
        delivery: Number of the delivery.
        table: `table` or `schema.table`.
        columns: Item to the column it goes into; an item that is not named goes nowhere.
        mode: How.
        keys: Items that tell rows apart; an upsert needs them.
        titles: Item to what people call it, for the comments of a table made here.
        earlier: Deliveries whose commit counts as this one's: those this one tries again.
        grant: Its number, for the ledger.
        version: Of the lake table.
    """

    delivery: str
    table: str
    columns: Mapping[str, str]
    mode: PushMode
    keys: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    earlier: tuple[str, ...] = ()
    grant: str = ""
    version: int = 0

    def __post_init__(self) -> None:
        if self.mode is PushMode.UPSERT and (not self.keys or not set(self.keys) <= set(self.columns)):
            raise Malformed(
                "按主键更新需要完整的、未脱敏的主键 (an upsert needs the whole key, unmasked)",
                fields={"mode": "改用整表替换 (choose full)"},
            )
        if len(set(self.columns.values())) != len(self.columns):
            raise Malformed("两个信息项写入同一列 (two items go into one column)", fields={"columns": "每列一项 (one each)"})


class Words(ABC):
    """The statements in one database's words; `%s` takes a value."""

    quote = '"'
    types: ClassVar[Mapping[ItemType, str]]
    long_text = short_text = "text"
    comment_beside = False

    def name(self, *parts: str) -> str:
        """Quote a name, part by part."""
        mark = self.quote
        return ".".join(mark + part.replace(mark, mark * 2) + mark for part in parts)

    def table(self, text: str) -> str:
        """Quote the name of a table, with its schema where it is named."""
        return self.name(*text.split(".", 1))

    def beside(self, text: str, name: str) -> str:
        """Quote a table that lies in the same schema as another."""
        return self.name(*text.split(".", 1)[:-1], name)

    def ledger(self, table: str) -> str:
        """Give the statement that makes the ledger."""
        return (
            f"create table if not exists {self.beside(table, LEDGER)} (delivery varchar(40) primary key, grant_number varchar(40)"
            f" not null, target varchar(300) not null, mode varchar(16) not null, source_version bigint not null,"
            f" row_count bigint not null, row_hash numeric(40) not null,"
            f" delivered_at timestamp not null default current_timestamp)"
        )

    def create(self, order: Order, shapes: Sequence[Shape]) -> str:
        """Give the statement that makes the target."""
        cells = [self._column(order, one) for one in shapes]
        if order.keys:
            cells.append(f"primary key ({', '.join(self.name(order.columns[one]) for one in order.keys)})")
        return f"create table {self.table(order.table)} ({', '.join(cells)})"

    def _column(self, order: Order, shape: Shape) -> str:
        keyed = shape.field in order.keys
        kind = self.types.get(shape.type) or (self.short_text if keyed else self.long_text)
        if shape.type in DECIMAL_TYPES:
            kind = f"numeric({MOST_DIGITS}, {shape.scale})"
        said = f"{self.name(order.columns[shape.field])} {kind}{' not null' if keyed else ''}"
        title = order.titles.get(shape.field, "")
        return f"{said} comment {self.literal(title)}" if self.comment_beside and title else said

    def literal(self, text: str) -> str:
        """Quote a text."""
        return "'" + text.replace("'", "''") + "'"

    @abstractmethod
    def staged(self, order: Order, names: Sequence[str]) -> str:
        """Give the statement that makes the temporary table."""

    def apply(self, order: Order, names: Sequence[str]) -> list[str]:
        """Give the statements that bring the staged rows in, the last of them inserting.

        Args:
            order: What is pushed.
            names: Columns of the target, in the order of the stage.
        """
        table = self.table(order.table)
        listed = ", ".join(self.name(name) for name in names)
        if order.mode is PushMode.FULL:
            return [f"delete from {table}", f"insert into {table} ({listed}) select {listed} from {STAGE}"]
        if order.mode is PushMode.APPEND:
            return [f"insert into {table} ({listed}) select {listed} from {STAGE}"]
        same = self._same(order, "t", "s")
        kept = set(order.keys)
        others = [column for item, column in order.columns.items() if item not in kept and column in names]
        picked = ", ".join(f"s.{self.name(name)}" for name in names)
        first = self.name(order.columns[order.keys[0]])
        insert = (
            f"insert into {table} ({listed}) select {picked} from {STAGE} s left join {table} t on {same} where t.{first} is null"
        )
        return [self._update(table, same, others), insert] if others else [insert]

    def _same(self, order: Order, one: str, other: str) -> str:
        columns = [self.name(order.columns[key]) for key in order.keys]
        return " and ".join(f"{one}.{column} = {other}.{column}" for column in columns)

    @abstractmethod
    def _update(self, table: str, same: str, others: Sequence[str]) -> str:
        """Give the statement that changes the rows there are and differ."""

    def sum(self, order: Order, shapes: Sequence[Shape]) -> str:
        """Give the statement that counts and adds up what is there now: the table, or of it the rows that were brought.

        Each value becomes a text once, in a query of its own that no planner takes apart.
        """
        held = [self.raw(one.type, "t." + self.name(order.columns[one.field])) for one in shapes]
        listed = ", ".join(f"{shown} as c{place}" for place, shown in enumerate(held))
        where = f"{self.table(order.table)} t"
        if order.mode is PushMode.UPSERT:
            where += f" join {STAGE} s on {self._same(order, 't', 's')}"
        if order.mode is PushMode.APPEND:
            where = f"{STAGE} t"
        told = [f"coalesce({self.trimmed(one, f'c{place}')}, {self.sign(30)})" for place, one in enumerate(shapes)]
        row = self.joined([part for cell in told for part in (self.sign(31), cell)][1:])
        return f"select count(*), coalesce(sum({self.number(row)}), 0) from (select {listed} from {where}{self.fence}) held"

    fence = ""
    """What keeps the inner query whole."""

    def trimmed(self, shape: Shape, text: str) -> str:
        """Give the text of a decimal without needless zeros, any other as it is."""
        return f"case when {self.has_point(text)} then {self.bare(text)} else {text} end" if shape.type in DECIMAL_TYPES else text

    def raw(self, kind: ItemType, column: str) -> str:
        """Give the text of a value as `plans.delivering.compared` would, decimals with the zeros they have."""
        if kind in FLOAT_TYPES:
            return f"case when {column} is not null then '+' end"
        return self.shown(kind, column)

    @abstractmethod
    def shown(self, kind: ItemType, column: str) -> str:
        """Give the text of a value that is no fraction in floating point."""

    @abstractmethod
    def has_point(self, text: str) -> str:
        """Tell whether there is a point in a text."""

    @abstractmethod
    def bare(self, text: str) -> str:
        """Give a text with a point without the zeros at its end, and without the point were it the last."""

    @abstractmethod
    def sign(self, number: int) -> str:
        """Give a control character."""

    @abstractmethod
    def joined(self, parts: Sequence[str]) -> str:
        """Join texts."""

    @abstractmethod
    def number(self, row: str) -> str:
        """Turn a row's text into its fingerprint."""


class PostgresWords(Words):
    """PostgreSQL, and what speaks its protocol; version 10 or newer."""

    types: ClassVar[Mapping[ItemType, str]] = {
        ItemType.D: "date", ItemType.T: "timestamp with time zone", ItemType.L: "boolean", ItemType.I: "bigint",
        ItemType.F: "double precision", ItemType.B: "double precision",
    }  # fmt: skip

    def staged(self, order: Order, names: Sequence[str]) -> str:
        """Give the statement that makes the temporary table; it goes with the transaction."""
        listed = ", ".join(self.name(name) for name in names)
        return f"create temporary table {STAGE} on commit drop as select {listed} from {self.table(order.table)} with no data"

    def analyzed(self, order: Order) -> str:
        """Give the statement that tells the planner of the stage; of its columns only those that rows are matched by."""
        keys = ", ".join(self.name(order.columns[key]) for key in order.keys if key in order.columns)
        return f"analyze {STAGE} ({keys})" if keys else f"analyze {STAGE}"

    def _update(self, table: str, same: str, others: Sequence[str]) -> str:
        sets = ", ".join(f"{self.name(name)} = s.{self.name(name)}" for name in others)
        mine, theirs = (", ".join(f"{alias}.{self.name(name)}" for name in others) for alias in "ts")
        return f"update {table} t set {sets} from {STAGE} s where {same} and ({mine}) is distinct from ({theirs})"

    fence = " offset 0"

    def shown(self, kind: ItemType, column: str) -> str:
        """Give the text of a value; the session's zone is China's, so that a time without one is read as it was written."""
        forms = {
            ItemType.D: f"({column}::date)::text", ItemType.I: f"({column}::bigint)::text",
            ItemType.T: f"({column}::timestamptz at time zone 'UTC')::text",
            ItemType.L: f"case when {column}::text in ('t', 'true', '1') then 'true' when {column} is not null then 'false' end",
        }  # fmt: skip
        return forms.get(kind, f"{column}::text")

    def has_point(self, text: str) -> str:
        """Tell whether there is a point in a text."""
        return f"position('.' in {text}) > 0"

    def bare(self, text: str) -> str:
        """Give a text without the zeros and the point at its end."""
        return f"rtrim(rtrim({text}, '0'), '.')"

    def sign(self, number: int) -> str:
        """Give a control character."""
        return f"chr({number})"

    def joined(self, parts: Sequence[str]) -> str:
        """Join texts; null with anything is null."""
        return "(" + " || ".join(parts) + ")"

    def number(self, row: str) -> str:
        """The first 60 bits of the row's MD5."""
        return f"('x' || left(md5({row}), 15))::bit(60)::bigint"


class MysqlWords(Words):
    """MySQL and MariaDB; values of time come and go in China's time."""

    quote = "`"
    types: ClassVar[Mapping[ItemType, str]] = {
        ItemType.D: "date", ItemType.T: "datetime(6)", ItemType.L: "boolean", ItemType.I: "bigint", ItemType.F: "double",
        ItemType.B: "double",
    }  # fmt: skip
    long_text, short_text = "longtext", "varchar(255)"
    comment_beside = True

    def create(self, order: Order, shapes: Sequence[Shape]) -> str:
        """Give the statement that makes the target; texts differ when a single character does."""
        return super().create(order, shapes) + " engine = InnoDB character set utf8mb4 collate utf8mb4_bin"

    def literal(self, text: str) -> str:
        """Quote a text."""
        return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"

    def staged(self, order: Order, names: Sequence[str]) -> str:
        """Give the statement that makes the temporary table; it goes with the session."""
        listed = ", ".join(self.name(name) for name in names)
        return f"create temporary table {STAGE} as select {listed} from {self.table(order.table)} limit 0"

    def _update(self, table: str, same: str, others: Sequence[str]) -> str:
        sets = ", ".join(f"t.{self.name(name)} = s.{self.name(name)}" for name in others)
        return f"update {table} t join {STAGE} s on {same} set {sets}"

    def shown(self, kind: ItemType, column: str) -> str:
        """Give the text of a value."""
        forms = {
            ItemType.D: f"date_format({column}, '%Y-%m-%d')",
            ItemType.T: self.bare(f"date_format({column} - interval 8 hour, '%Y-%m-%d %H:%i:%s.%f')"),
            ItemType.L: f"case when {column} is null then null when {column} then 'true' else 'false' end",
        }
        return forms.get(kind, f"convert({column} using utf8mb4)")

    def has_point(self, text: str) -> str:
        """Tell whether there is a point in a text."""
        return f"locate('.', {text}) > 0"

    def bare(self, text: str) -> str:
        """Give a text without the zeros and the point at its end."""
        return f"trim(trailing '.' from trim(trailing '0' from {text}))"

    def sign(self, number: int) -> str:
        """Give a control character."""
        return f"_utf8mb4 0x{number:02x}"

    def joined(self, parts: Sequence[str]) -> str:
        """Join texts; null with anything is null."""
        return f"concat({', '.join(parts)})"

    def number(self, row: str) -> str:
        """The first 60 bits of the row's MD5."""
        return f"cast(conv(left(md5({row}), 15), 16, 10) as decimal(40))"
