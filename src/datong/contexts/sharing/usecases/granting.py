# SPDX-License-Identifier: Apache-2.0
"""Making the grant: the signed document of what was decided, kept as it was signed (809 arts. 21 and 25)."""

import hashlib
from datetime import UTC, date
from typing import Any

from django.conf import settings

from datong.contexts.catalog import face as catalog
from datong.contexts.sharing.domain import Decision, Terms
from datong.contexts.sharing.models import Grant, Request
from datong.contexts.sharing.usecases.numbering import next_number
from datong.crypto import keys
from datong.kernel import canonical
from datong.kernel.actors import Officer
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
    """
    number = next_number("G", received_on(row.decided_at))
    document = _document(number, row, terms, chosen, view, by)
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
        valid_from=terms.term_from,
        valid_until=terms.term_until,
        granted_at=row.decided_at,
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
        "require_case": chosen.require_case,
        "quota_per_day": terms.quota_per_day,
        "max_rows": chosen.max_rows,
        "not_before": _iso(terms.term_from),
        "not_after": _iso(terms.term_until),
        "opinion": row.opinion,
        "decided_by": by.account,
        "decided_at": row.decided_at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
    }


def _iso(day: date) -> str:
    return day.isoformat()
