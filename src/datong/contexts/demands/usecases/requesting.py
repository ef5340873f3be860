# SPDX-License-Identifier: Apache-2.0
"""From a demand that has an entry to the request for it, in one step: the request carries what the demand says.

Kept here: a demand has one request under way; it is the demand's until the provider answers.
"""

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.demands import permissions, queries
from datong.contexts.demands.domain.matching import items_of
from datong.contexts.demands.domain.stages import REQUESTED, TO_REQUEST, Stage
from datong.contexts.demands.models import Demand
from datong.contexts.demands.usecases import telling
from datong.contexts.periods import face as periods
from datong.contexts.sharing import face as sharing
from datong.kernel.actors import Officer
from datong.kernel.errors import IllegalMove
from datong.kernel.sharing import SharingType

UNDER_WAY = ("draft", "filed", "endorsed", "returned", "granted")
"""Stages of a request in which no other one is begun."""


@transaction.atomic
def request_entry(number: str, *, by: Officer) -> Demand:
    """Begin a request for the entry of a demand with its text, or give the one that is under way.

    Raises:
        Unknown: No such demand, or none visible; or the entry is gone.
        Refused: Not an applicant of its department, or the entry is not shared.
        IllegalMove: There is no entry to ask for.
    """
    row = queries.demand_of(number, by=by, lock=True)
    permissions.check_is_demander(by, row.department_id)
    if row.stage not in TO_REQUEST:
        raise IllegalMove(f"demand {number}", row.stage, Stage.FULFILLED)
    if row.request is not None and row.request.stage in UNDER_WAY:
        return row
    view = catalog.resource(row.resource_id or "", by=by)
    held = [(item.field, item.name) for item in view.items if item.sharing_type != SharingType.WITHHELD]
    found = items_of(row.items, held, catalog.other_names())
    draft = sharing.RequestDraft(
        resource=view.code,
        basis_kind=row.basis_kind,
        basis=row.basis,
        scene=row.scene,
        purpose=row.purpose,
        items=tuple(dict.fromkeys(one.field for one in found)),
    )
    periods.done_with(telling.KIND, row.number, by=by)
    row.request = sharing.draft_request(draft, by=by)
    row.save(update_fields=["request"])
    facts = {"request": row.request.number, "resource": view.code, "items": len(draft.items)}
    audit.record(REQUESTED, by=by, subject=number, facts=facts)
    return row
