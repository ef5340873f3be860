# SPDX-License-Identifier: Apache-2.0
"""Everybody a story needs, in three departments, each with the password `PASSWORD` of the organisations' factory."""

from __future__ import annotations

from datong.contexts.catalog import usecases as catalog
from datong.contexts.catalog.usecases.laws import seed_laws
from datong.contexts.organisations import usecases as organisations
from datong.kernel.actors import Role
from factories.catalog import DATA_BUREAU, PROVIDER
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER

PEOPLE = {
    "bianzhi": (Role.COMPILER, PROVIDER),
    "gongan": (Role.PROVIDER_HEAD, PROVIDER),
    "shenqing": (Role.APPLICANT, CONSUMER),
    "minzheng": (Role.CONSUMER_HEAD, CONSUMER),
    "shuju": (Role.AUTHORITY, DATA_BUREAU),
    "shenji": (Role.AUDITOR, ""),
    "guanli": (Role.SYSADMIN, ""),
}


def hire() -> None:
    """Bring them in, with calendars and classes."""
    organisations.seed_calendar()
    catalog.seed_classes()
    seed_laws()
    for name, (role, department) in PEOPLE.items():
        an_account(name, roles=[role], department=a_department(department) if department else None)
