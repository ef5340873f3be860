# SPDX-License-Identifier: Apache-2.0
"""Imports someone may see: those of the own department, by its compilers and heads."""

from django.db.models import Q, QuerySet

from datong.contexts.catalog.models import ImportJob
from datong.contexts.catalog.queries.entries import DEPARTMENT_ROLES
from datong.kernel.actors import Officer
from datong.kernel.errors import Unknown


def visible_imports(by: Officer) -> Q:
    """Which imports someone sees."""
    return Q(department=by.department) if by.department and by.holds(*DEPARTMENT_ROLES) else Q(pk__in=[])


def imports(by: Officer) -> QuerySet[ImportJob]:
    """Imports someone may see, the newest first."""
    return ImportJob.objects.filter(visible_imports(by))


def import_job(number: int, *, by: Officer) -> ImportJob:
    """Give one import.

    Raises:
        Unknown: There is none, or none visible.
    """
    found = imports(by).filter(pk=number).first() if 0 < number < 2**63 else None
    if found is None:
        raise Unknown("没有此导入 (there is no such import)")
    return found
