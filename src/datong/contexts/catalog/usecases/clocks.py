# SPDX-License-Identifier: Apache-2.0
"""The statutory clocks of the catalogue, run by the periods below (809 art. 17)."""

from datetime import datetime, time

from datong.contexts.catalog.models import Removal, UpdateTicket, Version
from datong.contexts.periods import face as periods
from datong.kernel.actors import Role
from datong.kernel.workdays import SHANGHAI

stop = periods.stop


def reviewing(row: Version, at: datetime) -> periods.Clock:
    """Start the authority's period to review and publish."""
    home = row.resource
    about = periods.Subject("entry", home.code, row.name, f"/catalog/{row.pk}")
    holder = periods.Holder(Role.AUTHORITY, "", home.provider.region_id)
    return periods.start(periods.Rule.REVIEW, about, holder, at)


def removing(row: Removal, at: datetime) -> periods.Clock:
    """Start the authority's period to decide on a removal: it is an updated catalogue too."""
    home = row.resource
    about = periods.Subject("removal", row.number, home.name, f"/catalog/removals/{row.pk}")
    holder = periods.Holder(Role.AUTHORITY, "", home.provider.region_id)
    return periods.start(periods.Rule.REVIEW, about, holder, at)


def updating(row: UpdateTicket) -> periods.Clock:
    """Start the department's period to update, from the day of the event."""
    about = periods.Subject("ticket", row.number, row.reason[:300], f"/catalog/tickets/{row.pk}")
    holder = periods.Holder(Role.COMPILER, row.department_id, row.department.region_id)
    return periods.start(periods.Rule.UPDATE, about, holder, datetime.combine(row.event_on, time(), SHANGHAI))
