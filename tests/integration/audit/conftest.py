# SPDX-License-Identifier: Apache-2.0
"""Clerks who act, and the log they leave."""

import pytest
from django.conf import settings
from django.db import transaction

from datong.kernel.actors import Officer, Role


@pytest.fixture
def clerk():
    return Officer("clerk", "文员", "11330000000000001L", "测试厅", "330000", frozenset({Role.COMPILER, Role.APPLICANT}))


@pytest.fixture
def log():
    """Folder of the acts' evidence."""
    return settings.NODE_FOLDER.evidence / "acts"


@pytest.fixture
def act(clerk):
    """Record acts in one transaction that commits."""
    from datong.contexts.audit import face as audit  # noqa: PLC0415 - a conftest is read before Django is set up

    def do(*subjects, **facts):
        with transaction.atomic():
            return [audit.record("audit.test.done", by=clerk, subject=subject, facts=facts) for subject in subjects]

    return do
