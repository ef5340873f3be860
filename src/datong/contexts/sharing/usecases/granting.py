# SPDX-License-Identifier: Apache-2.0
"""Making the grant: the signed document of what was decided, kept as it was signed (809 arts. 21 and 25).

Kept here: what changes a grant is a new one that supersedes it, in one transaction: a gateway never sees both, nor neither.
Such a grant begins on the day it is decided. One scope (resource, application, purpose) has one live grant.
"""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.periods import face as periods
from datong.contexts.sharing import queries
from datong.contexts.sharing.domain import LIVE, Decision, GrantStage, Terms
from datong.contexts.sharing.domain.disposals import DISPOSAL_TAG, RULE_27, UNSETTLED, DisposalStage
from datong.contexts.sharing.domain.rows import wants_case
from datong.contexts.sharing.models import DisposalTask, Grant, Request
from datong.contexts.sharing.usecases import moving
from datong.crypto import keys
from datong.kernel import canonical
from datong.kernel.actors import Officer
from datong.kernel.errors import Conflict, Refused
from datong.kernel.workdays import received_on
from datong.wire import grants as wire


def make(row: Request, terms: Terms, chosen: Decision, view: catalog.ResourceView, by: Officer) -> Grant:
    """Sign and keep the grant of a decided request, in the transaction of the decision.

    Args:
        row: Decided; `decided_at` dates the grant.
        terms: Settled, each item with its mask.
        chosen: The provider's words and limits.
        view: The resource as it stands.
        by: Who decides.

    Raises:
        Refused: The grant it would supersede is suspended.
        Conflict: That grant has ended for another reason than time, or another live grant has this scope.
    """
    day = received_on(row.decided_at)
    number = periods.next_number("G", row.decided_at)
    before = _superseded(row, number, by)
    if before is not None:
        terms = replace(terms, term_from=day)
    _check_alone(row)
    document = _document(number, row, terms, chosen, view, by)
    document["supersedes"] = before.number if before else None
    envelope = wire.sign(document, keys.load_signer(settings.NODE_FOLDER.key))
    body = canonical.dumps(document)
    return Grant.objects.create(
        number=number,
        request=row,
        document=body,
        signature=envelope["signature"],
        key_id=envelope["key_id"],
        algorithm=envelope["algorithm"],
        digest=hashlib.sha256(body).hexdigest(),
        resource_id=row.resource_id,
        application_id=row.application_id,
        consumer_id=row.consumer_id,
        provider_id=row.provider_id,
        purpose=row.purpose,
        supersedes=before,
        valid_from=terms.term_from,
        valid_until=terms.term_until,
        granted_at=row.decided_at,
    )


def _superseded(row: Request, number: str, by: Officer) -> Grant | None:
    """End the grant that a request amends, were it live; one that only expired meanwhile needs not be destroyed."""
    if row.amends_id is None:
        return None
    rows = Grant.objects.select_for_update(of=("self",)).select_related(*queries.SIDES)
    before = rows.get(number=row.amends_id, resource=row.resource_id, consumer=row.consumer_id)
    if before.stage == GrantStage.EXPIRED:
        _lift(before, number, by, row.decided_at)
        return None
    if before.stage == GrantStage.SUSPENDED:
        raise Refused(
            f"{before.number} 已暂停，整改恢复后才能变更 ({before.number} is suspended: put it right first)",
            remedy="先恢复该授权，或者撤销后另行申请 (resume it, or revoke it and ask anew)",
            rule=RULE_27,
        )
    if before.stage != GrantStage.ACTIVE:
        raise Conflict(
            f"{before.number} 已终止，不能变更 ({before.number} has ended)",
            fields={"amends": before.stage},
            remedy="请申请部门另行申请 (ask for a new request)",
        )
    why = f"由 {number} 取代 (superseded by {number})"
    return moving.shift(before, GrantStage.SUPERSEDED, why, by=by, at=row.decided_at, successor=number)


def _lift(before: Grant, number: str, by: Officer, at: datetime) -> None:
    task = DisposalTask.objects.select_for_update().filter(grant=before, stage__in=UNSETTLED).first()
    if task is None:
        return
    task.reason = f"由 {number} 续期 (renewed by {number})"
    moving.settle_disposal(task, DisposalStage.LIFTED, by=by, at=at)
    facts = {"grant": before.number, "reason": task.reason}
    audit.record(DISPOSAL_TAG[DisposalStage.LIFTED], by=by, subject=task.number, facts=facts)


def _check_alone(row: Request) -> None:
    scope = {"resource": row.resource_id, "application": row.application_id, "purpose": row.purpose}
    other = Grant.objects.filter(stage__in=LIVE, **scope).first()
    if other is not None:
        raise Conflict(
            f"{other.number} 已就同一资源、应用系统和目的授权 ({other.number} covers this scope already)",
            fields={"grant": other.number},
            remedy="请申请部门以变更方式申请，新授权取代原授权 (amend that grant: the new one supersedes it)",
        )


def _document(
    number: str, row: Request, terms: Terms, chosen: Decision, view: catalog.ResourceView, by: Officer
) -> dict[str, Any]:
    """What is signed: who may use which items and rows of what, why, how and until when."""
    return {
        "number": number,
        "node": settings.NODE.code,
        "request": row.number,
        "resource": view.code,
        "resource_name": view.name,
        "resource_version": view.version,
        "sharing_type": row.sharing_type,
        "provider": row.provider_id,
        "provider_name": row.provider.name,
        "department": row.consumer_id,
        "department_name": row.consumer.name,
        "application": row.application_id,
        "application_name": row.application.name,
        "channels": list(terms.channels),
        "items": [{"field": item.field, "mask": item.mask} for item in terms.items],
        "rows": [rule.plain() for rule in terms.rows],
        "purpose": row.purpose,
        "basis": {"kind": row.basis_kind, "citation": row.basis},
        "scene": row.scene,
        "scope": row.scope,
        "require_purpose": chosen.require_purpose,
        "require_case": chosen.require_case or wants_case(terms.rows),
        "delivery_mode": row.delivery_mode,
        "update_cycle": row.update_cycle,
        "quota_per_day": terms.quota_per_day,
        "max_rows": chosen.max_rows,
        "pace": {"per_second": chosen.per_second or 0, "burst": chosen.burst or 0, "at_once": chosen.at_once or 0},
        "not_before": _iso(terms.term_from),
        "not_after": _iso(terms.term_until),
        "opinion": row.opinion,
        "decided_by": by.account,
        "decided_at": row.decided_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
    }


def _iso(day: date) -> str:
    return day.isoformat()
