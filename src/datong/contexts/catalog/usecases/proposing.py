# SPDX-License-Identifier: Apache-2.0
"""反向编目: look at a database or a file, propose entries, compile what a person confirmed.

Kept here: only a compiler looks, and that he did is on record with the names of the tables; a proposal is stored
nowhere; what is compiled is what came back from the person, never the proposal itself.
"""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions
from datong.contexts.catalog.domain import EntryDraft
from datong.contexts.catalog.domain.proposals import Proposal, propose
from datong.contexts.catalog.models import Version
from datong.contexts.catalog.usecases.compiling import keep_secrets_out
from datong.contexts.catalog.usecases.entering import enter
from datong.contexts.catalog.usecases.holding import Offer, sweep
from datong.contexts.connections import face as connections
from datong.engine import face as engine
from datong.engine.base import Table
from datong.kernel.actors import Officer
from datong.kernel.errors import Malformed
from datong.kernel.sharing import FormatClass

MOST_TABLES = 10
SECONDS = 100
FORMATS = {
    "postgres": (FormatClass.DATABASE, "postgresql"),
    "mysql": (FormatClass.DATABASE, "mysql"),
    "sqlite": (FormatClass.DATABASE, "sqlite"),
    "csv": (FormatClass.SPREADSHEET, "csv"),
    "xlsx": (FormatClass.SPREADSHEET, "xlsx"),
    "parquet": (FormatClass.SELF_DESCRIBING, "parquet"),
}


def list_tables(offer: Offer, *, by: Officer) -> list[Table]:
    """List the tables a database holds; a file holds none.

    Raises:
        Refused: Not a compiler.
        Malformed: The database cannot be reached or read.
        Unavailable: It took too long.
    """
    permissions.check_may_compile(by)
    held = _database(offer, by)
    return [] if held is None else engine.apart(engine.tables, held, seconds=SECONDS)


def propose_entries(offer: Offer, tables: Sequence[tuple[str, str]] = (), *, by: Officer) -> list[Proposal]:
    """Propose one entry for each table, or one for a file.

    Args:
        offer: Database or file.
        tables: (schema, name) of each; none for a file.
        by: A compiler.

    Raises:
        Refused: Not a compiler.
        Malformed: No table chosen, too many, one that is not there, or a source that cannot be read.
        Unavailable: It took too long.
    """
    permissions.check_may_compile(by)
    held = _database(offer, by)
    what = _file(offer) if held is None else _chosen(held, tables)
    surveys = engine.apart(engine.survey, held, what, seconds=SECONDS)
    sweep()
    _record(offer, [survey.label for survey in surveys], by)
    format_class, format_type = FORMATS[offer.kind]
    return [propose(survey, format_class=format_class.value, format_type=format_type) for survey in surveys]


def compile_proposed(drafts: Sequence[EntryDraft], *, by: Officer) -> list[Version]:
    """Compile what a person confirmed: all entries or none.

    Raises:
        Refused: Not a compiler, or a secret (the attempt is recorded).
        Malformed: With every field at fault, as `0.items.3.name`.
    """
    permissions.check_may_compile(by)
    for draft in drafts:
        keep_secrets_out(draft, subject=by.department, by=by)
    return _compile_all(drafts, by)


@transaction.atomic
def _compile_all(drafts: Sequence[EntryDraft], by: Officer) -> list[Version]:
    done = enter(drafts, by=by)
    faults = {f"{place}.{name}": words for place, error in done.faults.items() for name, words in error.fields.items()}
    if faults or not drafts:
        raise Malformed(
            "请确认要编入的信息项，并改正标出的内容 (confirm items and correct what is marked)",
            fields=faults or {"ticks": "没有勾选任何信息项 (nothing is ticked)"},
        )
    audit.record_all(done.deeds, by=by)
    return list(done.made.values())


def _database(offer: Offer, by: Officer) -> Any:
    if offer.kind == "sqlite":
        return engine.SqliteDatabase(offer.path)
    if offer.connection:
        return engine.database(connections.database(offer.connection, department=by.department))
    return engine.database(connections.bound(offer.dsn)) if offer.dsn else None


def _file(offer: Offer) -> Any:
    options = offer.options
    if offer.kind == "csv":
        spoken = {name: options.get(name) for name in ("encoding", "delimiter")}
        return engine.CsvSource(offer.path, name=offer.name, **spoken)
    if offer.kind == "xlsx":
        row = int(options.get("header_row") or 1)
        return engine.XlsxSource(offer.path, sheet=options.get("sheet"), header_row=row, name=offer.name)
    return engine.ParquetSource(offer.path, name=offer.name)


def _chosen(held: Any, tables: Sequence[tuple[str, str]]) -> list[Table]:
    if not 1 <= len(tables) <= MOST_TABLES:
        raise Malformed(
            "请选择库表 (choose tables)",
            fields={"tables": f"一次选 1 到 {MOST_TABLES} 张表 (1 to {MOST_TABLES} tables at a time)"},
        )
    known = {(one.schema, one.name): one for one in engine.apart(engine.tables, held, seconds=SECONDS)}
    missing = [name for schema, name in tables if (schema, name) not in known]
    if missing:
        raise Malformed("没有这些表 (there are no such tables)", fields={"tables": "、".join(missing)[:500]})
    return [known[one] for one in tables]


@transaction.atomic
def _record(offer: Offer, labels: list[str], by: Officer) -> None:
    facts = {"kind": offer.kind, "sources": [label[:200] for label in labels], "digest": offer.digest}
    audit.record("catalog.source.surveyed", by=by, subject=by.department, facts=facts)
