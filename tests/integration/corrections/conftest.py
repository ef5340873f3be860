# SPDX-License-Identifier: Apache-2.0
"""Every test here begins and ends with empty folders, and reads sources in this process."""

from __future__ import annotations

import pytest

from datong.engine import face as engine
from factories import folders


@pytest.fixture(autouse=True)
def _empty_folders():
    folders.empty()
    yield
    folders.empty()


@pytest.fixture(autouse=True)
def _look_here(monkeypatch):
    """Starting a process to look at a source takes a second."""
    monkeypatch.setattr(engine, "apart", lambda task, *given, seconds=None, **more: task(*given, **more))
