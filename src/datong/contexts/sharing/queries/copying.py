# SPDX-License-Identifier: Apache-2.0
"""An earlier request as the beginning of a new one, whatever became of it.

Kept here: what does not fit the catalogue or the department any more is left out, and said; a term that has passed is not
copied; a copy amends nothing.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from datong.contexts.catalog import face as catalog
from datong.contexts.sharing import permissions
from datong.contexts.sharing.domain import RequestDraft
from datong.contexts.sharing.queries.fitting import misfits
from datong.contexts.sharing.queries.requests import as_draft, request_of
from datong.kernel.actors import Officer
from datong.kernel.workdays import received_on


@dataclass(frozen=True, slots=True)
class Copy:
    """A draft taken from an earlier request; `dropped` names the fields that could not come along whole."""

    draft: RequestDraft
    dropped: tuple[str, ...]


def copy_of(number: str, *, by: Officer) -> Copy:
    """Give what a new request would say if it were copied from an earlier one of the own department.

    Raises:
        Unknown: No such request, or none visible.
        Refused: Not an applicant of the department that made it, or the resource is not shared any more.
    """
    row = request_of(number, by=by)
    permissions.check_may_edit(by, row.consumer_id)
    view = catalog.resource(row.resource_id, by=by)
    permissions.check_requestable(view.sharing_type, view.withheld_basis_rank, view.withheld_basis)
    before = replace(as_draft(row), amends="")
    after = _fitted(before, view, by.department, received_on(datetime.now(UTC)))
    changed = (name for name in ("items", "rows", "channels", "application", "delivery_mode", "update_cycle", "term_until")
               if getattr(before, name) != getattr(after, name))  # fmt: skip
    return Copy(after, tuple(changed))


def _fitted(draft: RequestDraft, view: catalog.ResourceView, consumer: str, today: date) -> RequestDraft:
    places = {name.rpartition(".")[0] if name.endswith(".field") else name for name in misfits(draft, view, consumer)}
    kept = replace(
        draft,
        items=tuple(field for place, field in enumerate(draft.items) if f"items.{place}" not in places),
        rows=tuple(rule for place, rule in enumerate(draft.rows) if f"rows.{place}" not in places),
        channels=tuple(channel for channel in draft.channels if channel in view.sharing_methods),
        application="" if "application" in places else draft.application,
    )
    if "update_cycle" in misfits(kept, view, consumer):
        kept = replace(kept, update_cycle="")
    if "delivery_mode" in misfits(kept, view, consumer):
        kept = replace(kept, delivery_mode="")
    if kept.term_until and kept.term_until < today:
        return replace(kept, term_from=None, term_until=None)
    return replace(kept, term_from=max(kept.term_from, today)) if kept.term_from and kept.term_until else kept
