# SPDX-License-Identifier: Apache-2.0
"""Reading an index: pages of rows, totals, counts, terms.

Kept here: a reader stands on one commit; all it answers is of that commit.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import tantivy

from datong.engine.backends.text.schema import NOTE, NOTE_KEY, Compiler
from datong.engine.plans.seeking import KEY, ROW, Answer, Band, Layout, Question, Term

MOST_KEPT = 200
BROAD = 50_000
"""Entries a question finds from which on its counts are kept until the next commit."""


class Reader:
    """One commit of an index; may be shared by threads."""

    def __init__(self, searcher: tantivy.Searcher, schema: tantivy.Schema, layout: Layout) -> None:
        self._searcher, self._compiler = searcher, Compiler(schema, layout)
        self.note: Mapping[str, Any] = self._note()
        self._kept: dict[str, dict[str, tuple[tuple[str, int], ...]]] = {}

    def __len__(self) -> int:
        """How many entries there are."""
        return int(self._searcher.num_docs) - bool(self.note)

    def ask(self, question: Question, *, limit: int, offset: int = 0) -> Answer:
        """Answer a question.

        Args:
            question: What is looked for.
            limit: Most rows; 0 counts only.
            offset: Rows left out first.
        """
        query = self._compiler.query(question)
        order: dict[str, Any] = {}
        if question.order:
            order = {"order_by_field": question.order}
            order["order"] = tantivy.Order.Asc if question.rising else tantivy.Order.Desc
        found = self._searcher.search(query, limit=max(limit, 1), count=True, offset=offset if limit else 0, **order)
        places = [place for _rank, place in found.hits] if limit else []
        rows = self._searcher.fast_field_values(ROW, places) if places else []
        total = int(found.count)  # type: ignore[attr-defined]  # the stubs forgot it
        counts = self._counts_kept(question, total) if total else dict.fromkeys((*question.counted, *question.banded), ())
        return Answer(tuple(int(row) for row in rows if row is not None), total, counts)

    def holds(self, field: str, text: str) -> int:
        """How many entries hold a term; deleted ones not yet merged away may count."""
        return int(self._searcher.doc_freq(field, text))

    def has(self, key: str) -> bool:
        """Whether there is an entry of this key."""
        question = Question(must=(Term(KEY, key),))
        return bool(self.ask(question, limit=0).total)

    def terms(self, field: str, beginning: str, limit: int) -> list[str]:
        """Terms of a field that begin so."""
        return [term for term, _count in self._searcher.terms_with_prefix(field, beginning, limit=limit)]

    def numbers(self, field: str) -> tuple[list[int], list[int]]:
        """Every entry's row and its number in a field, in no order."""
        if not len(self):
            return [], []
        query = self._compiler.query(Question())
        places = [place for _rank, place in self._searcher.search(query, limit=len(self), count=False).hits]
        rows, values = (self._searcher.fast_field_values(name, places) for name in (ROW, field))
        return [int(row or 0) for row in rows], [int(value or 0) for value in values]

    def _counts_kept(self, question: Question, total: int) -> dict[str, tuple[tuple[str, int], ...]]:
        """Counts of a question that finds much are kept: they run over all of it, and a commit never changes."""
        if total < BROAD:
            return self._counts(question)
        held = (question.must, question.only, question.within, question.counted, question.banded)
        key = repr(held)
        if key not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = self._counts(question)
        return self._kept[key]

    def _counts(self, question: Question) -> dict[str, tuple[tuple[str, int], ...]]:
        counted = question.counted.items()
        wanted: dict[str, Any] = {name: {"terms": {"field": name, "size": most + 1}} for name, most in counted}  # one may be ""
        for name, bands in question.banded.items():
            wanted[name] = {"range": {"field": name, "ranges": [_range(band) for band in bands]}}
        if not wanted:
            return {}
        query = self._compiler.query(replace(question, should=()))  # what only ranks finds nothing more
        told = self._searcher.aggregate(query, wanted)
        return {name: _told(told[name]["buckets"])[: question.counted.get(name)] for name in wanted}

    def _note(self) -> Mapping[str, Any]:
        query = tantivy.Query.term_query(self._compiler.schema, KEY, NOTE_KEY, "basic")
        hits = self._searcher.search(query, limit=1).hits
        if not hits:
            return {}
        held = json.loads(self._searcher.doc(hits[0][1]).get_first(NOTE) or "{}")
        return held if isinstance(held, dict) else {}


def _range(band: Band) -> dict[str, Any]:
    ends = {"from": band.low, "to": band.high}
    return {"key": band.name} | {name: end for name, end in ends.items() if end is not None}


def _told(buckets: list[dict[str, Any]]) -> tuple[tuple[str, int], ...]:
    held = [(str(bucket["key"]), int(bucket["doc_count"])) for bucket in buckets if bucket["key"] and bucket["doc_count"]]
    return tuple(sorted(held, key=lambda one: (-one[1], one[0])))
