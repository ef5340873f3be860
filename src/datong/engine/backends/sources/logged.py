# SPDX-License-Identifier: Apache-2.0
"""Changes of a PostgreSQL table out of the database's own log (logical decoding by pgoutput, over ordinary SQL).

Kept here: the source's tables are never written; its administrator lets a table out by a publication, and of ours is one
slot alone. Changes are looked at, never taken: the slot moves only when told to, so what was not kept comes again. The
table is read whole wherever the log cannot tell all: no slot, a slot that is further than what was kept or was lost, a
table or publication that is another than it was.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import errors, sql

from datong.engine.backends.sources.relational import GLANCE, SESSION, WHOLE, PostgresSource
from datong.engine.base import Block
from datong.engine.errors import SourceAway, SourceUnreadable
from datong.engine.plans import pgoutput
from datong.engine.plans.collecting import Log, Told
from datong.engine.plans.pgoutput import UNCHANGED, Cells, Change, Committed, Relation, Truncated, position, written

PLUGIN = "pgoutput"
PATIENCE, PAUSE = 60, 0.1
NO_FILE = "/nonexistent"
_BOOLEAN, _PADDED, _ADDRESS = 16, 1042, 869
"""pg_type of columns whose text in the log is another than that of a cast."""
_BOUNDARY = 1024
_HEADER = 40
"""A place so near behind the header of a page (of whatever size) may not be where a record before it ends."""
_TABLE = """
select c.oid, c.relreplident, array(select a.attname::text from pg_index i join pg_attribute a on a.attrelid = i.indrelid and
  a.attnum = any(i.indkey) where i.indrelid = c.oid and (c.relreplident = 'd' and i.indisprimary or c.relreplident = 'i' and
  i.indisreplident)), array(select array[a.attname::text, a.atttypid::text, a.atttypmod::text] from pg_attribute a where
  a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum), c.relname, n.nspname
from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass(%s) and c.relkind in ('r', 'p')"""
_PUBLICATION = """
select p.pubinsert and p.pubupdate and p.pubdelete and p.pubtruncate, to_jsonb(t), array[p.oid::text, p.xmin::text,
  (select string_agg(r.oid::text || r.xmin::text, ' ') from pg_publication_rel r where r.prpubid = p.oid and r.prrelid = %s)]
from pg_publication p left join pg_publication_tables t on t.pubname = p.pubname and t.schemaname = %s and t.tablename = %s
where p.pubname = %s"""
_SLOT = "select to_jsonb(s), s.confirmed_flush_lsn::text from pg_replication_slots s where slot_name = %s"
_PEEK = (
    "copy (select data from pg_logical_slot_peek_binary_changes({}, null, null, 'proto_version', '1', "
    "'publication_names', {})) to stdout (format binary)"
)


class WholeNeeded(Exception):
    """The log does not tell all that happened: the table is to be read whole.

    Attributes:
        emptied: Whether that is because the table was emptied at once.
    """

    def __init__(self, *, emptied: bool = False) -> None:
        super().__init__("the table is to be read whole")
        self.emptied = emptied


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a table is now."""

    number: int
    identity: str
    named: frozenset[str]
    columns: tuple[tuple[str, int], ...]
    schema: str
    name: str
    digest: str = ""


def begin(source: PostgresSource, log: Log, keys: Sequence[str]) -> Log:
    """See whether the log may be read from where it was read to; if not, make a slot to read it from now on.

    Args:
        source: The table.
        log: Slot, publication, and how far the log was read.
        keys: Columns of the source that rows are told apart by.

    Returns:
        The log; `last` is empty where the table has to be read whole, `begun` is then the place to go on from.

    Raises:
        SourceUnreadable: The server does not allow it; says what has to be set, and by whom.
        SourceAway: Not reached, or it stays too busy for a slot.
    """
    with _connected(source, PATIENCE) as connection:
        _check_server(connection)
        shape = _shape(connection, source, log, keys)
        held = connection.execute(_SLOT, (log.slot,)).fetchone()
        if held is not None and not _is_ours(connection, held[0]):
            raise _hindered("slot", f"复制槽 {log.slot} 已作他用 (the slot belongs to somebody else)")
        if held is not None and _goes_on(held, log, shape.digest):
            return replace(log, begun=log.last)
        if held is not None:
            connection.execute("select pg_drop_replication_slot(%s)", (log.slot,))
        made = connection.execute(
            "select lsn::text from pg_create_logical_replication_slot(%s, %s)", (log.slot, PLUGIN)
        ).fetchone()
        _settle(connection)
    return replace(log, last="", begun=f"{made[0] if made else ''} {shape.digest}")


def advance(dsn: str, log: Log) -> None:
    """Let the server forget the log up to the place that was kept; that it did already is well.

    Raises:
        SourceAway: Not reached, or the slot is gone or busy.
    """
    with _connected(PostgresSource(dsn, log.slot), GLANCE) as connection:
        connection.execute(
            "select pg_replication_slot_advance(slot_name, %(to)s::pg_lsn) from pg_replication_slots "
            "where slot_name = %(slot)s and confirmed_flush_lsn < %(to)s::pg_lsn",
            {"slot": log.slot, "to": log.last.partition(" ")[0]},
        )


def drop(dsn: str, slot: str) -> None:
    """Remove a slot, so that the server keeps its log for nobody; that there is none is well.

    Raises:
        SourceAway: Not reached, or the slot is busy.
    """
    with _connected(PostgresSource(dsn, slot), GLANCE) as connection:
        connection.execute(
            "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = %s and plugin = %s",
            (slot, PLUGIN),
        )


class LoggedChanges:
    """Changes of a table since a place in the log, as rows with what became of each (see `Told`) in one more column.

    Attributes:
        end: The place up to which all was told; right once all blocks were given.
    """

    def __init__(self, source: PostgresSource, log: Log, keys: Sequence[int]) -> None:
        self.end = log.last
        self._source, self._log, self._keys = source, log, tuple(keys)
        self._texts: list[int] = []
        self._names: list[str] = []

    def blocks(self) -> Iterator[Block]:
        """Give the changes in the order of their commits.

        Raises:
            WholeNeeded: The table was emptied, or was another meanwhile.
            SourceAway: The source broke off.
        """
        with _connected(self._source, WHOLE) as connection, _connected(self._source, WHOLE) as beside:
            table = sql.Identifier(*self._source.table.split(".", 1)).as_string(connection)
            described = connection.execute(f"select * from {table} limit 0").description or []
            self._names, self._texts = [one.name for one in described], [one.type_code for one in described]
            shape = _shape(connection, self._source, self._log, ())
            passed = _checkpoint(connection)
            heard, line, held = _Heard(shape, self._names), 1, []
            for told, cells in heard.rows(_messages(connection, self._log)):
                held.append((told, cells))
                if len(held) >= self._source.limits.block_rows:
                    yield self._block(beside, held, line)
                    line, held = line + len(held), []
            if held:
                yield self._block(beside, held, line)
            place = max(position(self._log.last.partition(" ")[0]), heard.end, passed)
            self.end = f"{written(place)} {shape.digest}"

    def _block(self, beside: psycopg.Connection[Any], held: list[tuple[Told, Cells]], line: int) -> Block:
        rows = [(told, tuple(map(_text, cells, self._texts))) for told, cells in held]
        asked = list({self._key(cells) for told, cells in rows if told is Told.ROW and UNCHANGED in cells})
        now = self._now(beside, asked) if asked else {}
        plain = [self._plain(told, cells, now) for told, cells in rows]
        return Block(range(line, line + len(plain)), list(zip(*plain, strict=True)))

    def _key(self, cells: Cells) -> tuple[str, ...]:
        key = tuple(cells[place] for place in self._keys)
        if not all(isinstance(cell, str) for cell in key):
            raise WholeNeeded
        return key  # type: ignore[return-value]  # each was looked at

    def _plain(self, told: Told, cells: Cells, now: dict[tuple[str, ...], tuple[Any, ...]]) -> tuple[Any, ...]:
        if told is Told.ROW and UNCHANGED in cells:
            found = now.get(self._key(cells))
            told, cells = (Told.NOW, found) if found is not None else (Told.GONE_NOW, cells)
        return (*(None if cell is UNCHANGED else cell for cell in cells), told.value)

    def _now(self, beside: psycopg.Connection[Any], keys: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], tuple[Any, ...]]:
        """Rows as they are at this moment: what was left out of a change is not in the log at all."""
        texts = [sql.SQL("{}::text").format(sql.Identifier(name)) for name in self._names]
        wanted = [sql.Identifier(self._names[place]) for place in self._keys]
        told = [sql.SQL("{}::text").format(name) for name in wanted]
        query = sql.SQL("select {} from {} where ({}) in (select * from unnest({}))").format(
            sql.SQL(", ").join(texts),
            sql.Identifier(*self._source.table.split(".", 1)),
            sql.SQL(", ").join(told),
            sql.SQL(", ").join(sql.SQL("%s::text[]") for _ in wanted),
        )
        found = beside.execute(query, [list(column) for column in zip(*keys, strict=True)]).fetchall()
        return {tuple(row[place] for place in self._keys): row for row in found}


class _Heard:
    """Messages turned into rows of the columns there are now."""

    def __init__(self, shape: _Shape, names: Sequence[str]) -> None:
        self.end = 0
        self._shape, self._names = shape, names
        self._places: list[int | None] = []

    def rows(self, messages: Iterator[bytes]) -> Iterator[tuple[Told, Cells]]:
        """Give what became of rows."""
        for message in messages:
            said = pgoutput.read(message)
            if isinstance(said, Committed):
                self.end = said.end
            elif isinstance(said, Relation) and said.number == self._shape.number:
                self._settle(said)
            elif isinstance(said, Truncated) and self._shape.number in said.relations:
                raise WholeNeeded(emptied=True)
            elif isinstance(said, Change) and said.relation == self._shape.number:
                yield from self._told(said)

    def _settle(self, said: Relation) -> None:
        """Find each column; one whose type was another cannot be told by its text."""
        kinds, there = dict(self._shape.columns), {name: place for place, (name, _) in enumerate(said.columns)}
        if any(kinds.get(name, kind) != kind for name, kind in said.columns):
            raise WholeNeeded
        self._places = [there.get(name) for name in self._names]

    def _told(self, said: Change) -> Iterator[tuple[Told, Cells]]:
        old = None if said.old is None else self._placed(said.old)
        if old is not None:
            yield Told.GONE, old
        if said.new is None:
            return
        new = self._placed(said.new)
        if old is not None:
            new = tuple(
                before if cell is UNCHANGED and before is not None else cell for cell, before in zip(new, old, strict=True)
            )
        yield Told.ROW, new

    def _placed(self, cells: Cells) -> Cells:
        if not self._places or any(place is not None and place >= len(cells) for place in self._places):
            raise WholeNeeded
        return tuple(UNCHANGED if place is None else cells[place] for place in self._places)


def _messages(connection: psycopg.Connection[Any], log: Log) -> Iterator[bytes]:
    name = sql.Identifier(log.publication).as_string(connection)
    query = sql.SQL(_PEEK).format(sql.Literal(log.slot), sql.Literal(name))
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        copy.set_types(["bytea"])
        for row in copy.rows():
            yield row[0]


def _text(cell: Any, kind: int) -> Any:
    """Give a cell as a cast to text would: the log writes with the output function of the type."""
    if not isinstance(cell, str):
        return cell
    if kind == _BOOLEAN:
        return {"t": "true", "f": "false"}.get(cell, cell)
    if kind == _PADDED:
        return cell.rstrip(" ")
    if kind == _ADDRESS and "/" not in cell:
        return cell + ("/128" if ":" in cell else "/32")
    return cell


def _check_server(connection: psycopg.Connection[Any]) -> None:
    level, replica = connection.execute("select current_setting('wal_level'), pg_is_in_recovery()").fetchone() or ("", True)
    if replica:
        raise _hindered("server", "连接主库，备库不给出日志 (connect the primary server, not a standby)")
    if level != "logical":
        words = f"对方库管理员设 wal_level = logical 并重启，现为 {level} (its administrator sets wal_level and restarts)"
        raise _hindered("wal_level", words)


def _shape(connection: psycopg.Connection[Any], source: PostgresSource, log: Log, keys: Sequence[str]) -> _Shape:
    quoted = sql.Identifier(*source.table.split(".", 1)).as_string(connection)
    row = connection.execute(_TABLE, (quoted,)).fetchone()
    if row is None:
        raise _hindered("table", "只有库表有日志，视图没有 (only a table has a log, no view has)")
    number, identity, named, columns, name, schema = row
    let = _check_publication(connection, quoted, number, schema, name, log)
    told = frozenset(one[0] for one in columns) if identity == "f" else frozenset(named)
    lacking = [key for key in keys if key not in told]
    if lacking:
        words = (
            f"日志里的旧行没有主键列 {'、'.join(lacking)[:200]}：在库表上建同样的主键，或由库表属主执行 alter table {quoted} "
            "replica identity full (the log does not tell these columns of a row that goes)"
        )
        raise _hindered("replica_identity", words)
    digest = hashlib.sha256(json.dumps([number, identity, sorted(told), columns, let], default=str).encode()).hexdigest()[:16]
    kinds = tuple((one[0], int(one[1])) for one in columns)
    return _Shape(number, identity, told, kinds, schema, name, digest)


def _check_publication(connection: psycopg.Connection[Any], quoted: str, number: int, schema: str, name: str, log: Log) -> Any:
    row = connection.execute(_PUBLICATION, (number, schema, name, log.publication)).fetchone()
    if row is None or row[1] is None:
        wanted = sql.Identifier(log.publication).as_string(connection)
        words = (
            f"由库表属主执行 create publication {wanted} for table {quoted}，分区表再加 with (publish_via_partition_root) "
            "(the table's owner makes the publication, or adds the table to it)"
        )
        raise _hindered("publication", words)
    everything, told, let = row
    if not everything or told.get("rowfilter"):
        words = "发布须含 insert、update、delete、truncate，不带行过滤 (it publishes all four, without filtering rows)"
        raise _hindered("publication", words)
    return [let, told.get("attnames")]


def _is_ours(connection: psycopg.Connection[Any], slot: dict[str, Any]) -> bool:
    return bool(slot["plugin"] == PLUGIN and slot["database"] == connection.info.dbname)


def _goes_on(held: tuple[Any, ...], log: Log, digest: str) -> bool:
    slot, confirmed = held
    place, _, shape = log.last.partition(" ")
    lost = slot.get("wal_status", "") in ("lost", None) or slot.get("invalidation_reason")
    return bool(place and shape == digest and not lost and confirmed and position(confirmed) <= position(place))


def _settle(connection: psycopg.Connection[Any]) -> None:
    """Wait until all sessions see what was committed before the slot: a commit is in the log a moment before it is seen."""
    running = "select txid_snapshot_xip(txid_current_snapshot())"
    waiting = {row[0] for row in connection.execute(running)}
    ends = time.monotonic() + PATIENCE
    while waiting:
        if time.monotonic() > ends:
            raise _busy()
        time.sleep(PAUSE)
        waiting &= {row[0] for row in connection.execute(running)}


def _checkpoint(connection: psycopg.Connection[Any]) -> int:
    """Give a place up to which the log may be forgotten though no change of this table lies there; 0 for none."""
    try:
        row = connection.execute("select checkpoint_lsn::text from pg_control_checkpoint()").fetchone()
    except (errors.UndefinedFunction, errors.InsufficientPrivilege):
        return 0
    place = position(row[0]) if row else 0
    return place if place % _BOUNDARY > _HEADER else 0


@contextmanager
def _connected(source: PostgresSource, seconds: int) -> Iterator[psycopg.Connection[Any]]:
    """A read-only session of single statements; what the server says of its settings becomes words."""
    try:
        options = SESSION.format(seconds)
        opened = psycopg.connect(source.dsn, connect_timeout=10, options=options, passfile=NO_FILE, autocommit=True)
        with closing(opened) as connection:
            yield connection
    except errors.InsufficientPrivilege:
        words = "由管理员执行 alter role 账号 replication (its administrator gives the account the right to replicate)"
        raise _hindered("account", words) from None
    except (errors.ConfigurationLimitExceeded, errors.ObjectNotInPrerequisiteState):
        words = "由管理员调大 max_replication_slots，或者清除无用的复制槽 (more slots are needed there, or sound ones)"
        raise _hindered("slot", words) from None
    except errors.QueryCanceled:
        raise _busy() from None
    except psycopg.Error as error:
        raise SourceAway(
            f"数据库日志读不到或者中途断开：{source.table} (the log cannot be read, or broke off)",
            fields={"dsn": type(error).__name__},
            remedy="检查地址、账号和防火墙 (check address, account and firewall)",
        ) from None


def _busy() -> SourceAway:
    return SourceAway(
        "对方数据库有长事务，建不了复制槽或者读不完日志 (a long transaction there keeps the log from being read)",
        fields={"log": f"{PATIENCE} s"},
        remedy="等长事务结束后重试 (try again when it has ended)",
    )


def _hindered(field: str, words: str) -> SourceUnreadable:
    return SourceUnreadable(
        "不能按数据库日志归集 (this table cannot be collected by the log of its database)", fields={field: words}, remedy=words
    )
