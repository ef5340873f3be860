# SPDX-License-Identifier: Apache-2.0
"""The front door of organisations: who is who, which applications there are, which days are worked."""

from datong.contexts.organisations.domain import (
    AccountView,
    Answered,
    ApplicationView,
    DelegationView,
    DepartmentView,
    RegionView,
)
from datong.contexts.organisations.queries import (
    application,
    applications,
    behind,
    calendar_of,
    delegations,
    department,
    department_names,
    departments,
    holders,
    officer_named,
    officer_of,
    people_at,
    region,
    region_names,
    region_tree,
    working_calendar,
)
from datong.contexts.organisations.usecases import answer_once, first_administrator, forget_answers, seed

__all__ = [
    "AccountView",
    "Answered",
    "ApplicationView",
    "DelegationView",
    "DepartmentView",
    "RegionView",
    "answer_once",
    "application",
    "applications",
    "behind",
    "calendar_of",
    "delegations",
    "department",
    "department_names",
    "departments",
    "first_administrator",
    "forget_answers",
    "holders",
    "officer_named",
    "officer_of",
    "people_at",
    "region",
    "region_names",
    "region_tree",
    "seed",
    "working_calendar",
]
