# SPDX-License-Identifier: Apache-2.0
"""From draft to published: filed by the compiler, consented by the head, reviewed by the authority (809 arts. 13 to 17).

Kept here: each step locks the version, asks who may, moves the stage by the table and records its act; a return needs
an opinion, and so does publishing conditions of use beyond the list. The authority's period and the duties to update
that an entry answers follow its steps.
"""

from datetime import UTC, datetime

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import permissions, queries
from datong.contexts.catalog.domain import EDITABLE, MOVES, TAG, Stage
from datong.contexts.catalog.domain.conditions import self_made
from datong.contexts.catalog.domain.entries import check_complete
from datong.contexts.catalog.models import Version
from datong.contexts.catalog.usecases import answering, clocks, elements, guarding, laws
from datong.contexts.catalog.usecases.compiling import digest
from datong.contexts.organisations import face as organisations
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import Malformed
from datong.kernel.stages import move

LONGEST_OPINION = 2000


@transaction.atomic
def file_entry(version_id: int, *, by: Officer) -> Version:
    """Hand a draft to the department's head.

    Raises:
        Unknown: No such entry, or none visible.
        Refused: Not a compiler of the provider.
        IllegalMove: Not a draft or returned.
        Malformed: With each field still missing (809 art. 13).
    """
    row = queries.version_of(version_id, by=by, lock=True)
    permissions.check_may_edit(by, row.resource.provider_id)
    _to(row, Stage.FILED)
    draft = queries.as_draft(row)
    check_complete(draft, laws.basis_faults(draft) | elements.unknown(draft))
    row.self_made = list(self_made(row.use_conditions))
    row.filed_by, row.filed_at = by.account, datetime.now(UTC)
    row.consented_by, row.consented_at, row.due = "", None, None
    row.reviewed_by, row.reviewed_at = "", None
    return _done(row, by, facts={"digest": digest(row)})


@transaction.atomic
def consent_entry(version_id: int, *, by: Officer, opinion: str = "") -> Version:
    """Consent as the head of the provider; the authority's period begins (809 arts. 13 and 17).

    Raises:
        Unknown: No such entry, or none visible.
        Refused: Not the head, or the compiler himself, or an item goes away that live grants use.
        IllegalMove: Not filed.
    """
    row = queries.version_of(version_id, by=by, lock=True)
    permissions.check_may_consent(by, row.resource.provider_id, _compiled_by(row))
    _to(row, Stage.CONSENTED)
    _check_unharmed(row)
    now = datetime.now(UTC)
    row.opinion = _opinion(opinion)
    row.consented_by, row.consented_at = by.account, now
    clock = clocks.reviewing(row, now)
    row.due = clock.due
    answering.submitted(row, now, by=by)
    return _done(row, by, facts={"due": clock.due.isoformat(), "calendar": clock.calendar_version})


@transaction.atomic
def publish_entry(version_id: int, *, by: Officer, opinion: str = "") -> Version:
    """Publish as the authority of the provider's region; the version published before is superseded.

    Raises:
        Unknown: No such entry, or none visible.
        Refused: Not the authority of the region, or one who compiled or consented, or an item goes away that live grants
            use.
        IllegalMove: Not consented.
        Malformed: No opinion on conditions of use beyond the list.
    """
    row = queries.version_of(version_id, by=by, lock=True)
    permissions.check_may_review(by, row.resource.provider.region_id, _handled_by(row))
    _to(row, Stage.PUBLISHED)
    check_complete(queries.as_draft(row))
    _check_unharmed(row)
    now = datetime.now(UTC)
    home = row.resource
    before = Version.objects.select_for_update().filter(resource=home, stage=Stage.PUBLISHED).first()
    if before:
        before.stage = move(MOVES, f"entry {home.code}", Stage(before.stage), Stage.SUPERSEDED)
        before.save(update_fields=["stage", "changed_at"])
    row.opinion = _needed("opinion", opinion) if row.self_made else _opinion(opinion)
    row.reviewed_by, row.reviewed_at, row.published_at = by.account, now, now
    row.save()
    home.current, home.name, home.withdrawn_at, home.withdrawn_reason = row, row.name, None, ""
    home.save()
    clocks.stop(home.code, now, TAG[Stage.PUBLISHED])
    answering.published(row, now, by=by)
    if before:
        audit.record(TAG[Stage.SUPERSEDED], by=by, subject=home.code, facts={"version": before.number})
    return _done(row, by, facts={"digest": digest(row), "sharing_type": row.sharing_type, "level": row.level})


@transaction.atomic
def return_entry(version_id: int, opinion: str, *, by: Officer) -> Version:
    """Send an entry back to its compiler: the head while it is filed, the authority once consented.

    Raises:
        Unknown: No such entry, or none visible.
        Refused: Not the one who holds it now.
        IllegalMove: Neither filed nor consented.
        Malformed: No opinion.
    """
    row = queries.version_of(version_id, by=by, lock=True)
    if row.stage == Stage.CONSENTED:
        permissions.check_may_review(by, row.resource.provider.region_id, _handled_by(row))
        row.reviewed_by, row.reviewed_at = by.account, datetime.now(UTC)
        clocks.stop(row.resource.code, row.reviewed_at, TAG[Stage.RETURNED])
        answering.returned(row, by=by)
    else:
        permissions.check_may_consent(by, row.resource.provider_id, _compiled_by(row))
    _to(row, Stage.RETURNED)
    row.opinion = _needed("opinion", opinion)
    return _done(row, by, facts={"opinion": row.opinion})


@transaction.atomic
def withdraw_entry(version_id: int, reason: str, *, by: Officer) -> Version:
    """Give up a draft (its compiler), or take a published resource off the catalogue (the authority, 809 art. 27).

    Raises:
        Unknown: No such entry, or none visible.
        Refused: Not the compiler of the draft, not the authority for a published one, or someone lives on its grants.
        IllegalMove: Filed, consented or ended.
        Malformed: No reason.
    """
    row = queries.version_of(version_id, by=by, lock=True)
    home = row.resource
    if row.stage in EDITABLE:
        permissions.check_may_edit(by, home.provider_id)
    else:
        permissions.check_may_withdraw_published(by, home.provider.region_id)
        guarding.check_unused(home.code)
    ends = row.stage == Stage.PUBLISHED or home.current_id is None
    _to(row, Stage.WITHDRAWN)
    row.opinion = _needed("reason", reason)
    if ends:
        home.withdrawn_at, home.withdrawn_reason = datetime.now(UTC), row.opinion
        home.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    return _done(row, by, facts={"reason": row.opinion, "resource_ends": ends})


def _to(row: Version, wanted: Stage) -> None:
    row.stage = move(MOVES, f"entry {row.resource.code}", Stage(row.stage), wanted)


def _done(row: Version, by: Officer, *, facts: dict[str, object]) -> Version:
    row.revision += 1
    row.save()
    audit.record(TAG[Stage(row.stage)], by=by, subject=row.resource.code, facts={"version": row.number, **facts})
    return row


def _check_unharmed(row: Version) -> None:
    shown = row.resource.versions.filter(stage=Stage.PUBLISHED).first()
    if shown is not None:
        before, after = (version.items.values_list("field", flat=True) for version in (shown, row))
        guarding.check_unharmed(row.resource.code, before, after)


def _handled_by(row: Version) -> frozenset[str]:
    return _compiled_by(row) | organisations.behind([(row.consented_by, row.consented_at)])


def _compiled_by(row: Version) -> frozenset[str]:
    """Those who compiled an entry, those they acted for at that time among them."""
    return organisations.behind(((row.created_by, row.created_at), (row.filed_by, row.filed_at)))


def _opinion(text: str) -> str:
    return texts.lines("opinion", text, longest=LONGEST_OPINION)


def _needed(field: str, text: str) -> str:
    cleaned = texts.lines(field, text, longest=LONGEST_OPINION)
    if not cleaned:
        raise Malformed("须填写意见或理由 (say why)", fields={field: "必填 (needed)"})
    return cleaned
