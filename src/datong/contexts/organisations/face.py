# SPDX-License-Identifier: Apache-2.0
"""The front door of organisations: who is who, which applications there are, which days are worked."""

from datong.contexts.organisations.domain import AccountView, ApplicationView, DepartmentView, RegionView
from datong.contexts.organisations.queries import (
    application,
    applications,
    department,
    departments,
    officer_of,
    region,
    region_tree,
    working_calendar,
)
from datong.contexts.organisations.usecases import first_administrator, seed

__all__ = [
    "AccountView",
    "ApplicationView",
    "DepartmentView",
    "RegionView",
    "application",
    "applications",
    "department",
    "departments",
    "first_administrator",
    "officer_of",
    "region",
    "region_tree",
    "seed",
    "working_calendar",
]
