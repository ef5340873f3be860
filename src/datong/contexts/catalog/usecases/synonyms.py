# SPDX-License-Identifier: Apache-2.0
"""Other names people search by: seeded with the usual abbreviations, kept by the authority.

Kept here: a pair works both ways and at once, for questions are widened by it, never the index; every change is an act.
"""

import json
from importlib import resources

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions
from datong.contexts.catalog.models import Synonym
from datong.contexts.catalog.queries.synonyms import read_names
from datong.kernel import texts
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.errors import Conflict, Malformed, Unknown

LONGEST_TERM, LONGEST_MEANING, SHORTEST = 40, 100, 2


@transaction.atomic
def seed_synonyms(*, by: Officer = SYSTEM) -> int:
    """Add the usual pairs to a table that is still empty; what the authority took away stays away.

    Returns:
        How many were added.
    """
    if Synonym.objects.exists():
        return 0
    text = resources.files("datong.contexts.catalog").joinpath("seeds/synonyms.json").read_text("utf-8")
    pairs = [Synonym(term=term, meaning=meaning, added_by=by.account) for term, meaning in json.loads(text)["pairs"]]
    added = len(Synonym.objects.bulk_create(pairs))
    audit.record("catalog.synonyms.seeded", by=by, subject="synonyms", facts={"added": added})
    return added


@transaction.atomic
def add_synonym(term: str, meaning: str, *, by: Officer) -> Synonym:
    """Add a pair of names.

    Args:
        term: What people type, two characters or more.
        meaning: What entries say.
        by: The authority.

    Raises:
        Refused: Not the authority.
        Malformed: Too short, too long, or the same twice.
        Conflict: The pair is there.
    """
    permissions.check_may_keep_synonyms(by)
    one = texts.line("term", term, longest=LONGEST_TERM, least=SHORTEST)
    other = texts.line("meaning", meaning, longest=LONGEST_MEANING, least=SHORTEST)
    if one == other:
        raise Malformed("两个名称相同 (the same name twice)", fields={"meaning": "两个名称相同 (the same name twice)"})
    made, new = Synonym.objects.get_or_create(term=one, meaning=other, defaults={"added_by": by.account})
    if not new:
        raise Conflict("这一对同义词已存在 (the pair is there)", fields={"term": "已存在 (taken)"})
    transaction.on_commit(read_names.cache_clear)
    audit.record("catalog.synonym.added", by=by, subject=one, facts={"meaning": other})
    return made


@transaction.atomic
def drop_synonym(pk: int, *, by: Officer) -> None:
    """Take a pair away; the acts keep that it was there.

    Raises:
        Refused: Not the authority.
        Unknown: There is none.
    """
    permissions.check_may_keep_synonyms(by)
    row = Synonym.objects.select_for_update().filter(pk=pk).first() if 0 < pk < 2**63 else None
    if row is None:
        raise Unknown("没有这一对同义词 (there is no such pair)")
    row.delete()
    transaction.on_commit(read_names.cache_clear)
    audit.record("catalog.synonym.dropped", by=by, subject=row.term, facts={"meaning": row.meaning})
