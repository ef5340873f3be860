# SPDX-License-Identifier: Apache-2.0
"""Handling complaints: the authority assigns, the department replies, the authority sends back or closes (809 art. 37).

Kept here: a reply that was sent back stays in the record; the acts hold no word of the complaint.
"""

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.disputes import permissions, queries
from datong.contexts.disputes.domain.complaints import MOVES, TAG, Stage, Step
from datong.contexts.disputes.models import Complaint, ComplaintEntry
from datong.contexts.disputes.usecases import telling
from datong.contexts.organisations import face as organisations
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import IllegalMove, Malformed, Unknown
from datong.kernel.stages import move

LONGEST = 4000
SENT_BACK = "disputes.complaint.sent_back"


@transaction.atomic
def assign(number: str, department: str, note: str = "", *, by: Officer) -> Complaint:
    """Assign a complaint to a department, or to another one than before.

    Raises:
        Unknown: No such complaint, or none visible.
        Refused: Not the authority.
        IllegalMove: Replied or closed already.
        Malformed: No such department in work.
    """
    row = queries.complaint_of(number, by=by, lock=True)
    permissions.check_is_authority(by)
    _move(row, Stage.ASSIGNED)
    home = _department(department)
    words = texts.lines("note", note, longest=LONGEST)
    row.department_id, row.assigned_by, row.assigned_at = home.uscc, by.account, datetime.now(UTC)
    row.replied_by, row.replied_at = "", None
    row.save()
    row = Complaint.objects.select_related("department").get(pk=row.pk)
    _write(row, Step.ASSIGNED, words, by, department_name=home.name)
    telling.complaint_done(row, by=by)
    telling.complaint_department(row, "公众投诉已分派本部门，请答复 (a complaint by the public is assigned to you)", by=by)
    audit.record(TAG[Stage.ASSIGNED], by=by, subject=number, facts={"department": home.uscc})
    return row


@transaction.atomic
def reply(number: str, words: str, *, by: Officer) -> Complaint:
    """Reply as the department it is assigned to; the authority looks at the reply before the complainant does.

    Raises:
        Unknown: No such complaint, or none visible.
        Refused: Not of that department.
        IllegalMove: Not assigned.
        Malformed: No words.
    """
    row = queries.complaint_of(number, by=by, lock=True)
    permissions.check_may_reply(by, row.department_id or "")
    _move(row, Stage.REPLIED)
    said = texts.lines("words", words, longest=LONGEST, least=1)
    row.replied_by, row.replied_at = by.account, datetime.now(UTC)
    row.save()
    _write(row, Step.REPLIED, said, by)
    telling.complaint_done(row, by=by)
    telling.complaint_authority(row, "部门已答复公众投诉，请审核办结 (the department replied: look at it and close)", by=by)
    audit.record(TAG[Stage.REPLIED], by=by, subject=number, facts={"department": row.department_id})
    return row


@transaction.atomic
def send_back(number: str, note: str, *, by: Officer) -> Complaint:
    """Send a reply that does not answer back to the department.

    Raises:
        Unknown: No such complaint, or none visible.
        Refused: Not the authority.
        IllegalMove: Nothing was replied.
        Malformed: No words on what lacks.
    """
    row = queries.complaint_of(number, by=by, lock=True)
    permissions.check_is_authority(by)
    if row.stage != Stage.REPLIED:
        raise IllegalMove(f"complaint {number}", row.stage, Stage.ASSIGNED, remedy="there is no reply to send back")
    _move(row, Stage.ASSIGNED)
    said = texts.lines("note", note, longest=LONGEST, least=1)
    row.replied_by, row.replied_at = "", None
    row.save()
    _write(row, Step.SENT_BACK, said, by)
    telling.complaint_done(row, by=by)
    telling.complaint_department(row, "答复被退回，请重新答复 (your reply was sent back: reply again)", by=by)
    audit.record(SENT_BACK, by=by, subject=number, facts={"department": row.department_id})
    return row


@transaction.atomic
def close(number: str, answer: str, *, by: Officer) -> Complaint:
    """Close a complaint with the answer its complainant reads.

    Raises:
        Unknown: No such complaint, or none visible.
        Refused: Not the authority.
        IllegalMove: Waiting for a department, or closed.
        Malformed: No answer.
    """
    row = queries.complaint_of(number, by=by, lock=True)
    permissions.check_is_authority(by)
    _move(row, Stage.CLOSED)
    row.answer = texts.lines("answer", answer, longest=LONGEST, least=1)
    row.closed_by, row.closed_at = by.account, datetime.now(UTC)
    row.save()
    _write(row, Step.CLOSED, row.answer, by)
    telling.complaint_done(row, by=by)
    if row.department:
        telling.complaint_department(row, "公众投诉已办结 (the complaint is closed)", by=by)
    audit.record(TAG[Stage.CLOSED], by=by, subject=number, facts={"department": row.department_id or ""})
    return row


def _department(code: str) -> organisations.DepartmentView:
    try:
        home = organisations.department(code.strip())
    except Unknown:
        home = None
    if home is None or not home.active:
        raise Malformed("选择办理部门 (choose a department)", fields={"department": "从列表中选择 (choose one of the list)"})
    return home


def _move(row: Complaint, wanted: Stage) -> None:
    row.stage = move(MOVES, f"complaint {row.number}", Stage(row.stage), wanted)


def _write(row: Complaint, kind: Step, words: str, by: Officer, *, department_name: str = "") -> None:
    ComplaintEntry.objects.create(
        complaint=row, kind=kind.value, words=words, department_name=department_name or by.department_name,
        account=by.account, name=by.name, at=datetime.now(UTC),
    )  # fmt: skip
