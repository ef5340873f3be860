# SPDX-License-Identifier: Apache-2.0
"""Reporting an error, showing proof for the case at the window, taking a report back (809 art. 26).

Kept here: the clock of ten working days starts when the report is received; the acts say what is wrong and where, never
a value of a record.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.corrections import permissions, queries
from datong.contexts.corrections.domain.stages import MOVES, OPEN, PROVED, TAG, Door, Stage
from datong.contexts.corrections.models import Correction, Evidence, Inbox
from datong.contexts.corrections.queries.values import of_report, seal_file, seal_values, values_of
from datong.contexts.corrections.usecases import telling
from datong.contexts.exchange import face as exchange
from datong.contexts.periods import face as periods
from datong.contexts.sharing import face as sharing
from datong.kernel import enclosures
from datong.kernel.actors import Officer, Role
from datong.kernel.corrections import Report, ReportKind, settle, settle_proof
from datong.kernel.enclosures import Enclosure, File
from datong.kernel.errors import IllegalMove, Malformed
from datong.kernel.stages import move

TOLD_ROLES = (
    Role.APPLICANT, Role.CONSUMER_HEAD, Role.COMPILER, Role.PROVIDER_HEAD, Role.AUTHORITY, Role.AUDITOR, Role.SECURITY,
)  # fmt: skip
"""Post that is told of the answer: the first of these the reporter holds."""


def report(
    resource: str,
    said: Report,
    *,
    by: Officer,
    grant: str = "",
    files: Sequence[File] = (),
    door: Door = Door.PAGE,
    at: datetime | None = None,
) -> Correction:
    """Report an error in a published resource; the provider's clock starts.

    Args:
        resource: Code.
        said: What is wrong.
        by: Who reports; of an application its department and client id.
        grant: Number of the grant under which the data were used, where there is one.
        files: Evidence.
        door: By which door it came.
        at: When it was received; None is now.

    Raises:
        Unknown: No such resource or grant, or none visible.
        Refused: Of no department, or of the provider itself.
        Malformed: Something lacks; every field is named.
    """
    view = catalog.resource(resource, by=by)
    permissions.check_may_report(by, view.provider)
    settled, content = settle(said), enclosures.read(files)
    _check_places(settled, view)
    if grant and door is not Door.GATEWAY:
        _check_grant(grant, view.code, by)
    return _file(view, settled, content, by=by, grant=grant, door=door, at=at or datetime.now(UTC))


@transaction.atomic
def _file(
    view: catalog.ResourceView,
    said: Report,
    content: Sequence[Enclosure],
    *,
    by: Officer,
    grant: str,
    door: Door,
    at: datetime,
) -> Correction:
    landed, number = exchange.landed(view.code), periods.next_number("C", at)
    role = next((one for one in TOLD_ROLES if by.holds(one)), Role.APPLICANT)
    made = Correction.objects.create(
        number=number,
        kind=said.kind,
        resource_id=view.code,
        version=view.version,
        batch=landed.batch if landed else None,
        provider_id=view.provider,
        department_id=by.department,
        reporter=by.account,
        reporter_role=role.value,
        door=door.value,
        grant=grant,
        item=said.item,
        sealed=seal_values(of_report(said), number),
        case=said.case,
        proof_kind=said.proof_kind,
        filed_at=at,
    )
    row = Correction.objects.select_related("resource", "provider", "department").get(pk=made.pk)
    Evidence.objects.bulk_create(
        Evidence(
            correction=row,
            name=one.name,
            digest=one.digest,
            size=len(one.content),
            sealed=seal_file(one.content, one.digest),
        )
        for one in content
    )
    clock = periods.start(periods.Rule.CORRECTION, telling.subject(row), telling.holder(row), at)
    words = f"{row.department.name}提出校核，请于 {clock.due} 前核实、更正并反馈 (an error is reported: answer by {clock.due})"
    telling.provider(row, words, by=by)
    facts = {"resource": view.code, "kind": row.kind, "item": row.item, "grant": grant, "door": row.door}
    audit.record(TAG[Stage.FILED], by=by, subject=number, facts=facts | {"files": len(content), "proof": row.proof_kind})
    return row


@transaction.atomic
def show_proof(number: str, kind: str, proof_number: str, *, by: Officer) -> Correction:
    """Write down the valid proof a citizen shows, so that the case at the window goes on (国发〔2016〕51号 art. 14).

    Raises:
        Unknown: No such report, or none visible.
        Refused: Not of the department that reported.
        IllegalMove: The report is answered already.
        Malformed: Kind or number missing.
    """
    row = queries.correction_of(number, by=by, lock=True)
    permissions.check_is_reporter(by, row.department_id)
    if row.stage not in OPEN:
        raise IllegalMove(f"report {number}", row.stage, "proof shown", remedy="the report is answered")
    kind, proof_number = settle_proof(kind, proof_number)
    held = values_of(row)
    changed = type(held)(held.key, held.found, held.expected, held.evidence, proof_number)
    row.proof_kind, row.sealed = kind, seal_values(changed, row.number)
    row.save(update_fields=["proof_kind", "sealed"])
    audit.record(PROVED, by=by, subject=number, facts={"proof": kind})
    return row


@transaction.atomic
def withdraw(number: str, note: str = "", *, by: Officer) -> Correction:
    """Take a report back before it is answered.

    Raises:
        Unknown: No such report, or none visible.
        Refused: Not of the department that reported.
        IllegalMove: Answered or withdrawn already.
    """
    row = queries.correction_of(number, by=by, lock=True)
    permissions.check_is_reporter(by, row.department_id)
    row.stage = move(MOVES, f"report {number}", Stage(row.stage), Stage.WITHDRAWN)
    row.save(update_fields=["stage"])
    settled(row, datetime.now(UTC), by=by)
    audit.record(TAG[Stage.WITHDRAWN], by=by, subject=number, facts={"note": note[:500]})
    return row


def settled(row: Correction, at: datetime, *, by: Officer) -> None:
    """Stop the clock of a report, settle its notices, and let the same report come again through the gateway."""
    periods.stop(row.number, at, TAG[Stage(row.stage)])
    periods.done_with(telling.KIND, row.number, by=by)
    Inbox.objects.filter(number=row.number).update(digest="")


def _check_places(said: Report, view: catalog.ResourceView) -> None:
    """Check that the item and the key a report names are of the resource."""
    faults = {}
    if said.item and view.item(said.item) is None:
        faults["item"] = "该资源没有此信息项 (the resource has no such item)"
    keys = {item.field for item in view.items if item.key}
    if said.kind == ReportKind.DATA and said.key and set(said.key) != keys:
        faults["key"] = f"写全主键：{'、'.join(sorted(keys)) or '—'} (give the whole key: {', '.join(sorted(keys))})"
    if faults:
        raise Malformed("所报的位置不在该资源中 (what is named is not in the resource)", fields=faults)


def _check_grant(number: str, code: str, by: Officer) -> None:
    held = sharing.grant(number, by=by)
    if held.resource != code or held.consumer != by.department:
        raise Malformed(
            "授权与资源或部门不符 (the grant is for another resource or department)",
            fields={"grant": "选择本部门的授权 (one of yours)"},
        )
