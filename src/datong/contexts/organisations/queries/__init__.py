# SPDX-License-Identifier: Apache-2.0
"""Reads of organisations; each model has one predicate of visibility, used by every list, page and API."""

from datong.contexts.organisations.queries.applications import (
    application,
    application_names,
    applications,
    visible_applications,
)
from datong.contexts.organisations.queries.calendars import calendar_of, newest_years, working_calendar
from datong.contexts.organisations.queries.delegations import (
    behind,
    delegation,
    delegation_view,
    delegations,
    visible_delegations,
)
from datong.contexts.organisations.queries.people import (
    account,
    account_names,
    accounts,
    as_officers,
    holders,
    officer,
    officer_named,
    officer_of,
    people_at,
    visible_accounts,
    with_roles,
)
from datong.contexts.organisations.queries.places import (
    department,
    department_names,
    departments,
    region,
    region_names,
    region_tree,
    regions_below,
)

__all__ = [
    "account",
    "account_names",
    "accounts",
    "application",
    "application_names",
    "applications",
    "as_officers",
    "behind",
    "calendar_of",
    "delegation",
    "delegation_view",
    "delegations",
    "department",
    "department_names",
    "departments",
    "holders",
    "newest_years",
    "officer",
    "officer_named",
    "officer_of",
    "people_at",
    "region",
    "region_names",
    "region_tree",
    "regions_below",
    "visible_accounts",
    "visible_applications",
    "visible_delegations",
    "with_roles",
    "working_calendar",
]
