# SPDX-License-Identifier: Apache-2.0
"""The front door of organisations: who is who, which applications there are, which days are worked."""

from datong.contexts.organisations.domain import ApplicationView, DepartmentView, RegionView
from datong.contexts.organisations.queries import (
    application,
    applications,
    department,
    departments,
    officer_of,
    region_tree,
    working_calendar,
)

__all__ = [
    "ApplicationView",
    "DepartmentView",
    "RegionView",
    "application",
    "applications",
    "department",
    "departments",
    "officer_of",
    "region_tree",
    "working_calendar",
]
