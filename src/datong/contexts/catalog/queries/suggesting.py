# SPDX-License-Identifier: Apache-2.0
"""Suggestions while someone still types: other names, departments, classes, resources.

Kept here: what is suggested is read through the same predicate as what is found; without the index resources are
suggested by the beginning of their name alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from datong.contexts.catalog.domain import Suggestion
from datong.contexts.catalog.domain.asking import Asked, Asker, understand
from datong.contexts.catalog.domain.finding import HEAD, OPEN, OPENED, ORG
from datong.contexts.catalog.models import ClassNode, Resource
from datong.contexts.catalog.queries import hits, shelf
from datong.contexts.catalog.queries.entries import visible
from datong.contexts.catalog.queries.synonyms import other_names
from datong.contexts.organisations import face as organisations
from datong.engine import face as engine
from datong.engine.plans.seeking import KEY, LONGEST_EDGE, Always, Either, Part, Question, Starts, Term
from datong.kernel.actors import Officer

if TYPE_CHECKING:
    from datong.engine.backends.text.reading import Reader

MOST = 9
SOME = 2
LOOKED_AT = 24
LONGEST = 40


def suggest(q: str, *, by: Officer | None) -> tuple[Suggestion, ...]:
    """Suggest how to go on.

    Args:
        q: What is typed so far.
        by: Who types; None is the public.

    Returns:
        At most MOST, other names first, then departments, classes and resources.
    """
    text = q.strip()[:LONGEST]
    if not text or not text.isprintable():
        return ()
    reader = shelf.index().reader()
    if reader is None:
        rows = Resource.objects.filter(visible(by), name__istartswith=text).order_by("name")
        return tuple(_resources(hits.page_of(rows, 0, MOST)))
    known = other_names()
    asked = understand(text, known, engine.chinese)
    if not asked.words:
        return ()
    before = [*_names(asked), *_departments(reader, asked, by), *_classes(text)]
    rows = hits.read(reader.ask(_question(reader, asked, by), limit=LOOKED_AT).rows, by=by)
    return (*before, *list(_resources(rows))[: MOST - len(before)])


def _question(reader: Reader, asked: Asked, by: Officer | None) -> Question:
    asker = Asker(engine.chinese, with_items=False, known=reader.holds)
    whole = "".join(word.text for word in asked.words)
    begins: Part = Always(Term(HEAD, whole[:LONGEST_EDGE]), 100.0)
    must = asker.strict(asked)
    if len(whole) > 2 and asked.words[-1].kind == "chinese":  # the last character may be the first of a word to come
        must = (Either((begins, *must)),) if len(must) == 1 else must
    codes = [word.text for word in asked.words if word.kind == "code"]
    if codes:
        must = (Starts(KEY, codes[0]),) if reader.terms(KEY, codes[0], 1) else must
    return Question(must=must, should=(begins, *asker.ranks(asked)), only=() if by else (Term(OPENED, OPEN),))


def _names(asked: Asked) -> list[Suggestion]:
    found = [(word.text, name) for word in asked.words for name in word.names]
    return [Suggestion("synonym", f"{text} = {name}", name) for text, name in found[:SOME]]


def _departments(reader: Reader, asked: Asked, by: Officer | None) -> list[Suggestion]:
    """Departments whose own name is meant by every word; those with most resources first."""
    asker = Asker(engine.chinese, with_items=False, known=reader.holds)
    must = tuple(Either(tuple(asker.within(ORG, word))) for word in asked.words)
    question = Question(must=must, only=() if by else (Term(OPENED, OPEN),), counted={"provider": SOME})
    counted = reader.ask(question, limit=0).counts["provider"]
    names = organisations.department_names([code for code, _count in counted])
    return [Suggestion("department", names[code], code, str(count)) for code, count in counted if code in names]


def _classes(text: str) -> list[Suggestion]:
    rows = ClassNode.objects.filter(name__contains=text, level=2).order_by("code")[:SOME] if len(text) > 1 else ()
    return [Suggestion("class", row.name, row.code, row.code) for row in rows]


def _resources(rows: list[hits.Seen]) -> Iterator[Suggestion]:
    seen: set[str] = set()
    for row in rows:
        if row.name not in seen:
            seen.add(row.name)
            yield Suggestion("resource", row.name, row.code, row.provider_name)
