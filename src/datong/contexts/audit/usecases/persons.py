# SPDX-License-Identifier: Apache-2.0
"""Who looked at a person's data (个人信息保护法 arts. 44, 45, 54): asked by the auditor, and on record itself.

Kept here: the id is never kept: the act names the tag, so whoever asked about the same person before can be found as well.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from datong.contexts.audit import queries
from datong.contexts.audit.permissions import check_may_ask_about_persons
from datong.contexts.audit.queries.persons import Looks
from datong.contexts.audit.usecases.recording import record
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import Malformed

LONGEST_PURPOSE = 200
LEAST_PURPOSE = 4


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        person: Resident id.
        purpose: Why it is asked, kept with the act.
        since: First second, in UTC, "" for any.
        until: Last second, "" for any.
        shell: Name under which the asker is signed in to the machine of the node, "" for pages and API.
    """

    person: str
    purpose: str
    since: str = ""
    until: str = ""
    shell: str = ""


def who_looked(asked: Question, *, by: Officer) -> Looks:
    """Find the calls about a person, and record that it was asked and why before anything is told.

    Raises:
        Refused: Not the auditor.
        Malformed: No resident id, or no purpose.
        Unavailable: A log is damaged.
    """
    check_may_ask_about_persons(by)
    purpose, tag = _read(asked)
    found = queries.looks(tag, since=asked.since, until=asked.until)
    with transaction.atomic():
        facts = {"purpose": purpose, "found": len(found.items), "whole": found.whole}
        facts |= {"shell": asked.shell} if asked.shell else {}
        record("audit.person.looked_up", by=by, subject=tag, facts=facts)
    return found


def _read(asked: Question) -> tuple[str, str]:
    """Purpose and tag; what is wrong with either is told at once."""
    faults: dict[str, str] = {}
    purpose = tag = ""
    try:
        purpose = texts.line("purpose", asked.purpose, longest=LONGEST_PURPOSE, least=LEAST_PURPOSE)
    except Malformed as error:
        faults |= error.fields
    try:
        tag = queries.tag_of(asked.person)
    except Malformed as error:
        faults |= error.fields
    if faults:
        raise Malformed("查询的内容不完整 (the question is not complete)", fields=faults)
    return purpose, tag
