# SPDX-License-Identifier: Apache-2.0
"""Workbooks that go out: our template, entries exported in it, and an import's own sheet with what was wrong in each row.

Kept here: what is exported reads back as the same drafts; the sheet that comes back holds every row that was handed in.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from django.conf import settings

from datong.contexts.catalog import queries
from datong.contexts.catalog.domain import EntryDraft
from datong.contexts.catalog.domain.imports import RowState
from datong.contexts.catalog.domain.layout import (
    ENTRY_PAGE,
    GUIDE,
    ITEM_PAGE,
    entry_row,
    example,
    guide,
    item_rows,
    lists_of,
    top,
)
from datong.contexts.catalog.domain.sheets import DEEPEST_HEAD, FAULTS, OURS, RESULT, Head, Kind, find_head
from datong.contexts.catalog.domain.telling import ENGLISH, elsewhere, lacking, remarks
from datong.contexts.catalog.models import ImportJob, ImportRow, Version
from datong.engine import face as engine
from datong.engine.base import Row
from datong.wire.workbooks import Cell, Page, write

LACKING = "报送前还须补填："


def write_template(target: Path | IO[bytes]) -> None:
    """Write our own template: instructions, a sheet of entries and one of items with heads, clauses, lists and an example."""
    _write(target, [example()], marked=True)


def write_entries(target: Path | IO[bytes], rows: Iterable[Version]) -> None:
    """Write entries in our template, each with its code."""
    _write(target, ((queries.as_draft(row), row.resource.code) for row in rows), marked=False)


def _write(target: Path | IO[bytes], entries: Iterable[tuple[EntryDraft, str]], *, marked: bool) -> None:
    items: list[tuple[EntryDraft, str]] = []

    def entry_rows() -> Iterator[Sequence[object]]:
        yield from top(ENTRY_PAGE)
        for draft, code in entries:
            items.append((draft, code))
            yield entry_row(draft, code, marked=marked)

    def all_items() -> Iterator[Sequence[object]]:
        yield from top(ITEM_PAGE)
        for draft, _code in items:
            yield from item_rows(draft, marked=marked)

    pages = [
        Page(ENTRY_PAGE.title, entry_rows(), lists_of(ENTRY_PAGE), 3, ENTRY_PAGE.widths),
        Page(ITEM_PAGE.title, all_items(), lists_of(ITEM_PAGE), 3, ITEM_PAGE.widths),
        Page(GUIDE, guide(), widths={0: 100}),
    ]
    write(target, pages)


def write_result(job: ImportJob) -> str:
    """Write the workbook of an import again with two columns more: what became of each row, and what was wrong.

    Returns:
        Its path below the uploads folder.
    """
    uploads = Path(settings.NODE_FOLDER.uploads)
    source = uploads / job.stored
    results, faults = _told(job)
    pages = [
        _page(source, sheet.name, results[sheet.name], faults[sheet.name]) for sheet in engine.sheets(source) if sheet.visible
    ]
    target = Path(job.stored).with_suffix(".result.xlsx")
    write(uploads / target, pages)
    return str(target)


def _page(source: Path, sheet: str, results: Mapping[int, str], faults: Mapping[int, Sequence[str]]) -> Page:
    """One sheet as it was handed in, its head in sight and its lists to choose from, so that it is corrected where it stands."""
    rows = list(engine.sheet_rows(source, sheet))
    head = find_head(rows[:DEEPEST_HEAD])
    if head is None:
        return Page(sheet, _rows(rows, None, frozenset(), results, faults), widths={0: 100} if sheet == GUIDE else {})
    layout = ENTRY_PAGE if head.kind is Kind.ENTRIES else ITEM_PAGE
    names = list(layout.words)
    lists = {names[place]: words for place, words in lists_of(layout).items()}
    chosen = {place: lists[name] for place, name in head.known.items() if name in lists}
    widths = {place: layout.widths[names.index(name)] for place, name in head.known.items() if name in names}
    row = next(row for row in rows if row.line == head.line)
    told = frozenset(place for place, word in enumerate(row.cells) if word in OURS)
    width = max(len(row.cells) for row in rows) - len(told)
    return Page(
        sheet, _rows(rows, head, told, results, faults), chosen, head.line + 1, widths | {width: 24, width + 1: 60}
    )  # fmt: skip


def _rows(
    rows: Sequence[Row], head: Head | None, told: frozenset[int], results: Mapping[int, str], faults: Mapping[int, Sequence[str]]
) -> Iterator[Sequence[object]]:
    """Rows at the lines they had; what became of them stands behind the widest, with its words in the head's row."""
    width, last = max((len(row.cells) for row in rows), default=0), 0
    for row in rows:
        yield from ([] for _ in range(last + 1, row.line))
        last, whole = row.line, [*row.cells, *[None] * (width - len(row.cells))]
        cells = [cell for place, cell in enumerate(whole) if place not in told]
        if head is not None and row.line == head.line:
            yield [Cell(word, "head") for word in [*cells, RESULT, FAULTS]]
        else:
            yield [*cells, results.get(row.line, ""), Cell("\n".join(faults.get(row.line, ())), "fault")]


def _told(job: ImportJob) -> tuple[dict[str, dict[int, str]], dict[str, dict[int, list[str]]]]:
    """By sheet and line: what became of it, and the sentences about it."""
    results: dict[str, dict[int, str]] = defaultdict(dict)
    faults: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in job.rows.select_related("version__resource").iterator():
        word, place = RowState(row.state).label, (row.sheet, row.line)
        results[row.sheet][row.line] = f"{word} {row.version.resource.code}" if row.version else word
        told = remarks(place, row.item_lines, row.faults, row.flags)
        for one in told:
            faults[one.sheet][one.line].append(one.chinese)
        faults[row.sheet][row.line] += filter(None, [elsewhere(told, place), _lacking(row)])
    for one in job.orphans:
        faults[one["sheet"]][one["line"]].append(ENGLISH.sub("", one["reason"]))
    return results, faults


def _lacking(row: ImportRow) -> str:
    named = lacking(row.draft) if row.version else []
    return f"{LACKING}{'、'.join(named)}" if named else ""
