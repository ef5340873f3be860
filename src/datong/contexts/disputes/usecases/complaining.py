# SPDX-License-Identifier: Apache-2.0
"""Complaining as anybody, without signing in, and looking up how the complaint stands (809 art. 37).

Kept here: only what is needed is asked for; the code is random, given once and kept as a keyed hash; an unknown number
and a wrong code get the same answer in the same steps.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.disputes.domain.complaints import TAG, About, Stage, Step
from datong.contexts.disputes.models import Complaint, ComplaintEntry
from datong.contexts.disputes.permissions import RULE_37
from datong.contexts.disputes.queries.sealing import Letter, hash_of_code, seal_letter
from datong.contexts.disputes.usecases import knocking, telling
from datong.contexts.periods import face as periods
from datong.kernel import texts
from datong.kernel.actors import SYSTEM
from datong.kernel.errors import Conflict, Malformed, Unknown

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 16
LONGEST_WORDS = 4000
SHORTEST_WORDS = 10
LONGEST_LINE = 200
LONGEST_TYPED = 64


@dataclass(frozen=True, slots=True)
class Given:
    """A complaint as it was typed.

    Attributes:
        about: What it is about.
        words: The complaint.
        department: Department it names; may be empty.
        contact: How to reach the complainant; may be empty.
        trap: A field people do not see; programs fill it.
        form: Random name of the form it came with.
    """

    about: str
    words: str
    department: str = ""
    contact: str = ""
    trap: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """What the complainant gets, once: the number and the code for looking it up."""

    number: str
    code: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a complaint stands, as its complainant sees it: no name of an official, nothing of what he wrote himself."""

    number: str
    stage: Stage
    about: About
    filed_at: datetime
    assigned_at: datetime | None
    department_name: str
    closed_at: datetime | None
    answer: str


def file_complaint(given: Given, *, address: str) -> Filed:
    """File a complaint.

    Raises:
        TooOften: Too many from one address within the hour.
        Malformed: Something lacks or does not fit; every field is named.
        Conflict: This very form was sent before.
    """
    knocking.knock(knocking.FILE, address)
    letter = _letter(given)
    code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
    with transaction.atomic():
        return _file(given, letter, code)


def _file(given: Given, letter: Letter, code: str) -> Filed:
    now = datetime.now(UTC)
    number = periods.next_number("P", now)  # its lock lets the same form sent twice at once follow itself
    form = given.form or secrets.token_hex(16)
    if Complaint.objects.filter(form=form).exists():
        raise Conflict(
            "这份投诉已经提交，不必重复 (this complaint was handed in already)",
            remedy="用提交时给出的编号和查询码查询 (look it up with the number and code you were given)",
        )
    row = Complaint.objects.create(
        number=number,
        code_hash=hash_of_code(code),
        form=form,
        about=given.about,
        sealed=seal_letter(letter, number),
        with_contact=bool(letter.contact),
        filed_at=now,
    )
    ComplaintEntry.objects.create(complaint=row, kind=Step.FILED, account=SYSTEM.account, name=SYSTEM.name, at=now)
    telling.complaint_authority(row, "收到公众投诉，请分派办理 (a complaint by the public: assign it)")
    audit.record(TAG[Stage.FILED], by=SYSTEM, subject=number, facts={"about": row.about})
    return Filed(number, "-".join(code[place : place + 4] for place in range(0, CODE_LENGTH, 4)))


def look_up(number: str, code: str, *, address: str) -> Standing:
    """Tell how a complaint stands, by its number and code.

    Raises:
        TooOften: Too many look-ups from one address within the hour.
        Unknown: There is no such complaint, or the code is another: both look alike.
    """
    knocking.knock(knocking.LOOK, address)
    asked, said = number.strip().upper(), code.upper().replace("-", "").replace(" ", "")
    readable = len(asked) <= LONGEST_TYPED and asked.isprintable()
    row = Complaint.objects.select_related("department").filter(number=asked).first() if readable else None
    held = row.code_hash if row is not None else "0" * 64
    right = hmac.compare_digest(hash_of_code(said[:LONGEST_TYPED]), held)
    if row is None or not right:
        raise Unknown(
            "编号或者查询码不对 (number or code is wrong)",
            remedy="核对提交投诉时给出的编号和查询码 (check the number and code you were given)",
        )
    return Standing(
        number=row.number,
        stage=Stage(row.stage),
        about=About(row.about),
        filed_at=row.filed_at,
        assigned_at=row.assigned_at,
        department_name=row.department.name if row.department else "",
        closed_at=row.closed_at,
        answer=row.answer,
    )


def _letter(given: Given) -> Letter:
    """Check what was typed, every field in one pass.

    Raises:
        Malformed: With every fault.
    """
    faults: dict[str, str] = {}
    if given.trap:
        faults["website"] = "此栏请留空 (leave this empty)"
    if given.about not in list(About):
        faults["about"] = "选择投诉事项 (choose what it is about)"
    cleaned = {}
    for name, longest, least in (
        ("words", LONGEST_WORDS, SHORTEST_WORDS),
        ("department", LONGEST_LINE, 0),
        ("contact", LONGEST_LINE, 0),
    ):
        read = texts.lines if name == "words" else texts.line
        try:
            cleaned[name] = read(name, getattr(given, name), longest=longest, least=least)
        except Malformed as error:
            faults |= error.fields
    if len(given.form) > LONGEST_TYPED or not given.form.isascii():
        faults["form"] = "重新打开表单 (open the form again)"
    if faults:
        raise Malformed("投诉还不能提交，见各栏提示 (not handed in yet: see the fields)", fields=faults, rule=RULE_37)
    return Letter(**cleaned)
