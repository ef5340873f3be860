# SPDX-License-Identifier: Apache-2.0
"""From our layout, entries and questions to those of tantivy.

Kept here: terms are made by the caller and only split at blanks; a number is never deleted by (the binding compares it
as another type), entries go by their text key.
"""

from __future__ import annotations

import re
from typing import Any

import tantivy

from datong.engine.plans import seeking
from datong.engine.plans.seeking import KEY, LONGEST_EDGE, ROW, Entry, Kind, Layout, Part, Question

NOTE = "note"
NOTE_KEY = "\x00note"
"""Key of the one entry that carries the index's own note; no caller's key begins so."""
OPTIONS: dict[Kind, dict[str, Any]] = {
    Kind.WORDS: {"tokenizer_name": "blanks", "index_option": "freq"},
    Kind.TERMS: {"tokenizer_name": "blanks", "index_option": "basic"},
    Kind.EDGES: {"tokenizer_name": "edges", "index_option": "basic"},
    Kind.LABEL: {"tokenizer_name": "raw", "index_option": "basic", "fast": True},
    Kind.WHOLE: {"tokenizer_name": "raw", "index_option": "basic"},
    Kind.ORDER: {"tokenizer_name": "ordered", "index_option": "basic", "fast": True},
}
TIE = 0.1
"""Part of the lesser ranks that still counts when the best of several parts ranks."""


def schema_of(layout: Layout) -> tantivy.Schema:
    """Give tantivy's schema of a layout."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field(KEY, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(NOTE, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field(ROW, fast=True)
    for name, kind in layout.fields.items():
        if kind is Kind.NUMBER:
            builder.add_unsigned_field(name, fast=True)  # ranges are read from the column as well
        else:
            builder.add_text_field(name, **OPTIONS[kind])
    return builder.build()


def opened(path: str, schema: tantivy.Schema) -> tantivy.Index:
    """Open or make an index with its tokenizers; readers reload when told."""
    index = tantivy.Index(schema, path)
    blanks, edges = tantivy.Tokenizer.whitespace(), tantivy.Tokenizer.ngram(2, LONGEST_EDGE, True)  # noqa: FBT003
    index.register_tokenizer("blanks", tantivy.TextAnalyzerBuilder(blanks).build())
    index.register_tokenizer("edges", tantivy.TextAnalyzerBuilder(edges).build())
    nothing = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(tantivy.Filter.remove_long(1))
    index.register_tokenizer("ordered", nothing.build())  # no terms: only the column is read
    index.register_fast_field_tokenizer("ordered", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).build())
    index.config_reader("manual")
    return index


def document(entry: Entry) -> tantivy.Document:
    """Give tantivy's document of an entry; value by value is three times as quick as all at once."""
    made = tantivy.Document()
    text, number = made.add_text, made.add_unsigned
    text(KEY, entry.key)
    for name, told in entry.texts.items():
        text(name, told)
    for name, label in entry.labels.items():
        text(name, label)
    number(ROW, entry.row)
    for name, value in entry.numbers.items():
        number(name, value)
    return made


def noted(note: str, layout: Layout) -> tantivy.Document:
    """Give the document of a note; it says nothing in each column, for columns that lack no entry are read soonest."""
    kinds = layout.fields.items()
    labels = {name: "" for name, kind in kinds if kind is Kind.LABEL}
    return document(Entry(NOTE_KEY, 0, {NOTE: note}, labels, {name: 0 for name, kind in kinds if kind is Kind.NUMBER}))


class Compiler:
    """Questions to tantivy's queries, for one schema."""

    def __init__(self, schema: tantivy.Schema, layout: Layout) -> None:
        self.schema, self.layout = schema, layout

    def query(self, question: Question) -> tantivy.Query:
        """Give the query of a question; without a `must` it finds every entry."""
        wanted = [(tantivy.Occur.Must, self.part(part)) for part in question.must]
        if not wanted:
            note = tantivy.Query.term_query(self.schema, KEY, NOTE_KEY, "basic")
            wanted = [(tantivy.Occur.Must, tantivy.Query.all_query()), (tantivy.Occur.MustNot, note)]
        wanted += [(tantivy.Occur.Must, tantivy.Query.const_score_query(self.part(part), 0.0)) for part in question.only]
        wanted += [(tantivy.Occur.Must, self._within(name, band)) for name, band in question.within.items()]
        wanted += [(tantivy.Occur.Should, self.part(part)) for part in question.should]
        return wanted[0][1] if len(wanted) == 1 else tantivy.Query.boolean_query(wanted)

    def part(self, part: Part) -> tantivy.Query:
        """Give the query of one part."""
        match part:
            case seeking.Term(field, text):
                return tantivy.Query.term_query(self.schema, field, text, self._option(field))
            case seeking.Starts(field, text):
                return tantivy.Query.regex_query(self.schema, field, f"{re.escape(text)}.*")
            case seeking.Like(field, text, distance):
                return tantivy.Query.fuzzy_term_query(self.schema, field, text, distance)
            case seeking.Weighted(inner, weight):
                return tantivy.Query.boost_query(self.part(inner), weight)
            case seeking.Always(inner, rank):
                return tantivy.Query.const_score_query(self.part(inner), rank)
        return self._several(part)

    def _several(self, part: seeking.Both | seeking.Either | seeking.Most) -> tantivy.Query:
        inner = [self.part(one) for one in part.parts]
        if len(inner) == 1:
            return inner[0]
        if isinstance(part, seeking.Either):
            return tantivy.Query.disjunction_max_query(inner, TIE)
        if isinstance(part, seeking.Both):
            return tantivy.Query.boolean_query([(tantivy.Occur.Must, one) for one in inner])
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in inner], part.least)

    def _within(self, name: str, band: seeking.Band) -> tantivy.Query:
        high = None if band.high is None else band.high - 1
        ranged = tantivy.Query.range_query(self.schema, name, tantivy.FieldType.Unsigned, band.low or 0, high)
        return tantivy.Query.const_score_query(ranged, 0.0)

    def _option(self, field: str) -> str:
        kind = self.layout.fields.get(field, Kind.WHOLE)
        return "freq" if kind is Kind.WORDS else "basic"
